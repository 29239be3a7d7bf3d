//! What strings and heredocs stand for.

/// The text that a string in quotes stands for. Escapes that HCL does not know stay as they are.
pub(super) fn unquote(quoted: &str) -> String {
    let mut rest = inner(quoted);
    let mut value = String::with_capacity(rest.len());
    while let Some((before, escape)) = rest.split_once('\\') {
        value.push_str(before);
        let mut chars = escape.chars();
        let plain = match chars.next() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some(c @ ('"' | '\\')) => Some(c),
            _ => None,
        };
        let coded = || code(escape);
        let (c, tail) = plain.map(|c| (c, chars.as_str())).or_else(coded).unwrap_or(('\\', escape));
        value.push(c);
        rest = tail;
    }
    value.push_str(rest);
    unmark(value)
}

/// A string in quotes without them.
pub(super) fn inner(quoted: &str) -> &str {
    let inner = quoted.strip_prefix('"').unwrap_or(quoted);
    inner.strip_suffix('"').unwrap_or(inner)
}

/// The lines of a heredoc, indentation taken away when its mark is `<<-`; doubled marks of actions undone unless there
/// are real ones.
pub(super) fn heredoc(whole: &str, template: bool) -> String {
    let (first, rest) = whole.split_once('\n').unwrap_or((whole, ""));
    let content = rest.rfind('\n').and_then(|end| rest.get(..=end)).unwrap_or_default();
    let content = if first.starts_with("<<-") { dedent(content) } else { content.to_owned() };
    if template { content } else { unmark(content) }
}

/// The lines without the indentation that all have in common, empty lines aside.
fn dedent(content: &str) -> String {
    let indent = |line: &str| line.chars().take_while(|c| c.is_whitespace()).count();
    let full = content.lines().filter(|line| !line.is_empty());
    let common = full.map(indent).min().unwrap_or_default();
    let strip = |line: &str| {
        let mut chars = line.chars();
        let indented = chars.by_ref().take(common).filter(|c| *c != '\n').count() == common;
        if indented { chars.as_str().to_owned() } else { line.trim_start_matches([' ', '\t']).to_owned() }
    };
    content.split_inclusive('\n').map(strip).collect()
}

/// `$${` and `%%{` stand for the marks of actions themselves.
fn unmark(value: String) -> String {
    if value.contains("$${") || value.contains("%%{") { value.replace("$${", "${").replace("%%{", "%{") } else { value }
}

/// The character of an escape by its code, of which `escape` is what follows the backslash, and what comes after it.
fn code(escape: &str) -> Option<(char, &str)> {
    let (digits, tail) = match escape.split_at_checked(1)? {
        ("u", rest) => rest.split_at_checked(4)?,
        ("U", rest) => rest.split_at_checked(8)?,
        _ => return None,
    };
    let valid = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let code = valid.then(|| u32::from_str_radix(digits, 16).ok()).flatten()?;
    char::from_u32(code).map(|c| (c, tail))
}
