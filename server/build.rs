//! Takes the built web app into the relay, as bytes: see `src/web_files.rs`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const FOLDER: &str = "WEB_APP_DIR";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed={FOLDER}");
    let mut files = BTreeMap::new();
    if let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) {
        println!("cargo::rerun-if-changed={}", folder.display());
        collect(&folder, "", &mut files)?;
    }
    let out = env::var_os("OUT_DIR").map(PathBuf::from);
    let out = out.ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(out.join("web_files.rs"), source(&files))
}

/// Every file below a folder by its path, which begins with `prefix`.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, entry.path());
        }
    }
    Ok(())
}

/// The table, in the order of the paths.
fn source(files: &BTreeMap<String, PathBuf>) -> String {
    let plain = files.iter().filter(|(path, _)| !path.ends_with(".br"));
    let plain: Vec<_> = plain.collect();
    let mut source = format!("static FILES: [WebFile; {}] = [\n", plain.len());
    for (path, file) in plain {
        let brotli = match files.get(&format!("{path}.br")) {
            Some(brotli) => format!("Some(Bytes::from_static(include_bytes!({brotli:?})))"),
            None => "None".to_owned(),
        };
        // Writing to a string does not fail.
        writeln!(
            source,
            "    WebFile {{ path: Cow::Borrowed({path:?}), \
             plain: Bytes::from_static(include_bytes!({file:?})), brotli: {brotli} }},"
        )
        .ok();
    }
    source.push_str("];\n");
    source
}
