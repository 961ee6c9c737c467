//! The files of this checkout.

use std::path::{Path, PathBuf};

/// One text file.
pub struct File {
    /// Path below the root, with `/`.
    pub path: String,
    /// Everything in it.
    pub text: String,
}

impl File {
    /// The part before the unit tests.
    pub fn code(&self) -> &str {
        let tests = self.text.find("#[cfg(test)]\nmod ");
        tests.map_or(self.text.as_str(), |at| &self.text[..at])
    }

    /// Whether everything in the file is a test or part of a test tool.
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.contains("/tests/")
    }
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// Every file with this ending, sorted by path; build products and data left out.
pub fn files(ending: &str) -> Vec<File> {
    let mut found = Vec::new();
    walk(&root(), &mut |path| {
        if path.extension().is_some_and(|own| own == ending) {
            let text = std::fs::read_to_string(path).unwrap();
            let path = path
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            found.push(File { path, text });
        }
    });
    assert!(!found.is_empty(), "no .{ending} files: the walk is broken");
    found
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            let product = matches!(name, "target" | "data" | "node_modules" | "corpus");
            if !product && !name.starts_with('.') {
                walk(&path, visit);
            }
        } else {
            visit(&path);
        }
    }
}
