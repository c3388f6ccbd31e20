//! A server to download from.

use super::common::Sandbox;
use super::server::Server;

pub struct Smdp {
    _server: Server,
    ca: String,
    way: String,
}

impl Smdp {
    pub fn start(sandbox: &Sandbox, order: &str) -> Self {
        let server = Server::start(sandbox, &["smdp", "--order", order]);
        let ca = server.ready["ca"].as_str().unwrap().to_owned();
        let way = format!("smdp.example.com:443:{}", server.address());
        Self { _server: server, ca, way }
    }

    /// What downloads the order A.
    pub fn download(&self) -> [&str; 7] {
        let code = "LPA:1$smdp.example.com$A";
        ["download", code, "--yes", "--ca", &self.ca, "--connect-to", &self.way]
    }
}
