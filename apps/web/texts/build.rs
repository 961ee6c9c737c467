//! Turns the Fluent files into tables and one method per message.
//!
//! A message that a language lacks, or whose arguments differ from the German ones, fails
//! the build. What of Fluent is used here is what the texts need: text, arguments, and
//! choices by number.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement, VariantKey};
use fluent_syntax::parser;

/// Folder names, in the order of `Language`.
const LANGUAGES: [&str; 8] = ["de", "en", "de-easy", "tr", "ar", "uk", "ru", "fa"];

fn main() -> Result<(), String> {
    println!("cargo:rerun-if-changed=.");
    let mut out = String::new();
    let client: Vec<_> = LANGUAGES
        .iter()
        .map(|language| File::read(&format!("{language}/client.ftl")))
        .collect::<Result<_, _>>()?;
    // Clients never see what is for staff, so the other languages fall back on these two.
    let (german, english) = (File::read("de/staff.ftl")?, File::read("en/staff.ftl")?);
    let staff: Vec<_> = LANGUAGES
        .iter()
        .map(|language| match language.starts_with("de") {
            true => german.clone(),
            false => english.clone(),
        })
        .collect();
    write_methods(&mut out, &client)?;
    write_methods(&mut out, &staff)?;
    let path = Path::new(&env::var("OUT_DIR").map_err(|e| e.to_string())?).join("messages.rs");
    fs::write(path, out).map_err(|e| e.to_string())
}

/// The messages of one file: name, then pattern.
#[derive(Clone)]
struct File {
    name: String,
    messages: BTreeMap<String, Vec<Piece>>,
}

/// A part of a message.
#[derive(Clone, PartialEq)]
enum Piece {
    Text(String),
    Argument(String),
    Choice(String, Vec<(String, Vec<Piece>)>),
}

impl File {
    fn read(name: &str) -> Result<Self, String> {
        let source = fs::read_to_string(name).map_err(|e| format!("{name}: {e}"))?;
        let resource =
            parser::parse(source).map_err(|(_, errors)| format!("{name}: {errors:?}"))?;
        let mut messages = BTreeMap::new();
        for entry in resource.body {
            let Entry::Message(message) = entry else {
                continue;
            };
            let key = message.id.name.replace('-', "_");
            let pattern = message.value.ok_or(format!("{name}: {key} is empty"))?;
            let pieces = pieces(&pattern.elements).map_err(|e| format!("{name}: {key}: {e}"))?;
            if messages.insert(key.clone(), pieces).is_some() {
                return Err(format!("{name}: {key} stands there twice"));
            }
        }
        Ok(Self {
            name: name.to_owned(),
            messages,
        })
    }
}

fn pieces(elements: &[PatternElement<String>]) -> Result<Vec<Piece>, String> {
    elements
        .iter()
        .map(|element| match element {
            PatternElement::TextElement { value } => Ok(Piece::Text(value.clone())),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => Ok(Piece::Argument(id.name.clone())),
            PatternElement::Placeable {
                expression:
                    Expression::Select {
                        selector: InlineExpression::VariableReference { id },
                        variants,
                    },
            } => {
                let mut choices = Vec::new();
                for variant in variants {
                    let VariantKey::Identifier { name } = &variant.key else {
                        return Err("numbers as keys are not used here".into());
                    };
                    let category = if variant.default { "other" } else { name };
                    choices.push((category.to_owned(), pieces(&variant.value.elements)?));
                }
                Ok(Piece::Choice(id.name.clone(), choices))
            }
            _ => Err("of Fluent only text, arguments and choices are used here".into()),
        })
        .collect()
}

/// Names of arguments, and whether a choice hangs on them, in order of the alphabet.
fn arguments(pieces: &[Piece]) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for piece in pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Argument(name) => {
                found.entry(name.clone()).or_insert(false);
            }
            Piece::Choice(name, choices) => {
                found.insert(name.clone(), true);
                for (_, pieces) in choices {
                    for (name, number) in arguments(pieces) {
                        *found.entry(name).or_insert(false) |= number;
                    }
                }
            }
        }
    }
    found
}

fn write_methods(out: &mut String, files: &[File]) -> Result<(), String> {
    let (first, rest) = files.split_first().ok_or("no languages")?;
    for other in rest {
        let (ours, theirs) = (first.messages.keys(), other.messages.keys());
        if let Some(key) = ours.clone().find(|key| !other.messages.contains_key(*key)) {
            return Err(format!("{}: {key} is missing", other.name));
        }
        if let Some(key) = theirs
            .clone()
            .find(|key| !first.messages.contains_key(*key))
        {
            return Err(format!("{}: {key} is not in {}", other.name, first.name));
        }
    }
    out.push_str("impl Texts {\n");
    for (key, german) in &first.messages {
        let mut wanted = arguments(german);
        for other in rest {
            let theirs = arguments(&other.messages[key]);
            if !theirs.keys().eq(wanted.keys()) {
                return Err(format!("{}: {key} has other arguments", other.name));
            }
            for (name, number) in theirs {
                *wanted.entry(name).or_insert(false) |= number;
            }
        }
        write_method(out, key, &wanted, files);
    }
    out.push_str("}\n");
    Ok(())
}

fn write_method(out: &mut String, key: &str, wanted: &BTreeMap<String, bool>, files: &[File]) {
    let german = files.first().map(|file| &file.messages[key]);
    let sample: String = german.into_iter().flatten().map(sample).collect();
    let name = match key {
        "continue" => "go_on",
        _ => key,
    };
    let _written = writeln!(out, "/// “{}”", sample.replace('\n', " "));
    let patterns = files.iter().map(|file| &file.messages[key]);
    if wanted.is_empty() {
        let _written = writeln!(
            out,
            "#[must_use] pub const fn {name}(self) -> &'static str {{"
        );
        let plain: Vec<String> = patterns
            .map(|pieces| match pieces.as_slice() {
                [Piece::Text(text)] => text.clone(),
                _ => String::new(),
            })
            .collect();
        let _written = writeln!(out, "const TEXTS: [&str; 8] = {plain:?};");
        out.push_str("TEXTS[self.language as usize]\n}\n");
        return;
    }
    let parameters: Vec<String> = wanted
        .iter()
        .map(|(name, number)| format!("{name}: {}", if *number { "u64" } else { "&str" }))
        .collect();
    let _written = writeln!(
        out,
        "#[must_use] pub fn {name}(self, {}) -> String {{",
        parameters.join(", ")
    );
    let names: Vec<&String> = wanted.keys().collect();
    out.push_str("const TEXTS: [&[Piece]; 8] = [");
    for pieces in patterns {
        write_pieces(out, pieces, &names);
        out.push(',');
    }
    out.push_str("];\n");
    let values: Vec<String> = wanted
        .iter()
        .map(|(name, number)| match number {
            true => format!("Value::Number({name})"),
            false => format!("Value::Text({name})"),
        })
        .collect();
    let _written = writeln!(
        out,
        "self.fill(TEXTS[self.language as usize], &[{}])\n}}",
        values.join(", ")
    );
}

fn write_pieces(out: &mut String, pieces: &[Piece], names: &[&String]) {
    let place = |name: &String| names.iter().position(|known| *known == name).unwrap_or(0);
    out.push_str("&[");
    for piece in pieces {
        let _written = match piece {
            Piece::Text(text) => write!(out, "Piece::Text({text:?})"),
            Piece::Argument(name) => write!(out, "Piece::Argument({})", place(name)),
            Piece::Choice(name, choices) => {
                let _written = write!(out, "Piece::Choice({}, &[", place(name));
                for (category, pieces) in choices {
                    let _written = write!(out, "(Category::{}, ", capital(category));
                    write_pieces(out, pieces, names);
                    out.push_str("),");
                }
                write!(out, "])")
            }
        };
        out.push(',');
    }
    out.push(']');
}

fn sample(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Argument(name) => format!("{{{name}}}"),
        Piece::Choice(_, choices) => choices
            .last()
            .map(|(_, pieces)| pieces.iter().map(sample).collect())
            .unwrap_or_default(),
    }
}

fn capital(category: &str) -> String {
    let mut letters = category.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}
