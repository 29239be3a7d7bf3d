//! Tables without lines: every column as wide as its content where there is room, names and paths whole where possible.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::page::{Page, Style, chars};

/// Columns between two cells.
const GAP: usize = 2;
/// A piece of a cell up to this many characters stays whole as long as any column can give way.
const WHOLE: usize = 32;
/// No column becomes narrower than this.
const NARROWEST: usize = 4;

/// The widths of the columns of a table.
pub(super) struct Columns {
    widths: Vec<usize>,
}

impl Columns {
    /// Shares `room` among the columns of all rows, the header's among them.
    pub(super) fn new<'r>(rows: impl Iterator<Item = &'r [String]>, room: usize) -> Self {
        let (mut natural, mut widths): (Vec<usize>, Vec<usize>) = Default::default();
        for row in rows {
            natural.resize(natural.len().max(row.len()), 0);
            widths.resize(natural.len(), 0);
            for ((cell, natural), least) in row.iter().zip(&mut natural).zip(&mut widths) {
                *natural = (*natural).max(chars(cell));
                *least = (*least).max(longest_word(cell).min(WHOLE));
            }
        }
        let room = room.saturating_sub(GAP * natural.len().saturating_sub(1));
        while widths.iter().sum::<usize>() > room
            && let Some(widest) = widths.iter_mut().filter(|width| **width > NARROWEST).max_by_key(|width| **width)
        {
            *widest -= 1;
        }
        for _ in widths.iter().sum()..room {
            let short = widths.iter_mut().zip(&natural).filter(|(width, natural)| **width < **natural);
            let Some((narrowest, _)) = short.min_by_key(|(width, _)| **width) else { break };
            *narrowest += 1;
        }
        Self { widths }
    }

    /// One row, as many lines high as its highest cell.
    pub(super) fn row(&self, page: &mut Page, indent: usize, style: Style, cells: &[String]) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.add_row(cells.iter().zip(&self.widths).map(|(cell, width)| fold(cell, *width).join("\n")));
        for (column, width) in table.column_iter_mut().zip(&self.widths) {
            let width = u16::try_from(width + GAP).unwrap_or(u16::MAX);
            column.set_padding((0, u16::try_from(GAP).unwrap_or(0)));
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        for line in table.lines() {
            let painted = page.paint(style, line.trim_end());
            page.line(&format!("{}{painted}", " ".repeat(indent)));
        }
    }
}

fn longest_word(text: &str) -> usize {
    text.split_whitespace().map(chars).max().unwrap_or(0)
}

/// A text in lines of at most `width` characters, broken between words; a longer word behind a separator in it.
fn fold(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && chars(&line) + 1 + chars(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        while chars(&line) > width {
            let rest = line.split_off(break_at(&line, width));
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line);
    lines
}

/// Where to break a word that is too long, in bytes: behind the last separator that fits, else at the width.
fn break_at(word: &str, width: usize) -> usize {
    let ends = || word.char_indices().take(width).map(|(at, c)| (at + c.len_utf8(), c));
    let separator = ends().skip(width / 2).filter(|(_, c)| "/-_.:@".contains(*c)).last();
    separator.or_else(|| ends().last()).map_or(word.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::Options;
    use proptest::prelude::*;

    fn shown(rows: &[[&str; 3]], width: usize) -> String {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        let columns = Columns::new(rows.iter().map(Vec::as_slice), width);
        let mut page = Page::new(&Options { width, ..Options::default() });
        rows.iter().for_each(|row| columns.row(&mut page, 0, Style::Plain, row));
        page.finish()
    }

    #[test]
    fn columns_are_as_wide_as_their_content_where_there_is_room() {
        assert_eq!(shown(&[["a", "bb", "c"], ["aaa", "b", "cc"]], 80), "a    bb  c\naaa  b   cc\n");
    }

    #[test]
    fn words_stay_whole_while_a_column_can_give_way() {
        let said = shown(&[["deploy", "several words that may go below each other", "src/a/b.yml"]], 40);
        assert!(said.starts_with("deploy  ") && said.contains("  src/a/b.yml\n"), "{said}");
    }

    #[test]
    fn long_words_break_behind_a_separator() {
        assert_eq!(fold(".github/workflows/deploy.yml", 20), [".github/workflows/", "deploy.yml"]);
        assert_eq!(fold("incomprehensibilities", 8), ["incompre", "hensibil", "ities"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_line_fits(text in "[a-zä/. ]{0,60}", width in 1usize..30) {
            let lines = fold(&text, width);
            prop_assert!(lines.iter().all(|line| chars(line) <= width), "{lines:?}");
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }
    }
}
