//! Does a secret string stand anywhere in these files, in whatever disguise?
//!
//! Tests put unique strings (canaries) into every field a person can fill in, run a story,
//! and hand everything the relay has kept, logged or sent to a [`Scanner`]. It looks for
//! each canary as text in several character sets, escaped as logs and web formats escape,
//! in hexadecimal, Base64 and Base32 at every alignment, compressed, cut into pieces, and
//! as a digest, also a shortened one.
//!
//! Formats without a magic number (raw deflate, Brotli) are recognised at the beginning of
//! a surface or database value and of an HTTP body, not in the middle of other bytes.

mod carriers;
mod database;
mod digests;
mod escapes;
mod forms;
mod unpack;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};
use rand_core::Rng;

use unpack::Unpacker;

/// Pieces of this many bytes are looked for as well: a row may be torn over two pages.
const PIECE: usize = 8;

/// Compressed data in compressed data in compressed data is opened, further is not.
const DEPTH: usize = 3;

/// A string that appears nowhere by chance.
#[derive(Clone)]
pub struct Canary {
    /// The field it was put into, for the report.
    pub field: String,
    /// The string itself.
    pub text: String,
}

impl Canary {
    /// Two invented words with umlauts and digits, different for each call, allowed in
    /// names, titles and file names alike.
    pub fn random(field: &str, rng: &mut impl Rng) -> Self {
        let mut word = |vowel: &str| {
            let mut letters = (0..9).map(|_| {
                let letters = b"bcdfghjkmnpqrstvwxz23456789";
                char::from(letters[rng.next_u32() as usize % letters.len()])
            });
            let first = letters.next().unwrap_or('q').to_ascii_uppercase();
            format!("{first}{vowel}{}", letters.collect::<String>())
        };
        Self {
            field: field.to_owned(),
            text: format!("{} {}", word("ä"), word("ö")),
        }
    }
}

/// A place where a canary was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The file, value or stream.
    pub surface: String,
    /// The field the canary had been put into.
    pub field: String,
    /// How it was disguised, outermost first.
    pub encoding: String,
    /// Where its first appearance begins, counted in the unpacked bytes.
    pub offset: usize,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in {} as {} at {}",
            self.field, self.surface, self.encoding, self.offset
        )
    }
}

/// How far to look into bytes that came out of others.
#[derive(Clone, Copy)]
struct Layer {
    /// So many more times may something be unpacked.
    left: usize,
    /// Whether formats without a magic number are tried.
    guess: bool,
}

/// Looks for a set of canaries. Making one costs tens of milliseconds for each canary;
/// reuse it.
pub struct Scanner {
    automaton: AhoCorasick,
    unpacker: Unpacker,
    /// Field and encoding of each pattern, by its number.
    patterns: Vec<(String, String)>,
}

impl Scanner {
    /// Prepares every disguise of every canary. Fails only if there are absurdly many.
    pub fn new(canaries: &[Canary]) -> Result<Self, BuildError> {
        let mut disguises: BTreeMap<Vec<u8>, (String, String)> = BTreeMap::new();
        for canary in canaries {
            for (encoding, bytes) in disguises_of(&canary.text) {
                disguises
                    .entry(bytes)
                    .or_insert_with(|| (canary.field.clone(), encoding));
            }
        }
        let (bytes, patterns): (Vec<_>, Vec<_>) = disguises.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&bytes)?;
        Ok(Self {
            automaton,
            unpacker: Unpacker::new()?,
            patterns,
        })
    }

    /// Searches one stream of bytes. Each canary is reported once for each encoding.
    pub fn scan_bytes(&self, surface: &str, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.scan_layer(
            surface,
            "",
            bytes,
            Layer {
                left: DEPTH,
                guess: true,
            },
            &mut hits,
        );
        hits.sort();
        hits
    }

    /// Searches every file below the folder: its name, its bytes, and, if it is an SQLite
    /// database, each value in it. Symbolic links are not followed.
    pub fn scan_dir(&self, folder: &Path) -> io::Result<Vec<Hit>> {
        let mut hits = Vec::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(&next)? {
                let entry = entry?;
                let path = entry.path();
                let name = path.strip_prefix(folder).unwrap_or(&path).as_os_str();
                let surface = name.to_string_lossy();
                let own_name = entry.file_name();
                hits.extend(
                    self.scan_bytes(&format!("name of {surface}"), own_name.as_encoded_bytes()),
                );
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() {
                    hits.extend(self.scan_file(&surface, &path)?);
                }
            }
        }
        hits.sort();
        Ok(hits)
    }

    fn scan_file(&self, surface: &str, path: &Path) -> io::Result<Vec<Hit>> {
        let bytes = std::fs::read(path)?;
        let mut hits = self.scan_bytes(surface, &bytes);
        if database::is_one(&bytes) {
            database::each_value(path, |place, value| {
                hits.extend(self.scan_bytes(&format!("{surface}, {place}"), value));
            })?;
        }
        Ok(hits)
    }

    fn scan_layer(
        &self,
        surface: &str,
        outer: &str,
        bytes: &[u8],
        layer: Layer,
        hits: &mut Vec<Hit>,
    ) {
        let mut first = BTreeMap::new();
        for found in self.automaton.find_overlapping_iter(bytes) {
            let pattern = &self.patterns[found.pattern().as_usize()];
            first.entry(pattern).or_insert(found.start());
        }
        hits.extend(first.into_iter().map(|((field, encoding), offset)| Hit {
            surface: surface.to_owned(),
            field: field.clone(),
            encoding: format!("{outer}{encoding}"),
            offset,
        }));
        if layer.left > 0 {
            self.unpacker.each_segment(bytes, layer.guess, |segment| {
                let outer = format!("{outer}{} at {} / ", segment.format, segment.offset);
                // A guess upon a guess would multiply without end.
                let inner = Layer {
                    left: layer.left - 1,
                    guess: !segment.guessed,
                };
                self.scan_layer(surface, &outer, &segment.content, inner, hits);
            });
        }
    }
}

/// Every disguise with its name.
fn disguises_of(text: &str) -> Vec<(String, Vec<u8>)> {
    let mut disguises = Vec::new();
    let forms = forms::of(text);
    let digests = digests::of(&forms);
    for (form, bytes) in forms.iter().chain(&digests) {
        disguises.push((form.clone(), bytes.clone()));
        for (carrier, carried) in carriers::of(bytes) {
            disguises.push((format!("{form} / {carrier}"), carried));
        }
    }
    for (escape, escaped) in escapes::of(text) {
        disguises.push((escape.to_owned(), escaped.into_bytes()));
    }
    for piece in text.as_bytes().windows(PIECE) {
        disguises.push(("piece".to_owned(), piece.to_vec()));
    }
    disguises
}
