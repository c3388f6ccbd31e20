//! Who a server is, and the way to it.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use virtual_euicc::pki::{Identity, Pki};
use virtual_euicc::smdp::{NewOrder, Smdp, SmdpOptions};

use crate::bench::{Bench, HOST, Served, TOKEN, code, id, pki};
use crate::common::Sandbox;
use crate::terminal::Terminal;

/// A card, and an SM-DP+ that its sandbox knows nothing of.
struct Stranger {
    sandbox: Sandbox,
    smdp: Arc<Smdp>,
    served: Served,
    ca: PathBuf,
}

impl Stranger {
    fn of(sandbox: Sandbox, pki: &Pki, tls: Option<Identity>) -> Self {
        let smdp = Arc::new(Smdp::new(pki, SmdpOptions::named(HOST)).unwrap());
        smdp.add_order(&NewOrder::new(TOKEN)).unwrap();
        let served = Served::known_by(smdp.clone(), tls.map(|identity| vec![(HOST.to_owned(), identity)]));
        let ca = pki.ci_file().unwrap();
        Self { sandbox, smdp, served, ca }
    }

    /// Certified as the card is.
    fn new() -> Self {
        let sandbox = Sandbox::with_card(&[]);
        let pki = pki(&sandbox);
        Self::of(sandbox, &pki, None)
    }

    fn run(&self, arguments: &[&str]) -> (i32, serde_json::Value) {
        let code = code(TOKEN);
        let way = self.served.way();
        let run =
            self.sandbox.run(&[&["download", &code, "--yes", "--json", "--connect-to", &way], arguments].concat());
        (run.code, run.json())
    }

    fn fails(&self, arguments: &[&str]) -> String {
        let (exit, document) = self.run(arguments);
        let error = &document["error"];
        assert_eq!((exit, &error["code"]), (5, &"good".into()), "{document}");
        assert!(self.served.functions().is_empty(), "nothing was written before it was trusted");
        id(error).to_owned()
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_server_that_the_user_named_is_reached() {
    let stranger = Stranger::new();
    assert_eq!(stranger.fails(&[]), "server_unknown_issuer");
    assert_eq!(stranger.run(&["--ca", text(&stranger.ca)]).0, 0);
    let counters = stranger.served.handle.counters();
    assert_eq!(counters.requests(), 5);
    assert_eq!(stranger.smdp.order(TOKEN).unwrap().state.name(), "installed");
    // The host may be left out, as with curl, and its case does not matter.
    for way in ["::127.0.0.1:", "SMDP.Example.Com::127.0.0.1:", ":443:localhost:"] {
        let stranger = Stranger::new();
        let way = format!("{way}{}", stranger.served.handle.address().port());
        let ca = text(&stranger.ca).to_owned();
        let run = stranger.sandbox.run(&["download", &code(TOKEN), "--yes", "--connect-to", &way, "--ca", &ca]);
        assert_eq!(run.code, 0, "{way}: {}", run.err);
    }
    // A rule for another port says nothing of this one; virtual cards do not go to the internet for it.
    for way in ["smdp.example.com:8443:127.0.0.1:1", ":8443:127.0.0.1:1", ":::", ":::1"] {
        let run = stranger.sandbox.run(&["download", &code(TOKEN), "--yes", "--json", "--connect-to", way]);
        assert_eq!((run.code, id(&run.json()["error"])), (5, "server_not_running"), "{way}");
    }
    for way in ["", "x", "a:b:c:d", "a:1:b"] {
        let run = stranger.sandbox.run(&["download", &code(TOKEN), "--json", "--connect-to", way]);
        assert_eq!((run.code, id(&run.json()["error"])), (2, "usage"), "{way}: {}", run.out);
    }
}

#[test]
fn files_that_hold_no_issuer() {
    let bench = Bench::new();
    let rubbish = bench.path("rubbish.pem");
    std::fs::write(&rubbish, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let empty = bench.path("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for path in [&rubbish, &empty, &bench.path("none"), &bench.sandbox.path().to_path_buf()] {
        let (exit, document) = bench.by_code(&["--ca", text(path)]);
        assert_eq!((exit, id(&document["error"])), (2, "ca_file"), "{}: {document}", path.display());
    }
    assert!(bench.served.functions().is_empty());
    assert_eq!(bench.sandbox.data(&["recover"])["entries"].as_array().unwrap().len(), 0, "nothing is open");
}

#[test]
fn card_and_server_of_different_worlds() {
    let sandbox = Sandbox::with_card(&[]);
    let other = Pki::open(&sandbox.path().join("other")).unwrap();
    let stranger = Stranger::of(sandbox, &other, None);
    // Even an issuer that the user trusts is none for a card that does not.
    assert_eq!(stranger.fails(&["--ca", text(&stranger.ca)]), "server_not_the_cards");
}

#[test]
fn the_number_of_the_server_in_the_code_counts() {
    let bench = Bench::new();
    let (exit, error) = bench.fails(&[&format!("LPA:1${HOST}${TOKEN}$2.999.11"), "--yes"]);
    assert_eq!((exit, id(&error), error["code"].as_str()), (4, "other_server", Some("good")), "{error}");
    assert_eq!(bench.served.functions(), ["initiateAuthentication"], "the card has not seen it");
    assert!(
        error["message"].as_str().unwrap().contains("2.999.11")
            && error["message"].as_str().unwrap().contains("2.999.10")
    );
    assert_eq!(bench.download(&[&format!("LPA:1${HOST}${TOKEN}$2.999.10$"), "--yes"]).0, 0);
}

/// A chain as web servers have it, made by a program that nobody here wrote.
fn web_chain(directory: &Path) -> Option<(PathBuf, Identity)> {
    std::fs::create_dir_all(directory).unwrap();
    std::fs::write(directory.join("names"), format!("subjectAltName=DNS:{HOST}\n")).unwrap();
    let openssl = |line: &str| {
        let run = Command::new("openssl").args(line.split(' ')).current_dir(directory).output().ok()?;
        assert!(run.status.success(), "{line}: {}", String::from_utf8_lossy(&run.stderr));
        Some(())
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout";
    openssl(&format!("req -x509 {key} root.key.pem -out root.cert.pem -subj /CN=Web -days 9"))?;
    openssl(&format!("req {key} web.key.pem -out web.csr -subj /CN={HOST}"))?;
    openssl(
        "x509 -req -in web.csr -CA root.cert.pem -CAkey root.key.pem -CAcreateserial -extfile names -days 9 -out web.cert.pem",
    )?;
    Some((directory.join("root.cert.pem"), Identity::read(directory, "web").unwrap()))
}

#[test]
fn a_web_certificate_is_explained_and_can_be_accepted() {
    let sandbox = Sandbox::with_card(&[]);
    let Some((root, identity)) = web_chain(&sandbox.path().join("web")) else {
        assert!(std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "openssl is missing: scripts/setup test");
        return eprintln!("skipped: openssl is missing");
    };
    let pki = pki(&sandbox);
    let stranger = Stranger::of(sandbox, &pki, Some(identity));
    let run = |arguments: &[&str]| {
        let mut command = stranger.sandbox.command();
        command.env("SSL_CERT_FILE", &root).args(["download", &code(TOKEN), "--yes", "--json"]);
        crate::common::run(command.args(["--connect-to", &stranger.served.way()]).args(arguments))
    };
    let refused = run(&[]);
    let error = refused.json()["error"].clone();
    assert_eq!((refused.code, id(&error), &error["code"]), (5, "server_web_certificate", &"good".into()));
    assert!(error["next"].as_str().unwrap().ends_with("--trust-web-ca"), "{error}");
    assert!(stranger.served.functions().is_empty());
    assert_eq!(run(&["--trust-web-ca"]).code, 0);
}

#[test]
fn the_built_in_test_issuers_are_for_laboratories() {
    // None of ours is: the switch lets nothing in that it is not about.
    let stranger = Stranger::new();
    assert_eq!(stranger.fails(&["--trust-test-ci"]), "server_unknown_issuer");
    assert_eq!(stranger.fails(&["--trust-web-ca"]), "server_unknown_issuer");
}

#[test]
fn a_server_that_cannot_be_reached() {
    let sandbox = Sandbox::with_card(&[]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let talks = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = talks.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in talks.incoming().flatten() {
            let _ = std::io::Write::write_all(&mut &stream, b"220 mail.example.com ESMTP\r\n");
        }
    });
    for (way, expected) in [
        (format!("{HOST}:443:127.0.0.1:{closed}"), "server_unreachable"),
        (format!("{HOST}:443:no-such-host.invalid:443"), "server_unresolved"),
        (format!("{HOST}:443:127.0.0.1:{port}"), "server_tls"),
    ] {
        let run = sandbox.run(&["download", &code(TOKEN), "--yes", "--json", "--connect-to", &way]);
        let error = run.json()["error"].clone();
        assert_eq!((run.code, id(&error), &error["code"]), (5, expected, &"good".into()), "{way}: {error}");
        assert_eq!(error["state"], "unchanged");
    }
}

/// What virtual cards have is for servers beside alone, whatever way the internet is reached.
#[test]
fn a_proxy_is_not_for_virtual_cards() {
    let bench = Bench::new();
    let mut command = bench.sandbox.command();
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:1");
    }
    let run = crate::common::run(command.args(["download", &code(TOKEN), "--yes"]));
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn a_session_takes_one_connection() {
    let bench = Bench::new();
    let run = bench.run(&["download", &code(TOKEN), "--yes", "--json", "--stats"]);
    let stats = run.json()["stats"].clone();
    assert_eq!((&stats["tcp_connections"], &stats["tls_handshakes"]), (&1.into(), &1.into()), "{stats}");
    let counters = bench.served.handle.counters();
    assert_eq!((counters.connections(), counters.handshakes(), counters.requests()), (1, 1, 5));
}

/// Passes connections on to a server, and ends them when it is told to.
struct Forwarder {
    port: u16,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Forwarder {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let forwarder = Self { port: listener.local_addr().unwrap().port(), streams: Arc::default() };
        let streams = forwarder.streams.clone();
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
                for (mut from, mut to) in
                    [(&near, &far), (&far, &near)].map(|(a, b)| (a.try_clone().unwrap(), b.try_clone().unwrap()))
                {
                    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
                }
                streams.lock().unwrap().extend([near, far]);
            }
        });
        forwarder
    }

    fn end_all(&self) {
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Servers close connections that are idle for some seconds; a person thinks for minutes.
#[test]
fn a_connection_that_ended_while_somebody_thought_is_made_anew() {
    let stranger = Stranger::new();
    let forwarder = Forwarder::to(stranger.served.handle.address().port());
    let (way, ca) = (format!("{HOST}:443:127.0.0.1:{}", forwarder.port), text(&stranger.ca).to_owned());
    for (answer, exit) in [("n", 1), ("i", 0)] {
        let mut command = stranger.sandbox.command();
        let mut terminal = Terminal::start(command.args(["download", &code(TOKEN), "--connect-to", &way, "--ca", &ca]));
        terminal.expect("[n] ");
        forwarder.end_all();
        terminal.type_line(answer);
        assert_eq!(terminal.wait().code(), Some(exit), "{}", terminal.screen());
    }
    assert_eq!(stranger.served.cancelled().len(), 1, "the end was heard, too");
    assert_eq!(stranger.smdp.order(TOKEN).unwrap().state.name(), "installed");
}

#[test]
fn an_sm_ds_is_no_sm_dp() {
    use virtual_euicc::smds::{Smds, SmdsOptions};
    let sandbox = Sandbox::with_card(&[]);
    let pki = pki(&sandbox);
    let smds = Smds::new(&pki, SmdsOptions { hosts: vec![HOST.into()], ..SmdsOptions::default() }).unwrap();
    let served = Served::start(Arc::new(smds));
    let ca = pki.ci_file().unwrap();
    let ca = text(&ca);
    let run = sandbox.run(&["download", &code(TOKEN), "--yes", "--json", "--connect-to", &served.way(), "--ca", ca]);
    let error = run.json()["error"].clone();
    assert_eq!((run.code, id(&error)), (5, "server_confused"), "{error}");
    assert!(error["message"].as_str().unwrap().contains("another role"), "{error}");
    // The other way round, of which a discovery speaks.
    let bench = Bench::new();
    let (exit, error) = bench.sandbox.error(&["discover", "--server", HOST]);
    assert_eq!((exit, id(&error), error["code"].is_null()), (5, "no_discovery_server", true), "{error}");
}
