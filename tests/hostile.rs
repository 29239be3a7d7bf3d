//! Trees that somebody else made: nothing in them may run, hang, escape or hide.
//!
//! Repositories are made with the `git` command; where there is none, the tests that need it pass without a check.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use whoacts::walk::{Encoding, Limits, Skip, Source, Walked, discover, load};

/// A folder of its own for one test, removed at the end.
struct Sandbox(PathBuf);

impl Sandbox {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("whoacts-hostile-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn path(&self, within: &str) -> PathBuf {
        self.0.join(within)
    }

    fn write(&self, within: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(within);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Runs git in a folder as someone, on a day of January 2020. False when there is no git.
    fn git(&self, folder: &str, day: u32, arguments: &[&str]) -> bool {
        let date = format!("2020-01-{day:02}T12:00:00 +0000");
        let done = Command::new("git")
            .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false", "-c", "protocol.file.allow=always"])
            .args(arguments)
            .current_dir(self.path(folder))
            .env("GIT_CONFIG_GLOBAL", self.path("no-such-file"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "Ada@acme.example")
            .env("GIT_COMMITTER_NAME", "Bot")
            .env("GIT_COMMITTER_EMAIL", "bot@acme.example")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match done {
            Ok(status) => {
                assert!(status.success(), "git {arguments:?}");
                true
            }
            Err(_) => false,
        }
    }

    fn init(&self, folder: &str) -> bool {
        fs::create_dir_all(self.path(folder)).unwrap();
        self.git(folder, 1, &["init", "-q"])
    }

    fn commit(&self, folder: &str, day: u32) {
        self.git(folder, day, &["add", "-A"]);
        self.git(folder, day, &["commit", "-q", "--allow-empty", "-m", "change"]);
    }

    fn walk(&self) -> Walked {
        discover(std::slice::from_ref(&self.0), &Limits::default()).unwrap()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn paths(walked: &Walked) -> Vec<&str> {
    walked.sources.iter().map(|source| source.path.as_str()).collect()
}

fn skipped(walked: &Walked) -> Vec<(&str, &str)> {
    walked.skipped.iter().map(|skipped| (skipped.path.as_str(), skipped.skip.word())).collect()
}

fn source<'a>(walked: &'a Walked, path: &str) -> &'a Source {
    walked.sources.iter().find(|source| source.path == path).unwrap()
}

fn text(walked: &Walked, path: &str) -> String {
    load(source(walked, path), &Limits::default()).unwrap().text
}

/// Appends to the configuration of a repository; git itself must not run after that.
fn configure(sandbox: &Sandbox, folder: &str, lines: &str) {
    let path = sandbox.path(folder).join(".git/config");
    let config = fs::read_to_string(&path).unwrap();
    fs::write(path, config + lines).unwrap();
}

#[cfg(unix)]
fn executable(path: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn nothing_that_a_repository_brings_along_is_run() {
    let sandbox = Sandbox::new("programs");
    if !sandbox.init("shop") {
        return;
    }
    sandbox.write("shop/a.yml", "one\ntwo\n");
    sandbox.commit("shop", 2);
    sandbox.write("shop/a.yml", "one\nthree\n");
    sandbox.commit("shop", 3);
    let marker = sandbox.path("marker");
    let script = format!("#!/bin/sh\necho \"$0 $@\" >> '{}'\ncat\n", marker.display());
    let program = sandbox.path("program");
    executable(&program, &script);
    let hooks = ["post-checkout", "pre-commit", "fsmonitor-watchman", "post-index-change", "reference-transaction"];
    for hook in hooks {
        executable(&sandbox.path("shop/.git/hooks").join(hook), &script);
    }
    let run = program.display();
    configure(
        &sandbox,
        "shop",
        &format!(
            "[core]\n fsmonitor = {run}\n hooksPath = .git/hooks\n sshCommand = {run}\n pager = {run}\n editor = {run}\n\
             untrackedCache = true\n alternateRefsCommand = {run}\n gitProxy = {run}\n\
             [filter \"x\"]\n clean = {run}\n smudge = {run}\n process = {run}\n required = true\n\
             [diff]\n external = {run}\n algorithm = nonsense\n\
             [diff \"x\"]\n textconv = {run}\n command = {run}\n cachetextconv = true\n\
             [merge \"x\"]\n driver = {run}\n[credential]\n helper = !{run}\n[gpg]\n program = {run}\n\
             [uploadpack]\n packObjectsHook = {run}\n[index]\n threads = 9999999\n\
             [remote \"origin\"]\n url = ext::{run} x\n promisor = true\n partialclonefilter = blob:none\n\
             [include]\n path = {}\n",
            sandbox.path("included").display()
        ),
    );
    sandbox.write("included", "[remote \"origin\"]\n url = https://included.example/a/b\n");
    sandbox.write("shop/.gitattributes", "* filter=x diff=x merge=x text eol=crlf\n");
    sandbox.write("shop/.git/info/attributes", "* filter=x diff=x\n");

    let walked = sandbox.walk();
    for source in &walked.sources {
        let _ = load(source, &Limits::default());
    }
    let repository = &walked.repositories[0];
    assert_eq!(&*repository.realm, "local/shop", "a helper's address names no host, and includes are not read");
    assert_eq!(repository.authors().len(), 1);
    assert_eq!(repository.blame("a.yml", &[1, 2]).unwrap().len(), 2);
    assert!(repository.head_time().is_some());
    assert!(!repository.is_shallow());
    assert!(!marker.exists(), "ran: {}", fs::read_to_string(&marker).unwrap());
}

#[test]
fn an_index_cannot_lead_out_of_its_repository() {
    let sandbox = Sandbox::new("index");
    if !sandbox.init("shop") {
        return;
    }
    sandbox.write("outside/secret.yml", "key: value\n");
    sandbox.write("shop/link/secret.yml", "tracked before the folder became a link\n");
    sandbox.write("shop/x_secret.yml", "a\n");
    sandbox.commit("shop", 2);
    // A forged index: the same length, other meaning. Its checksum is dropped, which git allows.
    let index = sandbox.path("shop/.git/index");
    let mut bytes = fs::read(&index).unwrap();
    let at = bytes.windows(12).position(|window| window == b"x_secret.yml").unwrap();
    bytes[at..at + 12].copy_from_slice(b"../outside/s");
    let end = bytes.len() - 20;
    bytes[end..].fill(0);
    fs::write(&index, bytes).unwrap();
    #[cfg(unix)]
    {
        fs::remove_dir_all(sandbox.path("shop/link")).unwrap();
        std::os::unix::fs::symlink(sandbox.path("outside"), sandbox.path("shop/link")).unwrap();
    }
    sandbox.write("outside/s", "key: value\n");
    let walked = discover(&[sandbox.path("shop")], &Limits::default()).unwrap();
    assert!(paths(&walked).iter().all(|path| !path.contains("..")), "{:?}", paths(&walked));
    #[cfg(unix)]
    assert_eq!(paths(&walked), ["x_secret.yml"]);
}

#[cfg(unix)]
#[test]
fn links_pipes_and_sockets_are_named_and_left_alone() {
    let sandbox = Sandbox::new("special");
    sandbox.write("dir/a.yml", "a\n");
    std::os::unix::fs::symlink("..", sandbox.path("dir/loop")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", sandbox.path("dir/outside")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.path("dir/dangling")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.path("dir/socket")).unwrap();
    let mut expected =
        vec![("dir/dangling", "link"), ("dir/loop", "link"), ("dir/outside", "link"), ("dir/socket", "special")];
    let has_pipe = Command::new("mkfifo").arg(sandbox.path("dir/pipe")).status().is_ok_and(|status| status.success());
    if has_pipe {
        expected.insert(3, ("dir/pipe", "special"));
    }
    let walked = sandbox.walk();
    assert_eq!(paths(&walked), ["dir/a.yml"]);
    assert_eq!(skipped(&walked), expected);

    let named = discover(&[sandbox.path("dir/loop/dir/a.yml")], &Limits::default()).unwrap();
    assert_eq!(named.sources.len(), 1, "a link that the user named is followed");
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_utf8_are_read_all_the_same() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new("names");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.yml");
    fs::write(sandbox.0.join(name), "a: 1\n").unwrap();
    sandbox.write("line\nbreak.yml", "b: 2\n");
    let walked = sandbox.walk();
    assert_eq!(paths(&walked), ["caf\u{fffd}.yml", "line\nbreak.yml"]);
    assert_eq!(text(&walked, "caf\u{fffd}.yml"), "a: 1\n");
}

#[test]
fn encodings_are_told_from_bytes_and_binaries_from_text() {
    let sandbox = Sandbox::new("encodings");
    let task = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<Task><UserId>BÄCKUP</UserId></Task>";
    let wide: Vec<u8> = task.encode_utf16().flat_map(u16::to_le_bytes).collect();
    sandbox.write("bare.xml", &wide);
    sandbox.write("marked.xml", [&[0xff, 0xfe], wide.as_slice()].concat());
    sandbox.write("latin.ini", b"user=M\xfcller\n");
    sandbox.write("nul.yml", b"a: \0b\n");
    sandbox.write("picture.yml", b"\x89PNG\r\n\x1a\nabc");
    let walked = sandbox.walk();
    for name in ["bare.xml", "marked.xml"] {
        let loaded = load(source(&walked, name), &Limits::default()).unwrap();
        assert_eq!((loaded.text.as_str(), loaded.encoding), (task, Encoding::Utf16Le));
    }
    assert_eq!(text(&walked, "latin.ini"), "user=Müller\n");
    for name in ["nul.yml", "picture.yml"] {
        assert!(matches!(load(source(&walked, name), &Limits::default()), Err(Skip::Binary(_))), "{name}");
    }
}

#[test]
fn weight_is_limited_before_and_after_inflating() {
    use std::io::Write;
    let sandbox = Sandbox::new("weight");
    let limits = Limits { file: 100_000, inflated: 1 << 20 };
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    sandbox.write("bomb.json.gz", gzip(&vec![b' '; 64 << 20]));
    sandbox.write("log.json.gz", gzip(b"{}"));
    sandbox.write("large.json", vec![b' '; 100_001]);
    let walked = sandbox.walk();
    assert_eq!(load(source(&walked, "bomb.json.gz"), &limits), Err(Skip::Inflates { limit: 1 << 20 }));
    assert_eq!(load(source(&walked, "log.json.gz"), &limits).unwrap().text, "{}");
    let refused = load(source(&walked, "large.json"), &limits);
    assert_eq!(refused, Err(Skip::TooLarge { size: 100_001, limit: 100_000 }));
}

#[cfg(unix)]
#[test]
fn what_the_system_refuses_is_a_line_in_the_ledger() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new("refused");
    let file = sandbox.write("closed.yml", "a: 1\n");
    sandbox.write("locked/b.yml", "b: 1\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(sandbox.path("locked"), fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = fs::File::open(&file).is_ok();
    let walked = sandbox.walk();
    let refused = load(source(&walked, "closed.yml"), &Limits::default());
    fs::set_permissions(sandbox.path("locked"), fs::Permissions::from_mode(0o755)).unwrap();
    // The superuser may read everything.
    if !is_root {
        assert_eq!(refused, Err(Skip::Unreadable(std::io::ErrorKind::PermissionDenied)));
        assert_eq!(skipped(&walked), [("locked", "unreadable")]);
    }
    fs::remove_file(&file).unwrap();
    let gone = load(source(&walked, "closed.yml"), &Limits::default());
    assert_eq!(gone, Err(Skip::Unreadable(std::io::ErrorKind::NotFound)));
}

#[test]
fn git_decides_what_is_ignored() {
    let sandbox = Sandbox::new("ignored");
    if !sandbox.init("shop") {
        return;
    }
    sandbox.write(".gitignore", "*.yml\n");
    sandbox.write("shop/.github/workflows/ci.yml", "on: push\n");
    sandbox.write("shop/env/tracked.yml", "a: 1\n");
    sandbox.write("shop/deleted.env", "gone\n");
    sandbox.commit("shop", 2);
    fs::remove_file(sandbox.path("shop/deleted.env")).unwrap();
    sandbox.write("shop/.gitignore", "env/\n*.env\nbuild\n");
    sandbox.write("shop/env/untracked.yml", "a: 1\n");
    sandbox.write("shop/build/out.yml", "a: 1\n");
    sandbox.write("shop/.ignore", "*\n");
    sandbox.write("shop/sub/new.yml", "a: 1\n");
    sandbox.write("shop/.git/info/exclude", "excluded.yml\n");
    sandbox.write("shop/excluded.yml", "a: 1\n");

    let shop = discover(&[sandbox.path("shop")], &Limits::default()).unwrap();
    let expected = [".github/workflows/ci.yml", ".gitignore", ".ignore", "env/tracked.yml", "sub/new.yml"];
    assert_eq!(paths(&shop), expected, "rules above the repository do not count");

    let env = discover(&[sandbox.path("shop/env")], &Limits::default()).unwrap();
    assert_eq!(paths(&env), ["tracked.yml", "untracked.yml"], "a named folder is read, ignored or not");
    assert_eq!(source(&env, "tracked.yml").within, "env/tracked.yml");

    let file = discover(&[sandbox.path("shop/build/out.yml")], &Limits::default()).unwrap();
    assert_eq!(file.sources.len(), 1, "and so is a named file");
    assert_eq!((file.sources[0].within.as_str(), file.sources[0].repository), ("build/out.yml", Some(0)));
}

#[test]
fn an_unpacked_archive_keeps_its_rules() {
    let sandbox = Sandbox::new("archive");
    sandbox.write(".gitignore", "out/\n");
    sandbox.write("out/a.yml", "a\n");
    sandbox.write("src/b.yml", "b\n");
    let walked = sandbox.walk();
    assert_eq!(paths(&walked), [".gitignore", "src/b.yml"]);
    let name = sandbox.0.file_name().unwrap().to_str().unwrap();
    assert_eq!(&*walked.sources[0].realm, format!("local/{name}"));
    assert_eq!(walked.sources[0].repository, None);
}

#[test]
fn every_repository_in_a_folder_is_its_own() {
    let sandbox = Sandbox::new("nested");
    if !sandbox.init("shop") || !sandbox.init("shop/vendor/lib") || !sandbox.init("tools") {
        return;
    }
    sandbox.write("shop/a.yml", "a\n");
    sandbox.write("shop/.gitignore", "*.tmp\n");
    sandbox.write("shop/vendor/lib/b.tmp", "b\n");
    sandbox.write("tools/c.yml", "c\n");
    sandbox.write("loose.yml", "d\n");
    sandbox.commit("shop/vendor/lib", 2);
    sandbox.git("tools", 2, &["clone", "-q", "--bare", "../shop/vendor/lib", "../mirror.git"]);
    configure(&sandbox, "shop", "[remote \"origin\"]\n url = https://ada:s3cr3t@github.com/acme/shop.git\n");
    configure(&sandbox, "shop/vendor/lib", "[remote \"upstream\"]\n url = git@gitlab.example:team/lib.git\n");

    let walked = sandbox.walk();
    let expected = ["loose.yml", "shop/.gitignore", "shop/a.yml", "shop/vendor/lib/b.tmp", "tools/c.yml"];
    assert_eq!(paths(&walked), expected);
    let realms: Vec<_> = walked.repositories.iter().map(|found| (found.display.as_str(), &*found.realm)).collect();
    let expected =
        [("shop", "github.com/acme/shop"), ("shop/vendor/lib", "gitlab.example/team/lib"), ("tools", "local/tools")];
    assert_eq!(realms, expected);
    let lib = source(&walked, "shop/vendor/lib/b.tmp");
    assert_eq!((lib.within.as_str(), lib.repository, &*lib.realm), ("b.tmp", Some(1), "gitlab.example/team/lib"));
    assert_eq!(source(&walked, "loose.yml").repository, None);
    assert_eq!(skipped(&walked), [("mirror.git", "bare")]);
    let numbers: Vec<_> = walked.sources.iter().map(|source| source.id.0).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
}

#[test]
fn worktrees_and_submodules_point_to_their_repository() {
    let sandbox = Sandbox::new("pointers");
    if !sandbox.init("lib") || !sandbox.init("shop") {
        return;
    }
    sandbox.write("lib/b.yml", "b\n");
    sandbox.commit("lib", 2);
    sandbox.git("shop", 3, &["submodule", "--quiet", "add", "../lib", "vendor/lib"]);
    sandbox.write("shop/.gitignore", "vendor/\n");
    sandbox.commit("shop", 3);
    sandbox.git("shop", 4, &["worktree", "add", "-q", "../tree", "-b", "other"]);
    configure(&sandbox, "shop", "[remote \"origin\"]\n url = git@github.com:acme/shop.git\n");
    sandbox.write("broken/.git", "gitdir: ../nowhere\n");
    sandbox.write("broken/c.yml", "c\n");

    let walked = sandbox.walk();
    let realms: Vec<_> = walked.repositories.iter().map(|found| (found.display.as_str(), &*found.realm)).collect();
    assert!(realms.contains(&("tree", "github.com/acme/shop")), "{realms:?}");
    assert!(realms.contains(&("broken", "local/broken")), "{realms:?}");
    let submodule = source(&walked, "shop/vendor/lib/b.yml");
    assert_eq!(submodule.within, "b.yml", "a submodule is found even where its folder is ignored");
    let repository = &walked.repositories[submodule.repository.unwrap()];
    assert_eq!(repository.blame("b.yml", &[1]).unwrap().len(), 1);
    let broken = walked.repositories.iter().find(|found| found.display == "broken").unwrap();
    assert_eq!((broken.authors().len(), broken.head_time(), broken.blame("c.yml", &[1])), (0, None, None));
}

#[test]
fn targets_name_their_files_and_share_none() {
    let sandbox = Sandbox::new("targets");
    let a = sandbox.write("a/x.yml", "x\n");
    sandbox.write("b/y.yml", "y\n");
    let root = sandbox.0.to_str().unwrap();
    let walked =
        discover(&[sandbox.path("a"), sandbox.path("b"), sandbox.0.clone(), a.clone(), a], &Limits::default()).unwrap();
    assert_eq!(paths(&walked), [format!("{root}/a/x.yml"), format!("{root}/b/y.yml")]);
    let missing = discover(&[sandbox.path("a"), sandbox.path("none")], &Limits::default()).unwrap_err();
    assert_eq!(missing.to_string(), format!("{root}/none: no such file or folder"));
}

#[test]
fn history_tells_who_wrote_a_line_and_when() {
    let sandbox = Sandbox::new("history");
    if !sandbox.init("shop") {
        return;
    }
    let first = "name: ci\non: push\njobs:\n  a:\n    run: x\n";
    sandbox.write("shop/old/ci.yml", first);
    sandbox.commit("shop", 2);
    sandbox.write("shop/old/ci.yml", first.replace("push", "pull_request"));
    sandbox.commit("shop", 3);
    fs::create_dir_all(sandbox.path("shop/new")).unwrap();
    fs::rename(sandbox.path("shop/old/ci.yml"), sandbox.path("shop/new/ci.yml")).unwrap();
    sandbox.commit("shop", 4);
    sandbox.git("shop", 5, &["checkout", "-q", "-b", "side", "HEAD~1"]);
    sandbox.write("shop/side.yml", "s\n");
    sandbox.commit("shop", 5);
    sandbox.git("shop", 6, &["checkout", "-q", "main"]);
    sandbox.git("shop", 6, &["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    // Not committed: a line in front, other line ends.
    let now = format!("# note\n{}", first.replace("push", "pull_request")).replace('\n', "\r\n");
    sandbox.write("shop/new/ci.yml", now);
    sandbox.write("shop/untracked.yml", "u\n");
    sandbox.write("shop/.mailmap", "<ada@home.example> <ada@acme.example>\n");

    let walked = sandbox.walk();
    let repository = &walked.repositories[0];
    let lines: Vec<_> = repository
        .blame("new/ci.yml", &[6, 3, 2, 1, 99, 3])
        .unwrap()
        .into_iter()
        .map(|blamed| (blamed.line, blamed.time.to_string(), blamed.author_email.unwrap()))
        .collect();
    let by_ada = |line: u32, day: u32| (line, format!("2020-01-{day:02}T12:00:00Z"), "ada@home.example".to_owned());
    assert_eq!(lines, [by_ada(2, 2), by_ada(3, 3), by_ada(6, 2)]);
    let many = repository.blame_files(&[("side.yml", &[1]), ("untracked.yml", &[1]), ("../x", &[1])]);
    assert_eq!(many[0].as_ref().unwrap()[0].time.to_string(), "2020-01-05T12:00:00Z");
    assert_eq!((&many[1], &many[2]), (&None, &None));

    let authors = repository.authors();
    assert_eq!(authors.len(), 1);
    assert_eq!(
        (authors[0].email.as_str(), authors[0].name.as_str(), authors[0].commits),
        ("ada@home.example", "Ada", 5)
    );
    assert_eq!(authors[0].first.to_string(), "2020-01-02T12:00:00Z");
    assert_eq!(repository.head_time().unwrap().to_string(), "2020-01-06T12:00:00Z");
}

#[test]
fn a_shallow_clone_admits_what_it_cannot_know() {
    let sandbox = Sandbox::new("shallow");
    if !sandbox.init("shop") {
        return;
    }
    sandbox.write("shop/a.yml", "one\n");
    sandbox.commit("shop", 2);
    sandbox.write("shop/a.yml", "one\ntwo\n");
    sandbox.commit("shop", 3);
    sandbox.write("shop/a.yml", "one\ntwo\nthree\n");
    sandbox.commit("shop", 4);
    let url = format!("file://{}", sandbox.path("shop").display());
    sandbox.git("shop", 5, &["clone", "-q", "--depth", "2", &url, "../clone"]);
    let walked = discover(&[sandbox.path("clone")], &Limits::default()).unwrap();
    let repository = &walked.repositories[0];
    assert!(repository.is_shallow());
    let blamed = repository.blame("a.yml", &[1, 2, 3]).unwrap();
    let days: Vec<_> = blamed.iter().map(|blamed| (blamed.time.to_string(), blamed.author_email.is_some())).collect();
    let cut = "2020-01-03T12:00:00Z".to_owned();
    assert_eq!(days, [(cut.clone(), false), (cut, false), ("2020-01-04T12:00:00Z".to_owned(), true)]);
}

#[test]
fn damaged_repositories_answer_less_and_never_fail() {
    let sandbox = Sandbox::new("damaged");
    if !sandbox.init("shop") {
        return;
    }
    sandbox.write("shop/a.yml", "one\n");
    sandbox.commit("shop", 2);
    for (file, content) in [
        ("index", &b"DIRC\0\0\0\x02\xff\xff\xff\xff"[..]),
        ("HEAD", b"ref: refs/heads/../../../../etc/passwd"),
        ("config", b"[core\n\0\xff"),
        ("packed-refs", b"\xff\xff"),
    ] {
        let path = sandbox.path("shop/.git").join(file);
        let before = fs::read(&path).ok();
        fs::write(&path, content).unwrap();
        let walked = sandbox.walk();
        assert_eq!(paths(&walked), ["shop/a.yml"], "{file}");
        let repository = &walked.repositories[0];
        let _ =
            (repository.authors(), repository.head_time(), repository.blame("a.yml", &[1]), repository.is_shallow());
        match before {
            Some(before) => fs::write(&path, before).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
    }
    let mut objects: Vec<PathBuf> = Vec::new();
    for folder in fs::read_dir(sandbox.path("shop/.git/objects")).unwrap().flatten() {
        objects.extend(fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path()));
    }
    for object in objects {
        let before = fs::read(&object).unwrap();
        fs::remove_file(&object).unwrap();
        let repository = &sandbox.walk().repositories[0];
        let _ = (repository.authors(), repository.blame("a.yml", &[1]));
        fs::write(&object, b"\x78\x9cgarbage").unwrap();
        let _ = (repository.authors(), repository.blame("a.yml", &[1]));
        fs::remove_file(&object).unwrap();
        fs::write(&object, before).unwrap();
    }
}
