//! Another version of the web app, as the bundler makes it after a change of a style and of
//! the scripts that start page and worker: other contents, so other names, so another list in
//! the service worker.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use siegel_server::web_files::{WebFile, WebFiles};

/// Which files change, by the beginning of their names, and what is added to each: first
/// those that others name.
const CHANGES: [(&str, &str); 3] = [
    ("assets/app-", ":root { --edition: next; }\n"),
    ("assets/worker-", "// The next version.\n"),
    ("assets/page-", "// The next version.\n"),
];
/// Hexadecimal digits of a hash in a name, and of the version.
const HASH_DIGITS: usize = 16;
const VERSION: &str = "const CACHE = \"siegel-";

/// The version after this one.
pub fn next(files: &WebFiles) -> WebFiles {
    let mut renamed = BTreeMap::new();
    let mut made = Vec::new();
    for (name, added) in CHANGES {
        let mut all = files.all();
        let file = all.find(|file| file.path.starts_with(name));
        let file = file.expect("the relay was built with the web app");
        let text = std::str::from_utf8(&file.plain).expect("a style or a script");
        let plain = (fill(text, &renamed) + added).into_bytes();
        let hash = HEXLOWER.encode(blake3::hash(&plain).as_bytes());
        let (_, ending) = file.path.rsplit_once('.').expect("an ending");
        let path = format!("{name}{}.{ending}", &hash[..HASH_DIGITS]);
        renamed.insert(file.path.to_string(), path.clone());
        made.push((path, plain));
    }
    for file in files.all() {
        if renamed.contains_key(&*file.path) {
            continue;
        }
        let plain = match std::str::from_utf8(&file.plain) {
            Ok(text) => fill(text, &renamed).into_bytes(),
            Err(_) => file.plain.to_vec(),
        };
        made.push((file.path.to_string(), plain));
    }
    WebFiles::new(made.into_iter().map(file).collect())
}

fn file((path, plain): (String, Vec<u8>)) -> WebFile {
    WebFile {
        path: path.into(),
        plain: plain.into(),
        brotli: None,
    }
}

/// Puts the new names in place of the old ones, and the new version.
fn fill(text: &str, renamed: &BTreeMap<String, String>) -> String {
    let named = renamed.iter().fold(text.to_owned(), |text, (old, new)| {
        text.replace(old.as_str(), new)
    });
    match named.split_once(VERSION) {
        None => named,
        Some((before, after)) => {
            let version = HEXLOWER.encode(blake3::hash(named.as_bytes()).as_bytes());
            let (version, after) = (&version[..HASH_DIGITS], &after[HASH_DIGITS..]);
            format!("{before}{VERSION}{version}{after}")
        }
    }
}
