//! Licences and notices of the libraries that are compiled into a program, as their authors
//! ask whoever hands the program on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shell;

/// Beginnings of the names of files that say what may be done with a library.
const NAMES: [&str; 5] = ["license", "licence", "copying", "notice", "unlicense"];

/// One text: what is compiled into the package and under which licence, then each file that
/// comes with a library, once.
pub fn of(package: &str) -> Result<String, String> {
    let mut libraries = BTreeMap::new();
    for line in tree(package)?.lines() {
        // `name v1.2.3 (proc-macro)|MIT OR Apache-2.0`
        let Some((crate_, licence)) = line.split_once('|') else {
            continue;
        };
        let mut words = crate_.split(' ');
        if let (Some(name), Some(version)) = (words.next(), words.next())
            && !name.starts_with("siegel-")
        {
            let version = version.trim_start_matches('v');
            libraries.insert(format!("{name}-{version}"), licence.to_owned());
        }
    }
    let mut text = format!("{package} contains these libraries.\n\n");
    for (library, licence) in &libraries {
        text.push_str(&format!("{library}: {licence}\n"));
    }
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for library in libraries.keys() {
        let folder = source(library)
            .ok_or_else(|| format!("the source of {library} is not there: cargo fetch"))?;
        for file in files(&folder) {
            let content = fs::read_to_string(&file).unwrap_or_default();
            texts.entry(content).or_default().push(library.clone());
        }
    }
    for (content, libraries) in texts {
        text.push_str(&format!(
            "\n{}\n{}:\n\n{content}\n",
            "-".repeat(72),
            libraries.join(", ")
        ));
    }
    Ok(text)
}

fn tree(package: &str) -> Result<String, String> {
    let words = ["tree", "--locked", "--edges", "normal", "--prefix", "none"];
    let mut command = shell::cargo(&words);
    let output = command
        .args(["--format", "{p}|{l}", "--package", package])
        .output()
        .map_err(|error| format!("cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// Where cargo unpacked a library.
fn source(library: &str) -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
    let registries = fs::read_dir(home.join("registry/src")).ok()?;
    let folders = registries.filter_map(|entry| Some(entry.ok()?.path().join(library)));
    folders.into_iter().find(|folder| folder.is_dir())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && says(path))
        .collect();
    files.sort();
    files
}

fn says(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase());
    name.is_some_and(|name| NAMES.iter().any(|begins| name.starts_with(begins)))
}
