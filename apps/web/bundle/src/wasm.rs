//! Page and worker as WebAssembly, with the glue to JavaScript.

use std::path::Path;
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::error::BundleError;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "web";
/// Tachys makes one type of all elements of a tag, instead of one type of each element with
/// everything in it: a smaller page, see docs/performance.md.
const FLAGS: &str = "--cfg=erase_components";

/// One module and its glue.
pub struct Bound {
    /// JavaScript: exports an initialiser that takes the module's address.
    pub glue: String,
    /// WebAssembly.
    pub module: Vec<u8>,
}

/// Builds both with cargo.
pub fn build(root: &Path, target: &Path) -> Result<(), BundleError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS)
        .args(["build", "--locked", "--lib", "--target", TARGET])
        .args(["--profile", PROFILE])
        .args(["--package", "siegel-web-worker"])
        .args(["--package", "siegel-web-page"]);
    let status = command.status().map_err(|source| BundleError::Run {
        program: "cargo",
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(BundleError::Cargo)
    }
}

/// Makes the glue of one of them.
pub fn bind(target: &Path, name: &str) -> Result<Bound, BundleError> {
    let built = target
        .join(TARGET)
        .join(PROFILE)
        .join(format!("siegel_web_{name}.wasm"));
    let out = target.join("web-stage").join(name);
    let refuse = |error: &dyn std::fmt::Display| BundleError::Bind {
        name: name.to_owned(),
        reason: error.to_string(),
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&built)
        .out_name(name)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(&out))
        .map_err(|error| refuse(&format!("{error:#}")))?;
    let module = out.join(format!("{name}_bg.wasm"));
    Ok(Bound {
        glue: read_text(&out.join(format!("{name}.js")))?,
        module: read(&module)?,
    })
}

/// Reads a file.
pub fn read(path: &Path) -> Result<Vec<u8>, BundleError> {
    std::fs::read(path).map_err(|source| BundleError::File {
        path: path.to_owned(),
        source,
    })
}

/// Reads a text.
pub fn read_text(path: &Path) -> Result<String, BundleError> {
    std::fs::read_to_string(path).map_err(|source| BundleError::File {
        path: path.to_owned(),
        source,
    })
}
