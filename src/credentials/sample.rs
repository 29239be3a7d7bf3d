//! Paths of tests, examples and documentation, by whole words.

/// Folders that hold nothing productive, whatever lies in them.
const FOLDERS: [&str; 34] = [
    "test",
    "tests",
    "testing",
    "testdata",
    "test-data",
    "test_data",
    "test-fixtures",
    "test_fixtures",
    "testfixtures",
    "test-files",
    "test_files",
    "testfiles",
    "__tests__",
    "__mocks__",
    "__fixtures__",
    "__snapshots__",
    "fixture",
    "fixtures",
    "mock",
    "mocks",
    "spec",
    "specs",
    "example",
    "examples",
    "sample",
    "samples",
    "doc",
    "docs",
    "documentation",
    "demo",
    "demos",
    "tutorial",
    "tutorials",
    // The machine on a developer's own desk.
    "vagrant",
];
/// The last words of compound names of such folders.
const PLURALS: [&str; 6] = ["tests", "testdata", "fixtures", "mocks", "examples", "samples"];
/// Folders whose children are named by stages, of which `test` is one that is deployed to.
const STAGES: [&str; 14] = [
    "environments",
    "environment",
    "envs",
    "env",
    "stages",
    "overlays",
    "clusters",
    "accounts",
    "inventories",
    "inventory",
    "group_vars",
    "tenants",
    "live",
    "deploy",
];
/// Words in the name of a file that say the same, wherever they stand in it.
const WORDS: [&str; 9] =
    ["example", "examples", "sample", "samples", "fixture", "fixtures", "mock", "mocks", "testdata"];
/// Endings of prose.
const PROSE: [&str; 6] = ["md", "mdx", "markdown", "rst", "adoc", "asciidoc"];
/// Endings of program code, whose tests are known by their names.
const CODE: [&str; 24] = [
    "go", "py", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "rb", "rs", "java", "kt", "kts", "scala", "cs", "php",
    "c", "cc", "cpp", "swift", "exs", "ex", "sh",
];

/// Whether a path is one of tests, examples or documentation. The path is taken from the top of its repository or of
/// what is scanned, so that a folder above it has no say.
#[must_use]
pub fn is_sample_path(path: &str) -> bool {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let mut above = "";
    folders.split('/').any(|folder| is_sample_folder(folder, std::mem::replace(&mut above, folder)))
        || is_sample_file(file)
        || is_chart_test(folders, file)
}

/// Values that a chart is tried out with: `ci/*-values.yaml`, by the convention of helm/chart-testing.
fn is_chart_test(folders: &str, file: &str) -> bool {
    let folder = folders.rsplit('/').next().unwrap_or_default();
    folder == "ci" && (file.ends_with("-values.yaml") || file.ends_with("-values.yml"))
}

fn is_sample_folder(folder: &str, above: &str) -> bool {
    let lower = folder.to_ascii_lowercase();
    if matches!(lower.as_str(), "test" | "testing" | "demo") && STAGES.contains(&above.to_ascii_lowercase().as_str()) {
        return false;
    }
    // The last word of a compound says what it is: `integration-tests`, `e2eTests`; `test-infra` is infrastructure.
    let last = folder.rsplit(['-', '_', '.']).next().unwrap_or_default();
    let last = last.rfind(|c: char| c.is_ascii_uppercase()).and_then(|at| last.get(at..)).unwrap_or(last);
    FOLDERS.contains(&lower.as_str())
        || lower.starts_with("dummy")
        || PLURALS.contains(&last.to_ascii_lowercase().as_str())
}

fn is_sample_file(file: &str) -> bool {
    let lower = file.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let ending = words.last().copied().unwrap_or_default();
    let prose = PROSE.contains(&ending) || matches!(words.first(), Some(&("readme" | "changelog")));
    prose || words.iter().any(|word| WORDS.contains(word)) || is_test_code(file, &words, ending)
}

/// `x_test.go`, `x.test.js`, `x-spec.rb`, `test_x.py`, `XTest.java`; a workflow named `test.yml` is none.
fn is_test_code(file: &str, words: &[&str], ending: &str) -> bool {
    let tests = |word: &&str| matches!(*word, "test" | "tests" | "spec" | "conftest");
    let stem = words.split_last().map_or(&[][..], |(_, stem)| stem);
    let camel = file.rsplit_once('.').is_some_and(|(name, _)| {
        let word = ["Test", "Tests", "Spec", "IT"].iter().find_map(|end| name.strip_suffix(end));
        word.is_some_and(|word| word.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()))
    });
    CODE.contains(&ending) && (stem.first().is_some_and(tests) || stem.last().is_some_and(tests) || camel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_of_the_path_decide() {
        for path in [
            "tests/fixtures/webhook.json",
            "src/redact.test.js",
            "docs/setup.md",
            "README",
            "README.md",
            "config/example.env",
            ".env.example",
            "pkg/auth/auth_test.go",
            "src/test/java/AuthTest.java",
            "app/AuthTest.java",
            "lib/test_auth.py",
            "pkg/testdata/key.pem",
            "web/__tests__/a.ts",
            "integrationTests/e2e-tls/server.key",
            "load-tests/run.yaml",
            "values.sample.yaml",
            "store/migration/test-files/postgres.sql",
            "hieradata/vagrant/roles/vpn.yaml",
            "charts/shop/ci/tls-values.yaml",
            "client/dummyserver/certs/server.key",
        ] {
            assert!(is_sample_path(path), "{path}");
        }
        for path in [
            "scripts/release.sh",
            ".github/workflows/test.yml",
            "test-infra/deploy.yaml",
            "terraform/environments/test/main.tf",
            "overlays/test/secret.yaml",
            "config/jobs/kubernetes/test-infra/autobump.yaml",
            "src/contest.py",
            "latest/values.yaml",
            "ci/pipeline.yaml",
            "deploy/prod-values.yaml",
            "src/attestation.go",
            "k8s/docstore/secret.yaml",
            "testing-farm.env",
            "src/specification.ts",
            "AUDIT.sh",
        ] {
            assert!(!is_sample_path(path), "{path}");
        }
    }
}
