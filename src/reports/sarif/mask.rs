//! Reports for code scanning are read by more people than the repository: e-mail addresses of persons are masked.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Anything of the form of an e-mail address.
static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)[a-z0-9][a-z0-9._%+'-]*@[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,}").ok());

/// Domains whose addresses name machines.
const MACHINES: [&str; 1] = ["gserviceaccount.com"];

/// The local part with which addresses of repositories begin (`git@github.com:acme/shop`).
const REPOSITORIES: &str = "git";

/// The text with every e-mail address reduced to its first letter and its domain. Addresses that name a machine, such as
/// those of Google service accounts, stay: they are what a finding is about.
pub(super) fn emails(text: &str) -> String {
    let Some(pattern) = EMAIL.as_ref() else { return text.replace('@', "(at)") };
    pattern.replace_all(text, |found: &Captures<'_>| masked(found.get(0).map_or("", |whole| whole.as_str()))).into_owned()
}

fn masked(address: &str) -> String {
    let Some((local, domain)) = address.split_once('@') else { return address.to_owned() };
    let lower = domain.to_ascii_lowercase();
    let machine = MACHINES.iter().any(|suffix| lower.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if machine || local == REPOSITORIES {
        return address.to_owned();
    }
    format!("{}…@{domain}", local.chars().next().unwrap_or('…'))
}

#[cfg(test)]
mod tests {
    use super::emails;

    #[test]
    fn persons_are_masked_and_machines_are_not() {
        assert_eq!(emails("runs as alice.b+ci@acme.example, a person"), "runs as a…@acme.example, a person");
        assert_eq!(emails("<12+mara@users.noreply.github.com>"), "<1…@users.noreply.github.com>");
        let account = "deploy@shop-prod.iam.gserviceaccount.com";
        assert_eq!(emails(account), account);
        assert_eq!(emails("git@github.com:acme/shop"), "git@github.com:acme/shop");
        assert_eq!(emails("actions/checkout@v4 and @acme/platform"), "actions/checkout@v4 and @acme/platform");
        assert_eq!(emails("a@evilgserviceaccount.com"), "a…@evilgserviceaccount.com");
    }
}
