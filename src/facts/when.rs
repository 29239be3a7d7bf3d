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

impl When {
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
}
