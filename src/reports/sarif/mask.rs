//! Reports for code scanning are read by more people than the repository: e-mail addresses of persons are masked.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Anything of the form of an e-mail address.
static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\w[\w.%+'-]*@\w[\w-]*(?:\.[\w-]+)*\.\p{Alphabetic}{2,}").ok());

/// Domains whose addresses name machines.
const MACHINES: [&str; 1] = ["gserviceaccount.com"];

/// The local part with which addresses of repositories begin (`git@github.com:acme/shop`).
const REPOSITORIES: &str = "git";

/// The text with every e-mail address reduced to its first letter and its domain. Addresses that name a machine, such as
/// those of Google service accounts, stay: they are what a finding is about.
pub(super) fn emails(text: &str) -> String {
    let Some(pattern) = EMAIL.as_ref() else { return text.replace('@', "(at)") };
    pattern
        .replace_all(text, |found: &Captures<'_>| masked(found.get(0).map_or("", |whole| whole.as_str())))
        .into_owned()
}

fn masked(address: &str) -> String {
    let Some((local, domain)) = address.split_once('@') else { return address.to_owned() };
    let lower = domain.to_ascii_lowercase();
    let machine = MACHINES
        .iter()
        .any(|suffix| lower.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if machine || local == REPOSITORIES {
        return address.to_owned();
    }
    format!("{}…@{domain}", local.chars().next().unwrap_or('…'))
}

#[cfg(test)]
mod tests {
    use super::emails;
    use proptest::prelude::*;

    #[test]
    fn persons_are_masked_and_machines_are_not() {
        assert_eq!(emails("runs as alice.b+ci@acme.example, a person"), "runs as a…@acme.example, a person");
        assert_eq!(emails("<12+mara@users.noreply.github.com>"), "<1…@users.noreply.github.com>");
        let account = "deploy@shop-prod.iam.gserviceaccount.com";
        assert_eq!(emails(account), account);
        assert_eq!(emails("git@github.com:acme/shop"), "git@github.com:acme/shop");
        assert_eq!(emails("actions/checkout@v4 and @acme/platform"), "actions/checkout@v4 and @acme/platform");
        assert_eq!(emails("a@evilgserviceaccount.com"), "a…@evilgserviceaccount.com");
        assert_eq!(emails("jürgen@müller.example"), "j…@müller.example");
        assert_eq!(emails("uses actions/checkout@v4.2.10"), "uses actions/checkout@v4.2.10");
    }

    proptest! {
        #[test]
        fn no_address_gets_through(
            before in "[ a-z<:'(]{0,6}",
            local in "[a-zä][a-z0-9.+_-]{1,12}",
            domain in "[a-z]{1,8}(\\.[a-z]{1,5}){0,2}\\.[a-z]{2,4}",
            after in "[ >,.)]{0,3}"
        ) {
            prop_assume!(!domain.ends_with("gserviceaccount.com") && local != "git");
            let masked = emails(&format!("{before} {local}@{domain}{after}"));
            let address = format!("{local}@{domain}");
            prop_assert!(!masked.contains(&address), "{masked}");
            prop_assert!(masked.contains("…@"), "{masked}");
        }
    }
}
