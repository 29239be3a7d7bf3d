//! What the id of an AWS access key says by itself.
//!
//! Forms: docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, "Unique identifiers".

/// Length of an id: a prefix of four letters, and sixteen characters of base 32.
const LENGTH: usize = 20;
/// Where the account number lies in the fifty bits that are looked at.
const ACCOUNT: u64 = 0x7fff_ffff_ff80;
/// One more than the largest number of an account.
const ACCOUNTS: u64 = 1_000_000_000_000;

/// Whether a text is the id of an access key: `AKIA…` for those that live until someone revokes them, `ASIA…` for those of
/// sessions.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let known = text.starts_with("AKIA") || text.starts_with("ASIA");
    known && text.len() == LENGTH && text.bytes().all(|byte| digit(byte).is_some())
}

/// The account that an access key id holds, as twelve digits. None for ids of the older scheme, whose fifth letter is I
/// or J and which hold none, and for ids that somebody made up: they hold a number that no account has.
#[must_use]
pub fn account(id: &str) -> Option<String> {
    let body = id.get(4..)?;
    if id.len() != LENGTH || body.starts_with(['I', 'J']) {
        return None;
    }
    // Only the first six bytes matter: ten characters hold fifty bits.
    let bits = body.bytes().take(10).try_fold(0u64, |bits, byte| Some(bits << 5 | digit(byte)?))?;
    let account = (bits >> 2 & ACCOUNT) >> 7;
    (account < ACCOUNTS).then(|| format!("{account:012}"))
}

fn digit(byte: u8) -> Option<u64> {
    match byte {
        b'A'..=b'Z' => Some(u64::from(byte - b'A')),
        b'2'..=b'7' => Some(u64::from(byte - b'2' + 26)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_of_the_newer_scheme_tell_their_account() {
        assert_eq!(account("AKIASP2TPHJSQH3FJRUX").as_deref(), Some("171436882533"));
        assert_eq!(account("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
        assert_eq!(account("AKIARTX3GSDSUUFAKEEU").as_deref(), Some("111122223333"));
        for none in ["AKIAIOSFODNN7EXAMPLE", "AKIA7777777777777777", "AKIA", "AKIAÄÄÄÄÄÄÄÄ"] {
            assert_eq!(account(none), None, "{none}");
        }
    }

    #[test]
    fn ids_have_a_prefix_a_length_and_an_alphabet() {
        assert!(is_id("AKIARTX3GSDSUUFAKEEU") && is_id("ASIARTX3GSDSUUFAKEEU"));
        for other in ["AIDARTX3GSDSUUFAKEEU", "AKIARTX3GSDSUUFAKEE1", "AKIARTX3GSDSUUFAKEE", "akiartx3gsdsuufakeeu"] {
            assert!(!is_id(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(AKIA)?\\PC{0,24}") {
            prop_assert!(account(&text).is_none_or(|account| account.len() == 12));
            let _ = is_id(&text);
        }
    }
}
