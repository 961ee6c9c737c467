//! How bytes are written as text: hexadecimal, Base64, Base32.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER, HEXUPPER};

/// Each way of writing the bytes, by name. A larger text that holds these bytes anywhere
/// holds one of the results, whatever stands before and after them.
pub fn of(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut carried = vec![
        ("hex".to_owned(), HEXLOWER.encode(bytes).into_bytes()),
        ("HEX".to_owned(), HEXUPPER.encode(bytes).into_bytes()),
        (
            "hex with colons".to_owned(),
            separated(bytes, &HEXLOWER, ":"),
        ),
        (
            "HEX with colons".to_owned(),
            separated(bytes, &HEXUPPER, ":"),
        ),
        (
            "hex with spaces".to_owned(),
            separated(bytes, &HEXLOWER, " "),
        ),
    ];
    for (name, encoding, group) in [
        ("base64", &BASE64_NOPAD, 3),
        ("base64url", &BASE64URL_NOPAD, 3),
        ("base32", &BASE32_NOPAD, 5),
    ] {
        for before in 0..group {
            carried.push((format!("{name}+{before}"), aligned(bytes, encoding, before)));
        }
    }
    for before in 0..5 {
        let lower = aligned(bytes, &BASE32_NOPAD, before).to_ascii_lowercase();
        carried.push((format!("base32 lower case+{before}"), lower));
    }
    carried
}

/// The characters that depend on these bytes alone if `before` other bytes precede them
/// in their group.
fn aligned(bytes: &[u8], encoding: &Encoding, before: usize) -> Vec<u8> {
    let bits = encoding.bit_width();
    let mut padded = vec![0; before];
    padded.extend(bytes);
    let text = encoding.encode(&padded).into_bytes();
    let from = (before * 8).div_ceil(bits);
    let to = padded.len() * 8 / bits;
    text[from..to].to_vec()
}

fn separated(bytes: &[u8], encoding: &Encoding, separator: &str) -> Vec<u8> {
    let digits: Vec<String> = bytes.iter().map(|byte| encoding.encode(&[*byte])).collect();
    digits.join(separator).into_bytes()
}
