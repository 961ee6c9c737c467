// Keeps the app's files, so that it opens without a network. It sees no message and no key:
// what goes to the relay's interface is not touched.
"use strict";

const FILES = {{files}};
const CACHE = "siegel-{{version}}";

self.addEventListener("install", (event) => {
  // The files' names are made of their content; only the start page could be an old one.
  const fresh = FILES.map((file) => new Request(file, { cache: file === "/" ? "reload" : "default" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
  // Where the browser can, it takes kept files without waking this script for each.
  if (event.addRoutes) event.waitUntil(event.addRoutes(FILES.map(route)));
});

function route(file) {
  const urlPattern = new URLPattern({ pathname: file, search: "", baseURL: self.location.origin });
  return { condition: { urlPattern, requestMethod: "GET" }, source: { cacheName: CACHE } };
}

self.addEventListener("activate", (event) => {
  const tidy = caches
    .keys()
    .then((names) => names.filter((name) => name.startsWith("siegel-") && name !== CACHE))
    .then((old) => Promise.all(old.map((name) => caches.delete(name))));
  event.waitUntil(tidy.then(() => self.clients.claim()));
});

// The page asks for this when a person has agreed to the new version.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (!FILES.includes(pathname)) return;
  const kept = caches.open(CACHE).then((cache) => cache.match(pathname));
  event.respondWith(kept.then((answer) => answer ?? fetch(event.request)));
});
