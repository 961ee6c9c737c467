//! Every disguise that must be found, made for planting.

use std::io::Write;
use std::process::{Command, Stdio};

use data_encoding::{BASE32, BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use sha2::Digest;
use unicode_normalization::UnicodeNormalization;

/// Found only at the beginning of something; see the search's own documentation.
pub const WITHOUT_MAGIC: &[&str] = &["deflate", "brotli", "deflate in brotli"];

/// Each disguise of the text, by name.
pub fn all(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut plants = spellings(text);
    plants.extend(carried(text));
    plants.extend(escaped(text));
    plants.extend(digested(text));
    plants.extend(packed(text));
    plants
}

fn spellings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
    vec![
        ("utf-8", text.into()),
        ("lower case", text.to_lowercase().into()),
        ("upper case", text.to_uppercase().into()),
        ("utf-16le", utf16(u16::to_le_bytes)),
        ("utf-16be", utf16(u16::to_be_bytes)),
        (
            "utf-32le",
            text.chars()
                .flat_map(|c| (c as u32).to_le_bytes())
                .collect(),
        ),
        (
            "utf-32be",
            text.chars()
                .flat_map(|c| (c as u32).to_be_bytes())
                .collect(),
        ),
        ("latin-1", text.chars().map(|c| c as u8).collect()),
        ("reversed", text.chars().rev().collect::<String>().into()),
        ("nfd", text.nfd().collect::<String>().into()),
        (
            "rot13",
            filter("tr", &["A-Za-z", "N-ZA-Mn-za-m"], text.as_bytes()),
        ),
        (
            "transliterated",
            text.replace('ä', "ae").replace('ö', "oe").into(),
        ),
        (
            "without accents",
            text.replace('ä', "a").replace('ö', "o").into(),
        ),
        ("first piece", text.as_bytes()[..8].to_vec()),
        ("last piece", text.as_bytes()[text.len() - 8..].to_vec()),
    ]
}

/// Inside a longer text, at each place in the group.
fn carried(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let within = |before: usize| [&b"?????"[..before], text.as_bytes(), b"!!!"].concat();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("hex", HEXLOWER.encode(&within(2)).into()),
        ("HEX", HEXUPPER.encode(&within(2)).into()),
        ("hex of utf-16", HEXLOWER.encode(&utf16).into()),
        (
            "xxd",
            filter("od", &["-An", "-v", "-w9999", "-tx1"], text.as_bytes()),
        ),
        ("base64+0", BASE64.encode(&within(0)).into()),
        ("base64+1", BASE64.encode(&within(1)).into()),
        ("base64+2", BASE64.encode(&within(2)).into()),
        ("base64 of utf-16", BASE64.encode(&utf16).into()),
        ("base64url+0", BASE64URL.encode(&within(0)).into()),
        ("base64url+1", BASE64URL.encode(&within(1)).into()),
        ("base64url+2", BASE64URL.encode(&within(2)).into()),
        ("base32+0", BASE32.encode(&within(0)).into()),
        ("base32+1", BASE32.encode(&within(1)).into()),
        ("base32+2", BASE32.encode(&within(2)).into()),
        ("base32+3", BASE32.encode(&within(3)).into()),
        ("base32+4", BASE32.encode(&within(4)).into()),
        (
            "base32, lower case",
            BASE32.encode(&within(3)).to_lowercase().into(),
        ),
    ]
}

fn escaped(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let each = |escape: fn(char) -> String| -> Vec<u8> {
        text.chars().map(escape).collect::<String>().into()
    };
    let umlauts = |a: &str, o: &str| -> Vec<u8> { text.replace('ä', a).replace('ö', o).into() };
    let percent = text.replace('ä', "%C3%A4").replace('ö', "%C3%B6");
    vec![
        ("percent", percent.replace(' ', "%20").into()),
        (
            "percent, lower case",
            percent.to_lowercase().replace(' ', "%20").into(),
        ),
        (
            "percent, twice",
            percent.replace(' ', "%20").replace('%', "%25").into(),
        ),
        ("form", percent.replace(' ', "+").into()),
        ("json", umlauts("\\u00e4", "\\u00f6")),
        ("JSON", umlauts("\\u00E4", "\\u00F6")),
        (
            "json, every letter",
            each(|c| format!("\\u{:04x}", c as u32)),
        ),
        ("rust debug", umlauts("\\u{e4}", "\\u{f6}")),
        ("html decimal", umlauts("&#228;", "&#246;")),
        ("html hex", umlauts("&#xe4;", "&#xf6;")),
        ("html HEX", umlauts("&#xE4;", "&#xF6;")),
        (
            "html decimal, every letter",
            each(|c| format!("&#{};", c as u32)),
        ),
        ("quoted-printable", umlauts("=C3=A4", "=C3=B6")),
        (
            "mail header",
            String::from_utf8(umlauts("=C3=A4", "=C3=B6"))
                .unwrap()
                .replace(' ', "_")
                .into(),
        ),
        ("\\x", umlauts("\\xc3\\xa4", "\\xc3\\xb6")),
        ("octal", umlauts("\\303\\244", "\\303\\266")),
        ("debug of bytes", format!("{:?}", text.as_bytes()).into()),
        (
            "json of bytes",
            format!("{:?}", text.as_bytes()).replace(' ', "").into(),
        ),
    ]
}

fn digested(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let line = format!("{text}\n");
    let sha256 = sha2::Sha256::digest(text).to_vec();
    let tool = |program: &str| -> Vec<u8> {
        let output = filter(program, &[], text.as_bytes());
        output.split(|byte| *byte == b' ').next().unwrap().to_vec()
    };
    let raw = |hex: &[u8]| HEXLOWER.decode(hex).unwrap();
    vec![
        ("md5", raw(&tool("md5sum"))),
        ("md5 in hex", tool("md5sum")),
        ("sha-1", raw(&tool("sha1sum"))),
        ("sha-1 in hex", tool("sha1sum")),
        ("sha-224", raw(&tool("sha224sum"))),
        ("sha-256", sha256.clone()),
        ("sha-256, 16 bytes", sha256[..16].to_vec()),
        ("sha-256, 8 bytes", sha256[..8].to_vec()),
        ("sha-256 in hex", tool("sha256sum")),
        ("sha-256 in HEX", tool("sha256sum").to_ascii_uppercase()),
        ("sha-256, 8 bytes in hex", tool("sha256sum")[..16].to_vec()),
        ("sha-256 in base64", BASE64.encode(&sha256).into()),
        (
            "sha-256, 8 bytes in base64url",
            BASE64URL.encode(&sha256[..8]).into(),
        ),
        ("sha-256 of a line", sha2::Sha256::digest(&line).to_vec()),
        (
            "sha-256 of lower case",
            sha2::Sha256::digest(text.to_lowercase()).to_vec(),
        ),
        ("sha-384", raw(&tool("sha384sum"))),
        ("sha-512", raw(&tool("sha512sum"))),
        ("blake2b", raw(&tool("b2sum"))),
        ("blake2s", blake2::Blake2s256::digest(text).to_vec()),
        ("blake3", blake3::hash(text.as_bytes()).as_bytes().to_vec()),
        (
            "blake3, 16 bytes in base32",
            BASE32
                .encode(&blake3::hash(text.as_bytes()).as_bytes()[..16])
                .into(),
        ),
    ]
}

fn packed(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let letter =
        format!("Dear {text}, dear {text}, this is a letter that compresses well, well, well.");
    let letter = letter.as_bytes();
    vec![
        ("gzip", gzip(letter)),
        ("gzip by gzip", filter("gzip", &["-9"], letter)),
        (
            "zlib",
            written(ZlibEncoder::new(Vec::new(), Compression::best()), letter),
        ),
        ("deflate", deflate(letter)),
        ("zstd", zstd(letter)),
        ("brotli", brotli(letter)),
        ("base64 in gzip", gzip(BASE64.encode(letter).as_bytes())),
        (
            "utf-16 in zstd",
            zstd(
                &text
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect::<Vec<u8>>(),
            ),
        ),
        ("gzip in zstd in gzip", gzip(&zstd(&gzip(letter)))),
        ("gzip cut short", {
            let gzip = gzip(&[letter, &[b'.'; 9000]].concat());
            gzip[..gzip.len() - 4].to_vec()
        }),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    written(GzEncoder::new(Vec::new(), Compression::default()), bytes)
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    written(
        DeflateEncoder::new(Vec::new(), Compression::default()),
        bytes,
    )
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::BrotliCompress(
        &mut &bytes[..],
        &mut packed,
        &brotli::enc::BrotliEncoderParams::default(),
    )
    .unwrap();
    packed
}

/// The encoders of flate2 have no common trait but this.
trait Finish: Write {
    fn finish(self) -> std::io::Result<Vec<u8>>;
}

impl Finish for GzEncoder<Vec<u8>> {
    fn finish(self) -> std::io::Result<Vec<u8>> {
        Self::finish(self)
    }
}

impl Finish for ZlibEncoder<Vec<u8>> {
    fn finish(self) -> std::io::Result<Vec<u8>> {
        Self::finish(self)
    }
}

impl Finish for DeflateEncoder<Vec<u8>> {
    fn finish(self) -> std::io::Result<Vec<u8>> {
        Self::finish(self)
    }
}

fn written(mut encoder: impl Finish, bytes: &[u8]) -> Vec<u8> {
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a program of the base system makes of the bytes.
fn filter(program: &str, arguments: &[&str], bytes: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    child.wait_with_output().unwrap().stdout
}
