//! Names with wildcards, as policies write them.

/// Whether a pattern, in which `*` stands for any text and `?` for one character, matches the whole text, whatever its
/// case. In linear space and at most quadratic time: patterns come from untrusted files.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut from) = (0, 0);
    // Where the last `*` stands, and where in the text it may end at the earliest.
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(byte) if *byte == b'?' || byte.eq_ignore_ascii_case(&text[from]) => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((star_at, end)) = star else { return false };
                star = Some((star_at, end + 1));
                (at, from) = (star_at + 1, end + 1);
            }
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_stand_for_any_text() {
        for (pattern, text) in [
            ("*", ""),
            ("iam:*", "iam:PassRole"),
            ("IAM:passrole", "iam:PassRole"),
            ("*:Get*", "s3:GetObject"),
            ("s3:*Object", "s3:PutObject"),
            ("s3:???Object", "s3:GetObject"),
            ("a*b*c", "aXbYbZc"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("iam:*", "iamx"), ("*:Get*", "s3:ForgetObject"), ("a*b", "ab-"), ("?", "")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_and_what_is_left_of_it_before_a_star(text in "[^*?]{0,20}", cut in 0usize..20) {
            prop_assert!(matches(&text, &text));
            let head: String = text.chars().take(cut).collect();
            let pattern = format!("{head}*");
            prop_assert!(matches(&pattern, &text));
        }

        #[test]
        fn any_pattern_and_text_give_an_answer(pattern in "\\PC{0,40}", text in "\\PC{0,40}") {
            let _ = matches(&pattern, &text);
        }
    }
}
