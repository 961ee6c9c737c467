//! Running other programs and saying clearly when that fails.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a task ends with: nothing, or a sentence that says what to do.
pub type Outcome = Result<(), String>;

/// The root of the workspace, wherever `cargo xtask` was called.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The cargo that started this program, run in the workspace's root.
pub fn cargo<S: AsRef<OsStr>>(args: &[S]) -> Command {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if let Some(app) = crate::web::built() {
        command.env(crate::web::FOLDER, app);
    }
    command.args(args);
    command
}

/// A program, cargo or one that starts it, run in the workspace's root.
pub fn program(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    // `cargo run` describes xtask to us in variables; inherited, they would make other
    // packages' build scripts run again.
    for (name, _) in std::env::vars_os() {
        let ours = name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_"));
        if ours || name == "CARGO_MANIFEST_DIR" || name == "CARGO_MANIFEST_PATH" {
            command.env_remove(name);
        }
    }
    command.current_dir(root());
    command
}

/// Where this program itself was built, and everything else is: `<target>/debug/xtask`.
pub fn target() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    own.ancestors()
        .nth(2)
        .map(PathBuf::from)
        .ok_or_else(|| format!("{} is not in a target folder", own.display()))
}

/// Prints the command, runs it without standard input, and turns a failure into a
/// sentence.
pub fn execute(command: &mut Command) -> Outcome {
    println!("$ {}", describe(command));
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("could not start `{}`: {error}", describe(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` failed ({status})", describe(command)))
    }
}

/// Standard output of a program that runs quietly to success.
pub fn output_of(program: &str, args: &[&str]) -> Option<String> {
    output_in(Path::new("."), program, args)
}

/// The same in another folder.
pub fn output_in(folder: &Path, program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    String::from_utf8(output.stdout).ok()
}

/// The command as a person would type it.
pub fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![
        program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    ];
    words.extend(
        command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned()),
    );
    words.join(" ")
}
