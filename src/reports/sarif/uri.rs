//! Paths as relative addresses. Code scanning finds a file by its path from the folder in which the scan was run.

use super::ROOT;
use super::model::{ArtifactLocation, Location, Message, PhysicalLocation, Region, Root};
use crate::rules::Spot;

/// How the paths of a report become addresses.
pub(super) struct Paths {
    /// The one folder that was scanned, when it is not the working folder itself: report paths start within it.
    prefix: String,
    /// Some target was named from the root of the file system.
    absolute: bool,
}

impl Paths {
    pub(super) fn new(targets: &[String]) -> Self {
        let folder = match targets {
            [only] if std::path::Path::new(only).is_dir() => Some(only),
            _ => None,
        };
        let absolute = folder.is_none() && targets.iter().any(|target| target.starts_with('/'));
        Self { prefix: folder.map(|folder| prefix(folder)).unwrap_or_default(), absolute }
    }

    /// What the addresses are relative to.
    pub(super) fn root(&self) -> Root {
        let (uri, said) = if self.absolute {
            (Some("file:///"), "the root of the file system, from which targets were named")
        } else {
            (None, "the folder in which the scan was run, or the one that was scanned when it lies elsewhere")
        };
        Root { uri, description: Message::new(said) }
    }

    /// The address of a path of the report.
    fn artifact(&self, path: &str) -> ArtifactLocation {
        let path = path.trim_start_matches('/');
        ArtifactLocation { uri: Some(encode(&format!("{}{path}", self.prefix))), uri_base_id: ROOT }
    }

    /// A path, with a position where there is one.
    pub(super) fn location(&self, path: &str, position: Option<(u32, u32)>) -> Location {
        let region = position.map(|(line, column)| Region {
            start_line: line.max(1),
            start_column: column.max(1),
            end_line: None,
            end_column: None,
        });
        let physical_location = PhysicalLocation { artifact_location: self.artifact(path), region };
        Location { id: None, physical_location, message: None }
    }

    /// A place of a finding.
    pub(super) fn spot(&self, spot: &Spot) -> Location {
        let start = (spot.line.max(1), spot.column.max(1));
        let end = (spot.end_line, spot.end_column).max(start);
        let region =
            Region { start_line: start.0, start_column: start.1, end_line: Some(end.0), end_column: Some(end.1) };
        let artifact_location = self.artifact(&spot.path);
        Location {
            id: None,
            physical_location: PhysicalLocation { artifact_location, region: Some(region) },
            message: None,
        }
    }
}

/// The folder in front of report paths: empty where these start in the working folder, or outside of it.
fn prefix(target: &str) -> String {
    let slashed = if cfg!(windows) { target.replace('\\', "/") } else { target.to_owned() };
    if slashed.starts_with('/') || slashed.contains(':') {
        return String::new();
    }
    let parts: Vec<&str> = slashed.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.is_empty() || parts.contains(&"..") { String::new() } else { parts.join("/") + "/" }
}

/// A path in which everything but unreserved characters and slashes is percent-encoded (RFC 3986, sections 2.3 and 3.3).
pub(super) fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_are_relative_and_encoded() {
        let address = |targets: &[&str], path: &str| {
            let targets: Vec<String> = targets.iter().map(ToString::to_string).collect();
            Paths::new(&targets).artifact(path).uri.unwrap()
        };
        assert_eq!(address(&["."], ".github/workflows/a b.yml"), ".github/workflows/a%20b.yml");
        assert_eq!(address(&["./src/reports/"], "mod.rs"), "src/reports/mod.rs");
        assert_eq!(address(&["/"], "a:ü#%.yml"), "a%3A%C3%BC%23%25.yml");
        assert_eq!(address(&["/x", "/y"], "/y/b.yml"), "y/b.yml");
        assert_eq!(address(&[".."], "b.yml"), "b.yml");
    }

    proptest! {
        #[test]
        fn an_address_holds_only_what_a_path_may_hold(path in "\\PC{0,30}") {
            let encoded = encode(&path);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte)));
        }
    }

    #[test]
    fn a_region_never_ends_before_it_starts() {
        let spot = Spot {
            path: "a".to_owned(),
            line: 3,
            column: 9,
            end_line: 3,
            end_column: 2,
            extract: String::new(),
            mark: 0..0,
        };
        let region = Paths::new(&[]).spot(&spot).physical_location.region.unwrap();
        assert_eq!((region.end_line, region.end_column), (Some(3), Some(9)));
    }
}
