//! Names with what they mean, for lists of rules and formats.

use super::Options;
use super::page::{Page, Style, chars};

/// Groups of terms and their meanings: each group under its heading, all meanings in one column.
#[must_use]
pub fn glossary(groups: &[(String, Vec<(&str, &str)>)], options: &Options) -> String {
    const INDENT: usize = 2;
    let mut page = Page::new(options);
    let widest = groups.iter().flat_map(|(_, terms)| terms).map(|(term, _)| chars(term)).max().unwrap_or(0);
    for (heading, terms) in groups {
        page.gap();
        page.prose(0, Style::Bold, heading);
        for (term, meaning) in terms {
            page.labelled(INDENT, &format!("{term:<widest$} "), Style::Plain, meaning);
        }
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings_stand_in_one_column_and_hang() {
        let groups = [
            ("one".to_owned(), vec![("a", "the first of them, which is much longer than a line")]),
            ("two".to_owned(), vec![("bcd", "the last")]),
        ];
        let said = glossary(&groups, &Options { width: 40, ..Options::default() });
        let wanted =
            "one\n  a    the first of them, which is much\n       longer than a line\n\ntwo\n  bcd  the last\n";
        assert_eq!(said, wanted);
    }
}
