#![no_main]

use libfuzzer_sys::fuzz_target;
use whoacts::syntax::Syntax;

fuzz_target!(|data: &[u8]| whoacts_fuzz::read(Syntax::Hcl, data));
