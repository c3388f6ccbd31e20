//! What a person sees: every command, success and mistake. `TRYCMD=overwrite cargo test --test transcripts` writes what
//! the program prints now; read the difference before you commit it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

/// The README's session is one of them. Each file has a home directory of its own, and no PC/SC service.
#[test]
fn transcripts() {
    let mut files: Vec<_> =
        std::fs::read_dir("tests/transcripts").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.push("../../README.md".into());
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let home = tempfile::tempdir().unwrap();
        let cases = trycmd::TestCases::new();
        cases.insert_var("[HOME]", home.path().to_str().unwrap().to_owned()).unwrap();
        cases
            .env("HOME", home.path().to_str().unwrap())
            .env("XDG_CONFIG_HOME", home.path().join("config").to_str().unwrap())
            .env("ESIMCTL_STATE_DIR", home.path().join("state").to_str().unwrap())
            .env("PCSCLITE_CSOCK_NAME", home.path().join("no-pcscd").to_str().unwrap())
            .case(&file)
            .run();
    }
}
