//! The realm of a repository, from the address of its remote.

use crate::text::printable;
use gix::bstr::{BStr, ByteSlice};

/// Host and path of the remote `origin`, or of the only remote; none without one, or when it is a local path.
pub(super) fn of_remote(git: &gix::Repository) -> Option<String> {
    let config = git.config_snapshot();
    let sections = config.plumbing().sections_by_name("remote")?;
    let remotes: Vec<_> = sections
        .filter_map(|section| Some((section.header().subsection_name()?.to_owned(), section.value("url")?)))
        .collect();
    let origin = remotes.iter().find(|(name, _)| name == "origin");
    let (_, url) =
        origin.or_else(|| remotes.first().filter(|(first, _)| remotes.iter().all(|(name, _)| name == first)))?;
    of_url(url.as_ref())
}

/// `host/path` of a remote's address, in any of the forms that git takes (git-clone(1), "Git URLs"). User, password, port
/// and query are left out: they may be secret, and they do not make it another repository.
fn of_url(url: &BStr) -> Option<String> {
    let url = gix::url::parse(url).ok()?;
    let host = url.host().filter(|host| !host.is_empty())?.to_ascii_lowercase();
    let path = url.path.to_str().ok()?;
    let path = path.split(['?', '#']).next()?.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
    if path.is_empty() { None } else { Some(printable(&format!("{host}/{path}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn realm(url: &str) -> Option<String> {
        of_url(url.into())
    }

    #[test]
    fn all_forms_of_an_address_meet() {
        for url in [
            "git@github.com:acme/shop.git",
            "git@GitHub.com:/acme/shop.git",
            "https://github.com/acme/shop",
            "https://github.com/acme/shop.git/",
            "https://user:t0ken@github.com/acme/shop",
            "https://t0ken@github.com/acme/shop.git?token=t0ken",
            "ssh://git@github.com:22/acme/shop.git",
            "ssh://git@github.com:2222/acme/shop.git",
            "git://github.com/acme/shop",
        ] {
            assert_eq!(realm(url).as_deref(), Some("github.com/acme/shop"), "{url}");
        }
    }

    #[test]
    fn places_on_this_machine_are_no_realm() {
        for url in ["../shop.git", "/srv/git/shop.git", "file:///srv/git/shop.git", "ext::sh -c evil", "https://", ""] {
            assert_eq!(realm(url), None, "{url}");
        }
    }

    proptest! {
        #[test]
        fn no_address_panics_or_leaks_its_password(url in "[a-z:/@.%\\[\\]~ -]{0,40}") {
            let _ = realm(&url);
            let secret = realm(&format!("https://user:s3cr3t@host/{}", url.replace('@', "")));
            prop_assert!(!secret.unwrap_or_default().contains("s3cr3t"));
        }
    }
}
