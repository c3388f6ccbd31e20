//! The test servers over TLS, looked at by programs that nobody here wrote: curl and openssl.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use common::{EID, FakeCard, Post};
use virtual_euicc::https::{ServeOptions, ServerHandle, serve};
use virtual_euicc::pki::{Pki, ServerKind};
use virtual_euicc::server::Behaviours;
use virtual_euicc::smdp::{NewOrder, OrderState, Smdp, SmdpOptions};
use virtual_euicc::smds::{Smds, SmdsOptions};

const HOST: &str = "smdp.example.com";
const SECOND: &str = "second.example.com";

/// True if the program is there. Where it is not the test says so and passes; with `ESIMCTL_REQUIRE_PCSC` set, as in CI,
/// that is a failure.
fn have(program: &str) -> bool {
    let there = Command::new(program).arg("version").output().is_ok();
    assert!(there || std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "{program} is missing: scripts/setup test");
    if !there {
        eprintln!("skipped: {program} is missing");
    }
    there
}

struct Bench {
    directory: tempfile::TempDir,
    pki: Pki,
    core: Arc<Smdp>,
    server: ServerHandle,
}

impl Bench {
    fn new(behaviours: &[&str]) -> Self {
        Self::slow(behaviours, Duration::ZERO)
    }

    fn slow(behaviours: &[&str], latency: Duration) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let pki = Pki::open(&directory.path().join("pki")).unwrap();
        let options = SmdpOptions {
            hosts: vec![HOST.into(), SECOND.into()],
            behaviours: Behaviours::parse(behaviours).unwrap(),
            ..SmdpOptions::default()
        };
        let core = Arc::new(Smdp::new(&pki, options).unwrap());
        core.add_order(&NewOrder { size: 100_000, ..NewOrder::new("A") }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = serve(listener, core.clone(), ServeOptions { latency, log: None }).unwrap();
        Self { directory, pki, core, server }
    }

    /// Asks with curl, by the name of a host.
    fn curl(&self, host: &str, function: &str, body: &[u8], more: &[&str]) -> Output {
        let port = self.server.address().port();
        let request = self.directory.path().join("request");
        std::fs::write(&request, body).unwrap();
        Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "20", "--cacert"])
            .arg(self.pki.ci_file().unwrap())
            .args(["--resolve", &format!("{host}:{port}:127.0.0.1"), "--header", "Content-Type: application/json"])
            .arg("--data-binary")
            .arg(format!("@{}", request.display()))
            .args(more)
            .arg(format!("https://{host}:{port}/gsma/rsp2/es9plus/{function}"))
            .output()
            .unwrap()
    }

    fn code(&self, function: &str) -> Option<i32> {
        self.curl(HOST, function, b"{}", &[]).status.code()
    }
}

#[test]
fn curl_downloads_a_profile() {
    if !have("curl") {
        return;
    }
    let bench = Bench::new(&[]);
    let mut card = FakeCard::new(&bench.pki, EID);
    let post: Post<'_> = &|function, body| {
        let output = bench.curl(HOST, function, body, &["--write-out", "\\n%{http_code}"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let split = output.stdout.iter().rposition(|byte| *byte == b'\n').unwrap();
        let status = std::str::from_utf8(&output.stdout[split + 1..]).unwrap().parse().unwrap();
        (status, output.stdout[..split].to_vec())
    };
    let bound = card.fetch(post, HOST, "A").unwrap();
    let certificate = bench.core.credentials().binding.as_ref().unwrap().certificate_der().to_vec();
    assert_eq!(card.load(&bound, &certificate).1.len(), 100_000);
    let iccid = bench.core.order("A").unwrap().iccid;
    common::call(post, &card.result(bound.transaction_id.as_ref().unwrap(), &iccid, None)).unwrap();
    assert_eq!(bench.core.order("A").unwrap().state, OrderState::Installed);
    let counters = bench.server.counters();
    assert_eq!((counters.connections(), counters.handshakes(), counters.requests()), (4, 4, 4));
}

#[test]
fn a_connection_is_kept_and_each_host_has_its_certificate() {
    if !have("curl") {
        return;
    }
    let bench = Bench::new(&[]);
    let port = bench.server.address().port();
    let url = format!("https://{SECOND}:{port}/gsma/rsp2/es9plus/authenticateClient");
    let output = bench.curl(SECOND, "authenticateClient", b"{}", &["--include", &url]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}");
    assert_eq!(text.to_lowercase().matches("x-admin-protocol: gsma/rsp/v2.2.0").count(), 2);
    assert_eq!((bench.server.counters().connections(), bench.server.counters().requests()), (1, 2));
    // Another name than the server's own is refused by curl (60).
    assert_eq!(bench.curl("third.example.com", "authenticateClient", b"{}", &[]).status.code(), Some(60));
    assert_eq!(bench.curl(HOST, "noSuchFunction", b"{}", &["--fail"]).status.code(), Some(22));
    assert_eq!(bench.curl(HOST, "authenticateClient", b"no JSON", &["--fail"]).status.code(), Some(22));
}

#[test]
fn connections_break_as_they_are_told_to() {
    if !have("curl") {
        return;
    }
    let bench = Bench::new(&[]);
    // 52: nothing came, 56: the connection broke, 18: less came than was announced, 28: it took too long.
    for (fault, codes) in [
        ("request-lost", &[52, 56][..]),
        ("reply-lost", &[52, 56]),
        ("cut", &[18, 56]),
        ("garbage", &[0]),
        ("duplicate", &[0]),
    ] {
        let before = bench.core.exchanges();
        bench.core.add_fault(format!("{fault}@{}", before + 1).parse().unwrap());
        let code = bench.code("initiateAuthentication").unwrap();
        assert!(codes.contains(&code), "{fault}: curl ended with {code}");
        assert_eq!(bench.code("initiateAuthentication"), Some(0), "after {fault}");
    }
    bench.core.add_fault(format!("delay=5000@{}", bench.core.exchanges() + 1).parse().unwrap());
    assert_eq!(bench.curl(HOST, "cancelSession", b"{}", &["--max-time", "0.5"]).status.code(), Some(28));
    drop(bench.server);
}

#[test]
fn answers_and_certificates_go_wrong_as_they_are_told_to() {
    if !have("curl") {
        return;
    }
    for (behaviour, code) in
        [("tls-wrong-host", 60), ("tls-expired", 60), ("tls-not-yet-valid", 60), ("tls-foreign-ca", 60), ("close", 0)]
    {
        assert_eq!(Bench::new(&[behaviour]).code("cancelSession"), Some(code), "{behaviour}");
    }
    let bench = Bench::new(&["huge"]);
    let output =
        bench.curl(HOST, "cancelSession", b"{}", &["--output", "/dev/null", "--write-out", "%{size_download}"]);
    assert!(String::from_utf8_lossy(&output.stdout).parse::<u64>().unwrap() > 100_000_000);
    let bench = Bench::new(&["drops-connection"]);
    for _ in 0..2 {
        let port = bench.server.address().port();
        let url = format!("https://{HOST}:{port}/gsma/rsp2/es9plus/cancelSession");
        let output = bench.curl(HOST, "cancelSession", b"{}", &["--include", &url]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!((output.status.code(), text.matches("200 OK").count()), (Some(0), 2), "{text}");
    }
    assert_eq!((bench.server.counters().connections(), bench.server.counters().requests()), (4, 4));
}

/// A clock can only show that too little time went by: that is what is asked.
#[test]
fn each_round_trip_takes_its_time() {
    if !have("curl") {
        return;
    }
    for (behaviour, handshake) in [("warning", 1), ("tls-1.2", 2)] {
        let bench = Bench::slow(&[behaviour], Duration::from_millis(20));
        let write = ["--output", "/dev/null", "--write-out", "%{time_total}\n"];
        let url = format!("https://{HOST}:{}/gsma/rsp2/es9plus/cancelSession", bench.server.address().port());
        let more: Vec<&str> = [&write[..], &["--output", "/dev/null", &url]].concat();
        let output = bench.curl(HOST, "cancelSession", b"{}", &more);
        let text = String::from_utf8_lossy(&output.stdout);
        let total: f64 = text.lines().map(|line| line.parse::<f64>().unwrap()).sum();
        // Two requests over one connection.
        assert_eq!((bench.server.counters().handshakes(), bench.server.counters().requests()), (1, 2), "{behaviour}");
        assert!(total >= 0.020 * f64::from(1 + handshake + 2), "{behaviour}: {text}");
    }
}

#[test]
fn a_server_waits_and_stops() {
    let pki = Pki::in_memory().unwrap();
    let core = Arc::new(Smds::new(&pki, SmdsOptions::named("ds.example.com")).unwrap());
    let options = ServeOptions { latency: Duration::from_millis(50), ..ServeOptions::default() };
    let server = serve(TcpListener::bind("127.0.0.1:0").unwrap(), core, options).unwrap();
    let address = server.address();
    assert!(std::net::TcpStream::connect(address).is_ok());
    server.stop();
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn openssl_finds_the_certificates_in_order() {
    if !have("openssl") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let pki = Pki::open(&directory.path().join("pki")).unwrap();
    pki.issue_server(ServerKind::Smdp, HOST).unwrap();
    pki.issue_server(ServerKind::Smds, "ds.example.com").unwrap();
    let ca: PathBuf = pki.ci_file().unwrap();
    let file = |stem: &str| directory.path().join(format!("pki/{stem}.cert.pem"));
    for (stem, extra) in [
        ("dpauth", &[][..]),
        ("dppb", &[]),
        ("dsauth", &[]),
        ("dptls-smdp.example.com", &["-purpose", "sslserver", "-verify_hostname", HOST]),
        ("dstls-ds.example.com", &["-purpose", "sslserver", "-verify_hostname", "ds.example.com"]),
    ] {
        let mut command = Command::new("openssl");
        // It does not know what critical policies of GSMA mean; everything else it checks.
        command.args(["verify", "-x509_strict", "-ignore_critical", "-CAfile"]).arg(&ca).args(extra).arg(file(stem));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{stem}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = Command::new("openssl").args(["x509", "-noout", "-text", "-in"]).arg(file("dpauth")).output().unwrap();
    let text = String::from_utf8_lossy(&text.stdout);
    for expected in ["Policy: 2.23.146.1.2.1.4", "Registered ID:2.999.10", "Digital Signature", "prime256v1"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}
