//! The web app: built by `siegel-web-bundle`, taken in by the relay's build.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::shell;

/// Where the relay's build script looks for the app. Not one of the relay's own settings,
/// which begin with `SIEGEL_`: a relay started from here would refuse it.
pub const FOLDER: &str = "WEB_APP_DIR";
const BUNDLER: &str = "siegel-web-bundle";
const TARGET: &str = "wasm32-unknown-unknown";

static BUILT: OnceLock<PathBuf> = OnceLock::new();

/// Where the app lies, if this run of xtask has built it.
pub fn built() -> Option<&'static Path> {
    BUILT.get().map(PathBuf::as_path)
}

/// Builds the app; every cargo that is started after this knows where it lies.
pub fn bundle() -> Result<Option<String>, String> {
    install_target()?;
    // With the features of the whole workspace, so that what it is made of is not compiled
    // again for the relay and the tests.
    let words = ["build", "--locked", "--workspace", "--bin", BUNDLER];
    shell::execute(&mut shell::cargo(&words))?;
    let target = shell::target()?;
    let out = target.join("web-app");
    let bundler = target.join("debug").join(BUNDLER);
    shell::execute(shell::program(bundler).arg(&out))?;
    BUILT.get_or_init(|| out);
    Ok(None)
}

/// The toolchain file names the target; a toolchain that did not come by rustup has it or
/// cargo says what is missing.
fn install_target() -> Result<(), String> {
    let installed = shell::output_of("rustup", &["target", "list", "--installed"]);
    match installed {
        Some(list) if !list.lines().any(|line| line == TARGET) => {
            shell::execute(Command::new("rustup").args(["target", "add", TARGET]))
        }
        _ => Ok(()),
    }
}
