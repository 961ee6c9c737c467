//! The only place that prints. What a command found out goes to standard output, as text
//! for people or as one JSON document per line; remarks and errors go to standard error.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::language::Language;
use super::qr::Paint;
use super::texts::Texts;

/// Something a command shows: JSON by its fields, text by [`Show::text`].
pub trait Show: Serialize {
    /// The same for people, in their language, without a closing line break. Text of
    /// other people passes through [`super::printable`] here.
    fn text(&self, texts: Texts) -> String;
}

/// How to speak to whoever called.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    language: Language,
    json: bool,
}

/// Standard output is gone, for example because the reader of a pipe ended.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
pub struct OutputError(#[from] io::Error);

impl Output {
    /// Text in this language, or JSON.
    pub fn new(language: Language, json: bool) -> Self {
        Self { language, json }
    }

    /// The sentences in the caller's language.
    pub fn texts(self) -> Texts {
        Texts::new(self.language)
    }

    /// Whether a script is listening.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Shows one thing: one JSON document on a line of its own, or text.
    pub fn show(self, what: &impl Show) -> Result<(), OutputError> {
        let mut line = if self.json {
            serde_json::to_string(what).map_err(io::Error::from)?
        } else {
            what.text(self.texts())
        };
        if line.is_empty() {
            return Ok(());
        }
        if !line.ends_with('\n') {
            line.push('\n');
        }
        write_out(line.as_bytes())
    }

    /// Writes bytes as they are: completions.
    pub fn raw(self, bytes: &[u8]) -> Result<(), OutputError> {
        write_out(bytes)
    }

    /// Says something beside the result, to people only.
    pub fn remark(self, sentence: &str) {
        if !self.json {
            self.complain_plainly(sentence);
        }
    }

    /// Reports a failure: `{"error": {"code": …, "message": …}}` or a sentence.
    pub fn complain(self, code: &str, sentence: &str, chain: &[String]) {
        if self.json {
            let error = serde_json::json!({
                "error": { "code": code, "message": sentence, "causes": chain }
            });
            self.complain_plainly(&error.to_string());
        } else {
            let causes: String = chain.iter().map(|cause| format!(": {cause}")).collect();
            self.complain_plainly(&format!("siegel: {sentence}{causes}"));
        }
    }

    /// How a QR code may be painted here.
    pub fn paint(self) -> Paint {
        if io::stdout().is_terminal() {
            Paint::Terminal
        } else {
            Paint::Plain
        }
    }

    fn complain_plainly(self, sentence: &str) {
        // If nobody can be told, the exit code still says it.
        writeln!(io::stderr(), "{sentence}").ok();
    }
}

fn write_out(bytes: &[u8]) -> Result<(), OutputError> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}
