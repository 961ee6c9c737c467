//! Builds the web app: page and worker as WebAssembly, everything under names made of
//! hashes, everything compressed. What comes out lies in one folder, which the relay's build
//! takes in.
//!
//! ```text
//! siegel-web-bundle OUT        builds into OUT, for instance target/web-app
//! ```
//!
//! It needs cargo and the target `wasm32-unknown-unknown`.

mod assets;
mod error;
mod generated;
mod size;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use assets::Assets;
use error::BundleError;

fn main() -> ExitCode {
    let Some(out) = std::env::args_os().nth(1) else {
        say("siegel-web-bundle OUT: say where the app is to be written");
        return ExitCode::from(2);
    };
    match bundle(Path::new(&out)) {
        Ok(report) => {
            say(&report);
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&error.chain());
            ExitCode::FAILURE
        }
    }
}

fn bundle(out: &Path) -> Result<String, BundleError> {
    let root = root()?;
    let target = target(&root);
    wasm::build(&root, &target)?;
    let mut assets = Assets::new();
    for name in ["worker", "page"] {
        let bound = wasm::bind(&target, name)?;
        generated::add(&mut assets, name, bound);
    }
    generated::add_static(&mut assets, &root.join("apps/web/static"))?;
    assets.write(out)?;
    Ok(size::report(&assets))
}

/// Where the workspace lies: this program is built from `apps/web/bundle` in it.
fn root() -> Result<PathBuf, BundleError> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = own.ancestors().nth(3).ok_or(BundleError::NoWorkspace)?;
    Ok(root.to_owned())
}

fn target(root: &Path) -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR");
    root.join(named.unwrap_or_else(|| "target".into()))
}

#[expect(
    clippy::print_stderr,
    reason = "a program that reports to whoever builds"
)]
fn say(text: &str) {
    eprintln!("{text}");
}
