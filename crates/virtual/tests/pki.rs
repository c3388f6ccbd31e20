//! Certificates and keys of others, as openssl writes them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use virtual_euicc::pki::{Pki, PkiError, ServerKind};

const EID: &str = "89049032123451234512345678901235";

/// True if openssl is there; see `tests/https.rs`.
fn have_openssl() -> bool {
    let there = Command::new("openssl").arg("version").output().is_ok();
    assert!(there || std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "openssl is missing: scripts/setup test");
    there
}

fn openssl(arguments: &[&str], from: &Path, to: &Path) {
    let output = Command::new("openssl").args(arguments).arg("-in").arg(from).arg("-out").arg(to).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_directory_of_others_may_be_der_and_sec1_and_lack_the_issuers_key() {
    if !have_openssl() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let ours = directory.path().join("ours");
    let pki = Pki::open(&ours).unwrap();
    let made = pki.issue_server(ServerKind::Smdp, "smdp.example.com").unwrap();
    let card = pki.issue_euicc(EID.parse().unwrap()).unwrap();
    let theirs = directory.path().join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    let (from, to) = (|name: &str| ours.join(name), |name: &str| theirs.join(name));
    openssl(&["x509", "-outform", "der"], &from("ci.cert.pem"), &to("ci.cert.der"));
    for (stem, new, form) in [
        ("dpauth", "dpauth", "der"),
        ("dppb", "dppb", "pem"),
        ("dptls-smdp.example.com", "dptls", "der"),
        ("eum-89049032", "eum", "pem"),
    ] {
        let file = |kind: &str| to(&format!("{new}.{kind}.{form}"));
        openssl(&["x509", "-outform", form], &from(&format!("{stem}.cert.pem")), &file("cert"));
        openssl(&["ec", "-outform", form], &from(&format!("{stem}.key.pem")), &file("key"));
    }
    let pki = Pki::existing(&theirs).unwrap();
    assert_eq!(pki.ci_file().unwrap(), to("ci.cert.der"));
    let read = pki.issue_server(ServerKind::Smdp, "any.example.com").unwrap();
    for (made, read) in [
        (&made.auth, &read.auth),
        (made.binding.as_ref().unwrap(), read.binding.as_ref().unwrap()),
        (&made.tls, &read.tls),
    ] {
        assert_eq!(made.certificate_der(), read.certificate_der());
        assert_eq!(made.sign(b"x"), read.sign(b"x"));
    }
    // Their EUM makes cards, too.
    assert_eq!(pki.issue_euicc(EID.parse().unwrap()).unwrap().eum_certificate, card.eum_certificate);
    // What is missing cannot be made without the issuer's key.
    assert!(matches!(pki.issue_server(ServerKind::Smds, "ds.example.com"), Err(PkiError::NoIssuerKey)));
}

#[test]
fn nothing_is_made_anew_over_what_is_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pki");
    let pki = Pki::open(&path).unwrap();
    pki.issue_server(ServerKind::Smdp, "smdp.example.com").unwrap();
    let mode = |name: &str| std::fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("ci.key.pem"), mode("dpauth.key.pem")), (0o600, 0o600));
    std::fs::copy(path.join("dppb.key.pem"), path.join("dpauth.key.pem")).unwrap();
    let refused = |pki: &Pki| pki.issue_server(ServerKind::Smdp, "smdp.example.com").unwrap_err().to_string();
    assert!(refused(&pki).ends_with("the key beside it belongs to another certificate"));
    std::fs::write(path.join("dpauth.key.pem"), "rubbish").unwrap();
    assert!(refused(&pki).ends_with("it is no private key on NIST P-256, in PKCS #8 or SEC 1"));
    std::fs::remove_file(path.join("dpauth.key.pem")).unwrap();
    assert!(refused(&pki).ends_with("the key that belongs to it is missing"));
    assert!(matches!(Pki::existing(directory.path()), Err(PkiError::Io { .. })));
}
