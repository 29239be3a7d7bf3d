//! The `whoacts` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    whoacts::cli::main()
}
