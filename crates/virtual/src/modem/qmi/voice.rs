//! A host's line: frames in, frames out.

use modem_wire::qmi::ctl::ProxyOpen;
use modem_wire::qmi::{Frame, FrameReader, Kind, Message, Sdu, Service};

use super::QmiModem;
use super::clients::HostId;
use super::service::Outcome;
use super::trouble::Trouble;
use crate::modem::line::{Said, Voice};

/// One host's side of a modem that speaks QMI.
#[derive(Debug)]
pub struct QmiVoice {
    modem: QmiModem,
    host: HostId,
    frames: FrameReader,
    /// It stands for qmi-proxy, and was not told a port yet.
    wants_port: bool,
    trouble: Trouble,
}

impl QmiVoice {
    pub(super) fn new(modem: QmiModem, wants_port: bool) -> Self {
        let mut shared = modem.shared();
        let (host, trouble) = (shared.new_host(), Trouble::of(shared.modem.quirks()));
        drop(shared);
        Self { modem, host, frames: FrameReader::default(), wants_port, trouble }
    }

    fn answer(&mut self, frame: &Frame) -> Vec<Said> {
        let Ok(request) = Sdu::from_bytes(frame.service, &frame.sdu) else {
            log::debug!("not a message: {frame:?}");
            return Vec::new();
        };
        if self.wants_port {
            return self.open_port(frame.service, &request);
        }
        let mut shared = self.modem.shared();
        let outcome = shared.serve(frame.service, frame.client, self.host, &request);
        let news = shared.news(self.host);
        drop(shared);
        let mut said = match outcome {
            Outcome::Silence => Vec::new(),
            Outcome::Gone(time) => return vec![Said::Gone(time)],
            Outcome::Closed => return vec![Said::Closed],
            Outcome::Answer(answer) => {
                let sdu = answer.to_bytes(frame.service);
                let answer = Frame { from_modem: true, service: frame.service, client: frame.client, sdu };
                self.trouble.send(answer)
            }
        };
        said.extend(news.iter().map(|frame| Said::Bytes(frame.to_bytes())));
        said
    }

    /// As qmi-proxy: the port comes first, and whoever does not name one is hung up on.
    fn open_port(&mut self, service: Service, request: &Sdu) -> Vec<Said> {
        let is_request = (service, request.kind, request.message) == (Service::CTL, Kind::Request, ProxyOpen::ID);
        match ProxyOpen::read(&request.tlvs) {
            Ok(ProxyOpen(path)) if is_request && !path.is_empty() => {
                self.wants_port = false;
                let sdu = request.answer(Ok(()), |_| {}).to_bytes(service);
                vec![Said::Bytes(Frame { from_modem: true, service, client: 0, sdu }.to_bytes())]
            }
            _ => vec![Said::Closed],
        }
    }
}

impl Voice for QmiVoice {
    fn hear(&mut self, bytes: &[u8]) -> Vec<Said> {
        self.frames.push(bytes);
        let mut said = Vec::new();
        loop {
            match self.frames.next_frame() {
                Ok(Some(frame)) => said.extend(self.answer(&frame)),
                Ok(None) => return said,
                Err(error) => log::debug!("dropped what a host sent: {error}"),
            }
        }
    }

    fn idle(&mut self) -> Vec<Said> {
        let news = self.modem.shared().news(self.host);
        let mut said: Vec<Said> = news.iter().map(|frame| Said::Bytes(frame.to_bytes())).collect();
        said.extend(self.trouble.idle());
        said
    }

    fn reconnected(&mut self) {
        self.frames.clear();
        self.trouble.calm();
        self.modem.shared().restarted();
    }
}
