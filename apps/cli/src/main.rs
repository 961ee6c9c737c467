//! The `siegel` command.

use clap::Parser;
use siegel_cli::args::Arguments;
use siegel_cli::commands;
use siegel_cli::exit::Exit;
use siegel_cli::show::language::Language;
use siegel_cli::show::output::Output;

fn main() -> Exit {
    let arguments = Arguments::parse();
    let language = arguments.global.lang;
    let language = language.unwrap_or_else(|| Language::of_system(|name| std::env::var(name)));
    let output = Output::new(language, arguments.global.json);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(commands::run(arguments, output)),
        Err(error) => {
            output.complain("internal", &output.texts().internal(), &[error.to_string()]);
            Exit::Internal
        }
    }
}
