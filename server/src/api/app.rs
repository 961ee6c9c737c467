//! The web app: files that were built beforehand and lie in this binary. For the relay they
//! are bytes like any other; nothing of them runs here.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use data_encoding::HEXLOWER;

use crate::state::AppState;
use crate::web_files::WebFile;

/// What the app may do in a browser: load its own files, run its own WebAssembly, talk to
/// this relay. Nothing inline, nothing from elsewhere, and script addresses only through
/// the app's policies: one lets paths of this origin through, one knows a single address.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' blob:; media-src blob:; connect-src 'self'; \
    worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types siegel siegel-worker";
const PERMISSIONS: &str = "camera=(self), microphone=(self), geolocation=()";
/// The name is made of the content: it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Kept, but asked for anew each time.
const ASK_AGAIN: &str = "no-cache";

/// `GET /`: the app, or a page that says what this is if the relay was built without it.
pub async fn start(State(state): State<AppState>, headers: HeaderMap) -> Response {
    match state.web.find("index.html") {
        Some(file) => answer(file, &headers, ASK_AGAIN),
        None => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], BARE).into_response(),
    }
}

/// `GET /service-worker.js`.
pub async fn service_worker(State(state): State<AppState>, headers: HeaderMap) -> Response {
    named(&state, "service-worker.js", &headers, ASK_AGAIN)
}

/// `GET /manifest.webmanifest`.
pub async fn manifest(State(state): State<AppState>, headers: HeaderMap) -> Response {
    named(&state, "manifest.webmanifest", &headers, ASK_AGAIN)
}

/// `GET /assets/{name}`.
pub async fn asset(
    State(state): State<AppState>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    named(&state, &format!("assets/{name}"), &headers, FOR_EVER)
}

fn named(state: &AppState, path: &str, headers: &HeaderMap, caching: &'static str) -> Response {
    match state.web.find(path) {
        Some(file) => answer(file, headers, caching),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(file: &WebFile, headers: &HeaderMap, caching: &'static str) -> Response {
    let fixed = [
        (header::CONTENT_TYPE, media_type(&file.path)),
        (header::CACHE_CONTROL, caching),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    ];
    // What never changes is never asked for again, so it needs no tag.
    let tag = (caching == ASK_AGAIN)
        .then(|| format!("\"{}\"", HEXLOWER.encode(&file.hash()[..16])))
        .and_then(|tag| HeaderValue::from_str(&tag).ok());
    let known = headers.get(header::IF_NONE_MATCH);
    let mut response = if known.is_some() && known == tag.as_ref() {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match file.brotli.clone().filter(|_| takes_brotli(headers)) {
            Some(brotli) => ([(header::CONTENT_ENCODING, "br")], brotli).into_response(),
            None => file.plain.clone().into_response(),
        }
    };
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    if let Some(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let refused = |weight: &str| weight.trim_start_matches("q=").parse() == Ok(0.0_f32);
            parts.next() == Some("br") && !parts.any(refused)
        })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

const BARE: &str = "<!doctype html>
<html lang=\"de\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<meta name=\"robots\" content=\"noindex\">
<title>Siegel</title>
<h1>Siegel</h1>
<p>Hier läuft ein Siegel-Relay: ein Server für Ende-zu-Ende-verschlüsselte Nachrichten.
Er kann nichts davon lesen. Dieses Relay wurde ohne die Web-App gebaut.</p>
<p lang=\"en\">This is a Siegel relay: a server for end-to-end encrypted messages.
It can read none of them. This relay was built without the web app.</p>
</html>
";

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        takes_brotli(&headers)
    }

    #[test]
    fn brotli_goes_to_who_takes_it() {
        assert!(takes("gzip, deflate, br, zstd") && takes("br;q=0.5") && takes("br"));
        assert!(!takes("gzip") && !takes("br;q=0") && !takes("brotli") && !takes(""));
    }
}
