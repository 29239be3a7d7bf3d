use std::time::Instant;
use whoacts::{credentials, text::SourceId};
fn main() {
    let mut texts = Vec::new();
    let mut total = 0usize;
    for e in walkdir::WalkDir::new(std::env::args().nth(1).unwrap()).into_iter().flatten() {
        if !e.file_type().is_file() || e.path().to_string_lossy().contains("/.git/") {
            continue;
        }
        if let Ok(b) = std::fs::read(e.path()) {
            if let Ok(s) = String::from_utf8(b) {
                if !s.contains('\0') {
                    total += s.len();
                    texts.push((e.path().to_string_lossy().into_owned(), s));
                }
            }
        }
    }
    let t = Instant::now();
    whoacts::catalog::check().unwrap();
    println!("catalogue {:?}", t.elapsed());
    let t = Instant::now();
    let _ = credentials::scan("x");
    println!("gate {:?}", t.elapsed());
    for _ in 0..1 {
        let t = Instant::now();
        let n: usize = texts.iter().map(|(_, s)| credentials::scan(s).len()).sum();
        let d = t.elapsed();
        println!("scan {n} {:?} {:.2} GB/s of {} MB", d, total as f64 / d.as_secs_f64() / 1e9, total / 1_000_000);
    }
    let t = Instant::now();
    let mut n = 0;
    let mut out = Vec::new();
    for (path, s) in &texts {
        let hits = credentials::scan(s);
        if hits.is_empty() {
            continue;
        }
        let within = path.splitn(5, '/').nth(4).unwrap_or(path);
        let facts = credentials::facts(SourceId(0), within, "r", s, &hits);
        for c in facts.credentials {
            n += 1;
            out.push(format!(
                "{}\t{}\t{}\t{}\t{}\t{}:{}",
                if credentials::is_sample_path(within) { "sample" } else { "REAL" },
                if c.placeholder { "placeholder" } else { "-" },
                if c.literal { "literal" } else { "ref" },
                if c.low_value { "low" } else { "-" },
                c.title,
                path,
                s[..c.at.span.lo as usize].matches('\n').count() + 1
            ));
        }
    }
    println!("scan+facts {n} {:?}", t.elapsed());
    std::fs::write("/tmp/cred-hits.tsv", out.join("\n")).unwrap();
}
