//! Every report, as a reader or a program gets it. `INSTA_UPDATE=always cargo test --test reports` writes the snapshots.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "reports/outcome.rs"]
mod outcome;

use std::fs;
use std::path::Path;
use std::time::Duration;

use insta::assert_snapshot;
use outcome::{outcome, quiet};
use proptest::prelude::*;
use serde_json::Value;
use whoacts::reports::{ALL, Options, explain_finding, find, inventory_csv, inventory_json, inventory_table};
use whoacts::rules::{Finding, Severity};
use whoacts::scan::Outcome;

fn render(format: &str, outcome: &Outcome, options: &Options) -> String {
    find(format).unwrap().render(outcome, options).unwrap()
}

fn plain(format: &str, outcome: &Outcome) -> String {
    render(format, outcome, &Options::default())
}

/// The text as it will be in every version of the program.
fn without_version(text: &str) -> String {
    text.replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"VERSION\"")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// What a schema has against a document.
fn faults(schema: &str, document: &Value) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(schema);
    let schema = json(&fs::read_to_string(path).unwrap());
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

const REPORT_SCHEMA: &str = "docs/schema/whoacts-1.schema.json";
const SARIF_SCHEMA: &str = "tests/schema/sarif-schema-2.1.0.json";

#[test]
fn human() {
    assert_snapshot!(plain("human", &outcome()));
}

#[test]
fn human_with_its_ledger_on_a_narrow_terminal() {
    let options = Options { width: 60, ledger: true, ..Options::default() };
    assert_snapshot!(render("human", &outcome(), &options));
}

#[test]
fn human_when_nothing_is_found() {
    let options = Options { strict: true, ..Options::default() };
    assert_snapshot!(render("human", &quiet(), &options));
}

#[test]
fn human_when_there_is_nothing_to_find() {
    let nothing = Outcome { graph: Default::default(), grades: [0; 5], not_evaluated: Vec::new(), ..quiet() };
    assert_snapshot!(plain("human", &nothing));
}

#[test]
fn table() {
    assert_snapshot!(plain("table", &outcome()));
}

#[test]
fn sarif() {
    let document = serde_json::to_string_pretty(&json(&plain("sarif", &outcome()))).unwrap();
    assert_snapshot!(without_version(&document));
}

#[test]
fn json_document() {
    assert_snapshot!(without_version(&plain("json", &outcome())));
}

#[test]
fn an_explanation() {
    let outcome = outcome();
    assert_snapshot!(explain_finding(&outcome, &outcome.findings[0], &Options::default()));
}

#[test]
fn inventory_as_tables() {
    assert_snapshot!(inventory_table(&outcome(), &Options { width: 200, ..Options::default() }));
}

#[test]
fn inventory_as_csv() {
    assert_snapshot!(inventory_csv(&outcome()).unwrap());
}

#[test]
fn json_keeps_to_its_published_schema() {
    for options in [Options::default(), Options { inventory: true, ..Options::default() }] {
        for outcome in [outcome(), quiet(), Outcome { graph: Default::default(), ..quiet() }] {
            let document = json(&render("json", &outcome, &options));
            assert_eq!(faults(REPORT_SCHEMA, &document), [""; 0]);
        }
    }
    let inventory = json(&inventory_json(&outcome()).unwrap());
    assert_eq!(faults(REPORT_SCHEMA, &inventory), [""; 0]);
    assert_eq!(inventory["inventory"]["workloads"].as_array().unwrap().len(), 4);
    let mut unknown = inventory;
    unknown["inventory"]["workloads"][0]["mood"] = "good".into();
    assert_eq!(faults(REPORT_SCHEMA, &unknown).len(), 1);
}

#[test]
fn sarif_keeps_to_the_standard() {
    for outcome in [outcome(), quiet(), Outcome { rules: Vec::new(), ..outcome() }] {
        let document = json(&plain("sarif", &outcome));
        assert_eq!(faults(SARIF_SCHEMA, &document), [""; 0]);
    }
}

/// What code scanning and its users have been bitten by with other tools.
#[test]
fn sarif_is_what_code_scanning_takes() {
    let document = json(&plain("sarif", &outcome()));
    let run = &document["runs"][0];
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let mut unique = rules.clone();
    unique.dedup();
    assert_eq!(rules, unique);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 4, "the finding without a place is told, not placed");
    for result in results {
        assert_eq!(rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()], result["ruleId"]);
        let location = &result["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains(':') && !uri.contains(' '), "{uri}");
        assert_eq!(location["artifactLocation"]["uriBaseId"], "%SRCROOT%");
        assert!(location["region"]["startLine"].as_u64().unwrap() >= 1);
        let prints = result["partialFingerprints"].as_object().unwrap();
        assert_eq!(prints.keys().collect::<Vec<_>>(), ["whoacts/v1"]);
    }
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert!(told.iter().any(|one| one["message"]["text"].as_str().unwrap().starts_with("nobody-answers (medium)")));
    assert_eq!(run["versionControlProvenance"][0]["repositoryUri"], "https://github.com/acme/shop");
}

#[test]
fn sarif_relates_rules_to_taxa() {
    let document = json(&plain("sarif", &outcome()));
    let run = &document["runs"][0];
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        for relationship in rule["relationships"].as_array().unwrap() {
            let target = &relationship["target"];
            let at = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
            let taxonomy = &run["taxonomies"][at(&target["toolComponent"]["index"])];
            assert_eq!(taxonomy["name"], target["toolComponent"]["name"]);
            assert_eq!(taxonomy["taxa"][at(&target["index"])]["id"], target["id"]);
        }
    }
}

#[test]
fn sarif_names_no_person_and_quotes_no_line() {
    let text = plain("sarif", &outcome());
    assert!(!text.contains("mara@acme.example") && !text.contains("alice@acme.example"), "{text}");
    assert!(text.contains("m…@acme.example"));
    assert!(!text.contains("/home/mara/load.sh"));
}

#[test]
fn sarif_stays_small_however_many_places_there_are() {
    let mut outcome = outcome();
    let places = outcome.findings[0].evidence.clone();
    outcome.findings[0].evidence = places.into_iter().cycle().take(3000).collect();
    let document = json(&plain("sarif", &outcome));
    let result = &document["runs"][0]["results"][0];
    assert_eq!(result["relatedLocations"].as_array().unwrap().len(), 20);
    assert_eq!(result["properties"]["places"], 3000);
    assert!(result["message"]["text"].as_str().unwrap().ends_with("and 2,995 more places."));
}

#[test]
fn equal_outcomes_give_equal_bytes() {
    for report in ALL {
        let options = Options { ledger: true, inventory: true, ..Options::default() };
        let render = || report.render(&outcome(), &options).unwrap();
        assert_eq!(render(), render(), "{}", report.name);
    }
}

#[test]
fn time_is_shown_only_where_it_was_measured() {
    let timed = Options { elapsed: Some(Duration::from_millis(110)), ..Options::default() };
    assert!(render("human", &outcome(), &timed).lines().next().unwrap().ends_with("in 0.11 s"));
    assert_eq!(render("json", &outcome(), &timed), plain("json", &outcome()));
}

#[test]
fn colours_change_nothing_but_the_colours() {
    let colourful = Options { color: true, ledger: true, ..Options::default() };
    let dull = Options { ledger: true, ..Options::default() };
    let codes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let painted = render("human", &outcome(), &colourful);
    assert!(painted.contains("\u{1b}[1;31mcritical\u{1b}[0m"));
    assert_eq!(codes.replace_all(&painted, ""), render("human", &outcome(), &dull));
}

#[test]
fn lines_keep_to_the_width() {
    for width in [60, 80, 120] {
        let options = Options { width, ..Options::default() };
        let outcome = outcome();
        let explained = explain_finding(&outcome, &outcome.findings[0], &options);
        for line in (render("human", &outcome, &options) + &explained).lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn a_misspelt_format_is_told_the_right_one() {
    let error = find("sarfi").err().unwrap();
    assert!(format!("{:?}", miette::Report::new(error)).contains("sarif"));
    let error = find("pdf").err().unwrap();
    assert!(format!("{:?}", miette::Report::new(error)).contains("human, table, json and sarif"));
}

#[test]
fn the_exit_code_that_is_announced_is_the_one_of_the_gate() {
    let said = |fail_on| render("human", &outcome(), &Options { fail_on, ..Options::default() });
    assert!(said(Some(Severity::Critical)).contains("exit 1: --fail-on critical"));
    assert!(said(None).contains("exit 0: --fail-on never"));
    let strict = Options { strict: true, ..Options::default() };
    assert!(render("human", &outcome(), &strict).contains("exit 3: --strict, and 2 parts not read"));
}

/// The same outcome with one text in every place that files can fill.
fn filled_with(text: &str) -> Outcome {
    let mut outcome = outcome();
    let fill = |finding: &mut Finding| {
        finding.message = text.to_owned();
        finding.subject.name = text.to_owned();
        finding.because = vec![text.to_owned()];
        finding.fix = text.to_owned();
        for evidence in &mut finding.evidence {
            evidence.role = text.to_owned();
            if let Some(spot) = &mut evidence.spot {
                spot.path = text.to_owned();
                spot.extract = text.to_owned();
            }
        }
    };
    outcome.findings.iter_mut().for_each(fill);
    for line in outcome.coverage.skipped.iter_mut().chain(&mut outcome.coverage.unresolved) {
        (line.path, line.reason) = (text.to_owned(), text.to_owned());
    }
    for workload in &mut outcome.graph.workloads {
        workload.title = text.to_owned();
    }
    outcome
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_shown_without_power_over_the_terminal(
        text in "\\PC{0,8}[\u{0}-\u{20}\u{202e}\u{1b}]{0,3}\\PC{0,80}",
        width in 0usize..130
    ) {
        let outcome = filled_with(&text);
        let options = Options { width, ledger: true, ..Options::default() };
        let mut shown = render("human", &outcome, &options) + &render("table", &outcome, &options);
        shown += &inventory_table(&outcome, &options);
        shown += &explain_finding(&outcome, &outcome.findings[0], &options);
        let power = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        prop_assert!(!shown.contains(power));
    }

    #[test]
    fn any_text_leaves_the_documents_valid(text in "\\PC{0,40}") {
        let outcome = filled_with(&text);
        let report = json(&render("json", &outcome, &Options { inventory: true, ..Options::default() }));
        prop_assert_eq!(faults(REPORT_SCHEMA, &report), [""; 0]);
        let sarif = json(&plain("sarif", &outcome));
        prop_assert_eq!(faults(SARIF_SCHEMA, &sarif), [""; 0]);
    }
}
