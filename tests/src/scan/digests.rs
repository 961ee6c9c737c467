//! A digest of a guessable text is the text: whoever knows the names can try them all.

use blake2::{Blake2b512, Blake2s256};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// The beginning is enough: it stands in the whole digest and in every shortened one.
const KEPT: usize = 8;

/// The first bytes of each digest of each form and of the form with a line end.
pub fn of(forms: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    let mut digests = Vec::new();
    for (form, bytes) in forms.iter().filter(|(form, _)| is_likely(form)) {
        let mut line = bytes.clone();
        line.push(b'\n');
        for (what, input) in [(form.clone(), bytes), (format!("{form} line"), &line)] {
            for (name, digest) in all(input) {
                digests.push((format!("{name} of {what}"), digest[..KEPT].to_vec()));
            }
        }
    }
    digests
}

/// Spellings that a program might digest; a digest of text in UTF-32 is far-fetched.
fn is_likely(form: &str) -> bool {
    matches!(
        form,
        "utf-8" | "lower case" | "upper case" | "utf-16le" | "nfd" | "without accents"
    )
}

fn all(input: &[u8]) -> [(&'static str, Vec<u8>); 9] {
    [
        ("md5", Md5::digest(input).to_vec()),
        ("sha-1", Sha1::digest(input).to_vec()),
        ("sha-224", Sha224::digest(input).to_vec()),
        ("sha-256", Sha256::digest(input).to_vec()),
        ("sha-384", Sha384::digest(input).to_vec()),
        ("sha-512", Sha512::digest(input).to_vec()),
        ("blake2b", Blake2b512::digest(input).to_vec()),
        ("blake2s", Blake2s256::digest(input).to_vec()),
        ("blake3", blake3::hash(input).as_bytes().to_vec()),
    ]
}
