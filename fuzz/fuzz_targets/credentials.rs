#![no_main]

use libfuzzer_sys::fuzz_target;
use whoacts::credentials;
use whoacts::text::SourceId;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let hits = credentials::scan(text);
    for hit in &hits {
        assert!(text.get(hit.span.range()).is_some_and(|value| !value.is_empty()), "{hit:?}");
    }
    let facts = credentials::facts(SourceId(0), "a/b.env", "github.com/acme/shop", text, &hits);
    for span in &facts.secrets {
        assert!(text.get(span.range()).is_some(), "{span:?}");
    }
    let _ = credentials::redact(text);
    let _ = credentials::is_sample_path(text);
});
