//! What is added to the built modules: the small scripts that start them, and the static
//! files with the addresses of the others filled in.

use std::path::Path;

use crate::assets::Assets;
use crate::error::BundleError;
use crate::wasm::{self, Bound};

/// Files that keep their names, because browsers look for them there.
const FIXED: [&str; 3] = ["index.html", "manifest.webmanifest", "service-worker.js"];
/// Stand in `service-worker.js` where the list of all files belongs, and its hash.
const ALL: &str = "files";
const VERSION: &str = "version";

/// Adds a module and the script `NAME.js`: the glue, and behind it what starts the module. One
/// script instead of two that load each other is one round trip less.
pub fn add(assets: &mut Assets, name: &str, bound: Bound) {
    let module = assets.add_hashed(&format!("{name}_bg.wasm"), bound.module);
    let start = match name {
        "worker" => worker_start(&module),
        _ => page_start(assets, &module),
    };
    let script = format!("{}\n{start}", bound.glue);
    assets.add_hashed(&format!("{name}.js"), script.into_bytes());
}

/// Starts the page, and the worker beside it: the page finds it when it runs.
///
/// On a first visit the worker's module is fetched together with its script, which would ask
/// for it only when it runs itself: the line is never idle. Later it lies in the browser, and
/// the worker, which has more to do than the page, begins first.
fn page_start(assets: &Assets, module: &str) -> String {
    let script = assets.address("worker.js").unwrap_or_default();
    let follows = assets.address("worker_bg.wasm").unwrap_or_default();
    format!(
        r#"const one = {{ createScriptURL: () => "{script}" }};
const address = (self.trustedTypes?.createPolicy("siegel-worker", one) ?? one).createScriptURL("");
let ahead;
const begin = () => {{
  if (ahead !== undefined) return;
  ahead = new Worker(address, {{ type: "module" }});
  ahead.onerror = () => {{ ahead = null; }};
}};
self.siegelWorker = () => {{
  begin();
  const worker = ahead;
  ahead = null;
  return worker;
}};
if (navigator.serviceWorker?.controller) begin();
__wbg_init({{ module_or_path: "{module}" }});
if (ahead === undefined) {{
  fetch("{follows}", {{ priority: "low" }}).then((answer) => answer.arrayBuffer()).catch(() => {{}});
  begin();
}}
"#
    )
}

/// What the page says before the module has started is kept for it; a module that does not
/// start is an error of the worker, which the page hears. The browser's store takes a while to
/// wake up: a question wakes it while the module is on its way.
fn worker_start(module: &str) -> String {
    format!(
        r#"const early = [];
self.onmessage = (event) => early.push(event);
self.indexedDB?.databases?.().catch(() => {{}});
__wbg_init({{ module_or_path: "{module}" }}).then(
  () => early.forEach((event) => self.onmessage(event)),
  (error) => setTimeout(() => {{ throw error; }}),
);
"#
    )
}

/// Adds the files of a folder: first those that name no others, then the rest.
pub fn add_static(assets: &mut Assets, folder: &Path) -> Result<(), BundleError> {
    let mut naming = Vec::new();
    for (name, content) in files(folder)? {
        if FIXED.contains(&name.as_str()) || has_placeholder(&content) {
            naming.push((name, content));
        } else {
            assets.add_hashed(&name, content);
        }
    }
    // Style sheets and the like may be named by the page, never the other way round; the
    // service worker names everything.
    naming.sort_by_key(|(name, _)| FIXED.iter().position(|fixed| fixed == name));
    for (name, content) in naming {
        let text = String::from_utf8_lossy(&content);
        let filled = fill(assets, &name, &text)?;
        if FIXED.contains(&name.as_str()) {
            assets.add_fixed(&name, filled.into_bytes());
        } else {
            assets.add_hashed(&name, filled.into_bytes());
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, BundleError> {
    let failed = |source| BundleError::File {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            files.push((name.to_string_lossy().into_owned(), wasm::read(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

fn has_placeholder(content: &[u8]) -> bool {
    content.windows(2).any(|pair| pair == b"{{")
}

/// Puts addresses in place of `{{name}}`.
fn fill(assets: &Assets, file: &str, text: &str) -> Result<String, BundleError> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let unknown = |name: &str| BundleError::Unknown {
            file: file.to_owned(),
            name: name.to_owned(),
        };
        let (name, after) = after.split_once("}}").ok_or_else(|| unknown("…"))?;
        let name = name.trim();
        filled.push_str(before);
        match name {
            ALL => filled.push_str(&list(assets)),
            VERSION => filled.push_str(&version(assets)),
            name => filled.push_str(assets.address(name).ok_or_else(|| unknown(name))?),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// All files so far as a JavaScript array of addresses, the start page as `/`.
fn list(assets: &Assets) -> String {
    let addresses: Vec<String> = assets
        .files()
        .map(|(path, _)| match path {
            "index.html" => "\"/\"".to_owned(),
            path => format!("\"/{path}\""),
        })
        .collect();
    format!("[{}]", addresses.join(", "))
}

/// Another one whenever any file is another one.
fn version(assets: &Assets) -> String {
    let mut hasher = blake3::Hasher::new();
    for (path, file) in assets.files() {
        hasher.update(path.as_bytes());
        hasher.update(blake3::hash(&file.plain).as_bytes());
    }
    data_encoding::HEXLOWER.encode(&hasher.finalize().as_bytes()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_filled_in() {
        let mut assets = Assets::new();
        let css = assets.add_hashed("app.css", b"a{}".to_vec());
        let filled = fill(&assets, "index.html", "<link href=\"{{app.css}}\">").unwrap();
        assert_eq!(filled, format!("<link href=\"{css}\">"));
        assets.add_fixed("index.html", filled.into_bytes());
        let list = fill(&assets, "service-worker.js", "const FILES = {{files}};").unwrap();
        assert_eq!(list, format!("const FILES = [\"{css}\", \"/\"];"));
    }

    #[test]
    fn a_name_without_a_file_is_told() {
        let missing = fill(&Assets::new(), "index.html", "{{app.css}}").unwrap_err();
        assert!(missing.chain().contains("app.css"));
    }
}
