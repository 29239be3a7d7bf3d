//! What the formats of hosts have in common: accounts of the operating system, and what a command line does there.

use crate::catalog;
use crate::facts::{
    Class, Confidence, Credential, Edge, Facts, Identity, Key, Kind, Mode, Placement, PlacementKind, Rung, Schedule,
    ScheduleClass, Slot, Trigger, TriggerKind, Value, Who, Workload, keys,
};
use crate::formats::Input;
use crate::formats::shell::{self, Script, Word};
use crate::syntax::Masked;
use crate::text::{Place, Span, printable, shorten};

/// Endings of templates that are rendered to the file named before them.
const TEMPLATES: [&str; 10] = [".erb", ".epp", ".j2", ".jinja2", ".jinja", ".tmpl", ".tpl", ".gotmpl", ".in", ".tt"];

/// A path without the ending of a template (`app.service.j2`).
pub(super) fn rendered(path: &str) -> &str {
    TEMPLATES.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path)
}

/// The value of a variable of cron and anacron without blanks and quotes around it.
pub(super) fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// The clock of a host starts the workload there, on a schedule that stands at `when`; `word` is the program that does.
pub(super) fn by_clock(workload: &mut Workload, word: &str, text: String, class: ScheduleClass, when: Place) {
    workload.schedules.push(Schedule { text, class, at: when });
    let word = word.to_owned();
    workload.triggers.push(Trigger { kind: TriggerKind::Schedule, who: Who::Platform, word, at: when });
    workload.placement = Some(Placement { kind: PlacementKind::Host, labels: Vec::new(), at: workload.at });
}

/// States that the workload acts as an account. `text` is the name as written, which may be an expression of a template
/// or of the service manager.
pub(super) fn acts_as(input: &Input<'_>, workload: &Key, text: &str, span: Span, mode: Mode, facts: &mut Facts) {
    let value = account(text, input.path);
    if let Value::Literal(name) = &value {
        describe(input, name, span, facts);
    }
    state_account(input, workload, value, span, mode, facts);
}

/// States what account the workload acts as by default.
pub(super) fn acts_by_default(
    input: &Input<'_>,
    workload: &Key,
    rule: &'static str,
    account: &str,
    span: Span,
    facts: &mut Facts,
) {
    describe(input, account, span, facts);
    let value = Value::Default { rule, name: account.to_owned() };
    state_account(input, workload, value, span, Mode::Default(rule), facts);
}

/// States that the workload acts as an account that the file does not tell.
pub(super) fn acts_as_someone(
    input: &Input<'_>,
    workload: &Key,
    rule: &'static str,
    why: &str,
    span: Span,
    facts: &mut Facts,
) {
    state_account(input, workload, Value::unknown(why), span, Mode::Default(rule), facts);
}

fn state_account(input: &Input<'_>, workload: &Key, value: Value, span: Span, mode: Mode, facts: &mut Facts) {
    let realm = keys::os_user(input.realm, "").realm;
    let identity = Slot::new(Kind::Identity, realm, value);
    facts.state_as(input.at(span), mode, Edge::RunsAs { workload: workload.clone(), identity });
}

/// A name as it stands, or the expression that yields it.
pub(super) fn account(text: &str, scope: &str) -> Value {
    let text = text.trim();
    if text == "0" {
        return Value::literal("root");
    }
    if is_account_name(text) {
        return Value::literal(text);
    }
    let expr = [("<%=", "%>"), ("{{", "}}"), ("${", "}"), ("@", "@")]
        .iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close))
        .map_or(text, |expr| expr.trim_matches(['-', ' ']));
    Value::symbol(expr, scope)
}

/// Whether a text can be the name of an account, also one of a directory (`ACME\alice`, `alice@acme.example`).
pub(super) fn is_account_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '\\' | '@' | '+');
    let text = text.strip_suffix('$').unwrap_or(text);
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && text.chars().all(plain)
}

/// Records what is known of an account: root is everybody's who administers the host.
fn describe(input: &Input<'_>, name: &str, span: Span, facts: &mut Facts) {
    if name == "root" {
        let why = "everyone who administers the host can be root";
        add(input, name, span, Class::Shared, Confidence::Medium, why, facts);
    }
}

/// Adds a sign of an account's class.
pub(super) fn add(
    input: &Input<'_>,
    name: &str,
    span: Span,
    class: Class,
    confidence: Confidence,
    why: &str,
    facts: &mut Facts,
) {
    let key = keys::os_user(input.realm, name);
    if !facts.identities.iter().any(|known| known.key == key && known.classes.iter().any(|sign| sign.class == class)) {
        facts.identities.push(Identity::new(key, name, "os-user", input.at(span)).class(class, confidence, why));
    }
}

/// States what a command line of the workload does. `account` is the one that starts it, where the file tells.
pub(super) fn runs(input: &Input<'_>, workload: &Key, script: &Script, facts: &mut Facts) {
    let mut seen: Vec<&str> = Vec::new();
    for account in &script.accounts {
        if !seen.contains(&account.text.as_str()) {
            seen.push(&account.text);
            acts_as(input, workload, &account.text, account.span, Mode::Explicit, facts);
        }
    }
    for file in &script.files {
        reads_file(input, workload, file, "file", facts);
    }
    for file in &script.read {
        reads_file(input, workload, file, "source", facts);
    }
    if let Some(author) = script.author.best().filter(|author| author.literal) {
        let key = Key::new(Kind::Identity, "git-author", author.text.to_ascii_lowercase());
        facts.state(input.at(author.span), Edge::RunsAs { workload: workload.clone(), identity: key.into() });
    }
    facts.secrets.extend(&script.secrets);
    shell::credentials_of(input, workload, &script.assigned, facts);
}

/// States that the workload reads a file with a credential in it. A file that is only known to set variables may hold
/// none: unless its name speaks of secrets it is in the inventory and no more.
pub(super) fn reads_file(input: &Input<'_>, workload: &Key, file: &Word, sink: &str, facts: &mut Facts) {
    let literal = file.literal && !file.text.contains(['%', '*', '?']);
    let value = if literal { Value::literal(&file.text) } else { Value::symbol(&file.text, input.path) };
    let realm = keys::credential_file(input.realm, "").realm;
    let slot = Slot::new(Kind::Credential, realm, value);
    for key in slot.keys() {
        if facts.credentials.iter().all(|known| known.key != key) {
            let mut credential = Credential::new(key, file.text.clone(), input.at(file.span));
            credential.low_value = sets_variables(sink) && !shell::speaks_of_secrets(&file.text);
            facts.credentials.push(credential);
        }
    }
    let edge = Edge::Uses {
        workload: workload.clone(),
        credential: slot,
        sink: sink.to_owned(),
        inline: false,
        environment: None,
    };
    facts.state(input.at(file.span), edge);
}

fn sets_variables(sink: &str) -> bool {
    matches!(sink, "source" | "EnvironmentFile")
}

/// Reads the command line under a span. Actions of templates were overwritten for it; names, accounts and values with
/// such an action in them come back as the source has them.
pub(super) fn command(input: &Input<'_>, templates: &Masked, span: Span) -> Script {
    let shown = templates.masked.as_deref().unwrap_or(input.text);
    let mut script = shell::read(span.slice(shown), span.lo as usize);
    if templates.actions.is_empty() {
        return script;
    }
    let restore = |word: &mut Word| {
        if templates.touches(word.span) {
            // Only quotes around the whole were taken off a word whose text still stands in it.
            let lo = word.span.slice(shown).find(&word.text);
            let span = lo.map_or(word.span, |lo| word.span.within(lo, lo + word.text.len()));
            word.text = span.slice(input.text).to_owned();
            word.literal = false;
        }
    };
    script
        .accounts
        .iter_mut()
        .chain(&mut script.files)
        .chain(&mut script.read)
        .chain(&mut script.author.name)
        .chain(&mut script.author.email)
        .for_each(restore);
    if let Some(program) = script.program.as_mut().filter(|program| templates.touches(program.span)) {
        program.text = shorten(&printable(program.span.slice(input.text)), 60);
    }
    for one in &mut script.assigned {
        one.literal &= !templates.touches(one.span);
    }
    script.secrets.retain(|span| !templates.touches(*span));
    script
}

/// A person's account has a person's name and works in a home folder of that name: two signs that do not depend on each
/// other. `/home/deploy` and `/home/ubuntu` are machines' homes, so the name must be of the form `first.last`.
pub(super) fn lives_at_home(input: &Input<'_>, account: &str, text: &str, span: Span, facts: &mut Facts) {
    let letters = |part: &str| part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let named = account.split_once('.').is_some_and(|(first, last)| letters(first) && letters(last));
    let home = ["/home/", "/Users/"].iter().any(|homes| {
        text.match_indices(homes).any(|(at, _)| {
            let rest = text.get(at + homes.len()..).unwrap_or_default();
            rest.strip_prefix(account).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })
    });
    if named && home && !catalog::is_robot(account) {
        let why = "has a first and a last name and works in the home folder of that name";
        add(input, account, span, Class::Human, Confidence::Medium, why, facts);
    }
}

/// Names who is written to about a workload. A mail address says who reads the output, not who answers for the job, so
/// it ranks below every file of owners and above mere history.
pub(super) fn writes_to(input: &Input<'_>, workload: &Key, address: &str, span: Span, facts: &mut Facts) {
    let edge = Edge::OwnedBy { subject: workload.clone(), party: keys::person(address).into(), rung: Rung::Creator };
    facts.state(input.at(span), edge);
}

/// E-mail addresses in a text, with their offsets.
pub(super) fn addresses(text: &str) -> Vec<(usize, &str)> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let local = text.get(..at).unwrap_or_default();
        let lo = local.rfind(|c: char| !part(c)).map_or(0, |before| before + before_len(local, before));
        let rest = text.get(at + 1..).unwrap_or_default();
        let host = rest.get(..rest.find(|c: char| !part(c)).unwrap_or(rest.len())).unwrap_or_default();
        let host = host.trim_end_matches('.');
        if lo < at && host.contains('.') && host.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            let hi = at + 1 + host.len();
            found.extend(text.get(lo..hi).map(|address| (lo, address)));
        }
    }
    found
}

fn before_len(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_literals_and_expressions_are_symbols_of_their_file() {
        assert_eq!(account("www-data", "f"), Value::literal("www-data"));
        assert_eq!(account("0", "f"), Value::literal("root"));
        assert_eq!(account("<%= @user -%>", "f"), Value::symbol("@user", "f"));
        assert_eq!(account("{{ app.user }}", "f"), Value::symbol("app.user", "f"));
        assert_eq!(account("%i", "f"), Value::symbol("%i", "f"));
        assert_eq!(account("@USER@", "f"), Value::symbol("USER", "f"));
    }

    #[test]
    fn addresses_are_found_in_prose() {
        let found: Vec<_> = addresses("ask é<alice.smith@acme.example>, or bob@acme.test. not @handle or a@b");
        assert_eq!(
            found.iter().map(|(_, one)| *one).collect::<Vec<_>>(),
            ["alice.smith@acme.example", "bob@acme.test"]
        );
    }
}
