//! Points in time, and the four kinds of "no date".

use jiff::Timestamp;

/// A date as an export or a credential states it. Missing data is not proof, so the ways of having no date stay apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum When {
    /// The source does not say.
    #[default]
    Unknown,
    /// The question makes no sense here (the expiry of a role).
    NotApplicable,
    /// It never happened (last used), or it never will (expiry).
    Never,
    /// It happened, or will happen, then.
    At(Timestamp),
}

/// A point in time as exports write it: RFC 3339, the same with a space or without a zone (then UTC), a day, or seconds
/// since 1970. None for any other text.
#[must_use]
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if text.contains('-') {
        return [format!("{text}Z"), format!("{text}T00:00:00Z")].iter().find_map(|text| text.parse().ok());
    }
    let seconds = text.split_once('.').map_or(text, |(whole, _)| whole);
    (seconds.len() >= 9).then(|| Timestamp::from_second(seconds.parse().ok()?).ok()).flatten()
}

impl When {
    /// The date that a text gives as in [`moment`]; unknown when it gives none.
    #[must_use]
    pub fn read(text: &str) -> Self {
        moment(text).map_or(When::Unknown, When::At)
    }

    /// The point in time, if there is one.
    #[must_use]
    pub fn at(self) -> Option<Timestamp> {
        match self {
            When::At(time) => Some(time),
            _ => None,
        }
    }

    /// Whole days from this point to `now`; negative when it lies ahead, none when there is no date.
    #[must_use]
    pub fn days_until(self, now: Timestamp) -> Option<i64> {
        self.at().map(|time| (now.as_second() - time.as_second()).div_euclid(86_400))
    }

    /// The statement that says more: a date over "never", "never" over "not applicable", anything over "unknown".
    #[must_use]
    pub fn or(self, other: When) -> When {
        if self == When::Unknown { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_spellings_of_a_date_are_one() {
        let time = moment("2023-03-09T10:41:45Z");
        assert!(time.is_some());
        for text in [
            "2023-03-09T10:41:45+00:00",
            "2023-03-09 10:41:45+00:00",
            "2023-03-09T11:41:45.000000+01:00",
            "2023-03-09T10:41:45",
            "1678358505",
            "1678358505.0",
        ] {
            assert_eq!(moment(text), time, "{text}");
        }
        assert_eq!(moment("2023-03-09").map(|time| time.to_string()).as_deref(), Some("2023-03-09T00:00:00Z"));
        for none in ["N/A", "no_information", "not_supported", "", "12345", "-", "tomorrow"] {
            assert_eq!(moment(none), None, "{none}");
        }
    }

    #[test]
    fn days_round_towards_the_past() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let then = When::At("2026-11-23T13:00:00Z".parse().unwrap());
        assert_eq!(then.days_until(now), Some(0));
        assert_eq!(When::Never.days_until(now), None);
    }

    #[test]
    fn unknown_gives_way_and_never_does_not() {
        assert_eq!(When::Unknown.or(When::Never), When::Never);
        assert_eq!(When::Never.or(When::NotApplicable), When::Never);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}|[0-9TZ:. +-]{0,24}") {
            prop_assert_eq!(When::read(&text).at(), moment(&text));
        }
    }
}
