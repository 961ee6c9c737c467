//! The files of the app under the addresses they are served at.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use data_encoding::HEXLOWER;

use crate::error::BundleError;

/// Hexadecimal digits of a hash in a name: enough that no two versions share one.
const HASH_DIGITS: usize = 16;

/// Everything that is served.
pub struct Assets {
    /// By name as the sources call them: `app.css`.
    addresses: BTreeMap<String, String>,
    /// By address without the leading `/`: `assets/app-0123456789abcdef.css`.
    files: BTreeMap<String, File>,
}

/// One file.
pub struct File {
    /// What is served to whoever takes no compression.
    pub plain: Vec<u8>,
    /// The same with brotli, if that is shorter.
    pub brotli: Option<Vec<u8>>,
}

impl Assets {
    pub fn new() -> Self {
        Self {
            addresses: BTreeMap::new(),
            files: BTreeMap::new(),
        }
    }

    /// Adds a file under a name made of its content, which never changes. Returns its
    /// address.
    pub fn add_hashed(&mut self, name: &str, plain: Vec<u8>) -> String {
        let hash = HEXLOWER.encode(blake3::hash(&plain).as_bytes());
        let hash = &hash[..HASH_DIGITS];
        let path = match name.rsplit_once('.') {
            Some((stem, ending)) => format!("assets/{stem}-{hash}.{ending}"),
            None => format!("assets/{name}-{hash}"),
        };
        let address = format!("/{path}");
        self.addresses.insert(name.to_owned(), address.clone());
        self.files.insert(path, File::new(plain));
        address
    }

    /// Adds a file at an address of its own, which is asked for anew each time.
    pub fn add_fixed(&mut self, path: &str, plain: Vec<u8>) {
        self.addresses.insert(path.to_owned(), format!("/{path}"));
        self.files.insert(path.to_owned(), File::new(plain));
    }

    /// The address of a file by its name in the sources.
    pub fn address(&self, name: &str) -> Option<&str> {
        self.addresses.get(name).map(String::as_str)
    }

    /// Every file with its path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// Writes everything into an emptied folder.
    pub fn write(&self, out: &Path) -> Result<(), BundleError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| BundleError::File { path, source }
        };
        if out.exists() {
            std::fs::remove_dir_all(out).map_err(failed(out))?;
        }
        let assets = out.join("assets");
        std::fs::create_dir_all(&assets).map_err(failed(&assets))?;
        for (path, file) in &self.files {
            let plain = out.join(path);
            std::fs::write(&plain, &file.plain).map_err(failed(&plain))?;
            if let Some(brotli) = &file.brotli {
                let path = out.join(format!("{path}.br"));
                std::fs::write(&path, brotli).map_err(failed(&path))?;
            }
        }
        Ok(())
    }
}

impl File {
    fn new(plain: Vec<u8>) -> Self {
        let brotli = compressed(&plain).filter(|brotli| brotli.len() < plain.len());
        Self { plain, brotli }
    }

    /// Bytes over the wire.
    pub fn wire(&self) -> usize {
        self.brotli.as_ref().unwrap_or(&self.plain).len()
    }
}

fn compressed(plain: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut out, 64 * 1024, 11, 22);
        writer.write_all(plain).ok()?;
        writer.flush().ok()?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_has_another_address_and_the_same_has_the_same() {
        let mut assets = Assets::new();
        let one = assets.add_hashed("app.css", b"a {}".to_vec());
        let two = assets.add_hashed("app.css", b"b {}".to_vec());
        assert_ne!(one, two);
        assert_eq!(assets.add_hashed("app.css", b"a {}".to_vec()), one);
        assert!(one.starts_with("/assets/app-") && one.ends_with(".css"));
    }

    #[test]
    fn what_does_not_shrink_is_served_as_it_is() {
        let file = File::new(vec![7]);
        assert!(file.brotli.is_none());
        let long = File::new(vec![b'a'; 10_000]);
        assert!(long.wire() < 100);
    }
}
