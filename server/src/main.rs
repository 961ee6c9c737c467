//! `siegel-server`: runs the relay and helps its operator.

use std::process::ExitCode;

fn main() -> ExitCode {
    siegel_server::command::main(std::env::args_os())
}
