//! The data of the top-level `rules/` folder, embedded at build time.

/// Path within the repository and content of every YAML file below `rules/`, by path.
static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The embedded files below `folder` (`rules/catalog/sinks/`), by path.
pub fn embedded(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(move |(path, _)| path.starts_with(folder))
}
