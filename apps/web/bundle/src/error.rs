//! Why the app was not built.

use std::path::PathBuf;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// This program was moved away from the workspace it was built in.
    #[error("the workspace is not where it was when this program was built")]
    NoWorkspace,
    /// cargo says why.
    #[error("page and worker could not be built")]
    Cargo,
    /// A program could not be started.
    #[error("could not run {program}")]
    Run {
        /// Which.
        program: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The glue between JavaScript and WebAssembly could not be made.
    #[error("wasm-bindgen refuses {name}: {reason}")]
    Bind {
        /// Which module.
        name: String,
        /// What it says.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of `apps/web/static` names another one that is not there.
    #[error("{file} names {{{{{name}}}}}, which there is not")]
    Unknown {
        /// The file.
        file: String,
        /// What it names.
        name: String,
    },
}

impl BundleError {
    /// The error with its causes.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
