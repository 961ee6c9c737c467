//! `completions` and `man`: for the shell and the manual.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::context::Context;
use crate::args::Arguments;
use crate::failure::Failure;

/// `siegel completions SHELL`
pub fn completions(context: &Context, shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "siegel", &mut script);
    Ok(context.output.raw(&script)?)
}

/// `siegel man DIR`: one page for the program and one for each command.
pub fn manual(context: &Context, directory: &Path) -> Result<(), Failure> {
    let fail = |source| Failure::File {
        path: directory.to_owned(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(fail)?;
    clap_mangen::generate_to(Arguments::command(), directory).map_err(fail)?;
    context
        .output
        .remark(&context.output.texts().manual_written(directory.display()));
    Ok(())
}
