//! The `whoacts` command.

fn main() {}
