//! `settings`, `completions` and `man`: what packages and documents are made of.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Arguments;
use crate::settings;

/// `siegel-server settings`
pub fn settings() -> Result<ExitCode, Box<dyn Error>> {
    print(settings::table().as_bytes())
}

/// `siegel-server completions SHELL`
pub fn completions(shell: Shell) -> Result<ExitCode, Box<dyn Error>> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        "siegel-server",
        &mut script,
    );
    print(&script)
}

/// `siegel-server man DIR`: one page for the program and one for each command.
pub fn manual(directory: &Path) -> Result<ExitCode, Box<dyn Error>> {
    std::fs::create_dir_all(directory)?;
    clap_mangen::generate_to(Arguments::command(), directory)?;
    Ok(ExitCode::SUCCESS)
}

fn print(bytes: &[u8]) -> Result<ExitCode, Box<dyn Error>> {
    io::stdout().write_all(bytes)?;
    Ok(ExitCode::SUCCESS)
}
