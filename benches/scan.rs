//! Measures the scan. Filled with the pipeline.

fn main() {}
