//! Messages without what carries them: the header that tells requests from answers.

use super::{ErrorCode, Malformed, Message, Service, Tlvs, Writer};

/// The element that says how a request ended.
const RESULT: u8 = 0x02;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The host wants something.
    Request,
    /// The modem answers.
    Response,
    /// The modem says something by itself.
    Indication,
}

/// A message of any service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sdu {
    /// What it is.
    pub kind: Kind,
    /// What a request and its answer have in common; at most 255 with CTL.
    pub transaction: u16,
    /// The number of the message.
    pub message: u16,
    /// What it carries.
    pub tlvs: Tlvs,
}

impl Sdu {
    /// A request.
    pub fn request<M: Message>(transaction: u16, message: &M) -> Self {
        Self { kind: Kind::Request, transaction, message: M::ID, tlvs: message.tlvs() }
    }

    /// An indication.
    pub fn indication<M: Message>(message: &M) -> Self {
        Self { kind: Kind::Indication, transaction: 0, message: M::ID, tlvs: message.tlvs() }
    }

    /// The answer to this request: its result, and what else `write` has to say.
    #[must_use]
    pub fn answer(&self, result: Result<(), ErrorCode>, write: impl FnOnce(&mut Writer)) -> Self {
        let mut out = Writer::default();
        let (status, error) = result.map_or_else(|error| (1u16, error.0), |()| (0, 0));
        out.element(RESULT, |out| {
            out.u16(status);
            out.u16(error);
        });
        write(&mut out);
        Self { kind: Kind::Response, transaction: self.transaction, message: self.message, tlvs: out.done() }
    }

    /// How the request ended, by its answer.
    pub fn result(&self) -> Result<Result<(), ErrorCode>, Malformed> {
        let mut result = self.tlvs.want(RESULT)?;
        let (status, error) = (result.u16()?, result.u16()?);
        Ok(if status == 0 { Ok(()) } else { Err(ErrorCode(error)) })
    }

    /// As bytes; CTL has a header of its own.
    #[must_use]
    pub fn to_bytes(&self, service: Service) -> Vec<u8> {
        let mut out = Vec::new();
        if service == Service::CTL {
            out.push(match self.kind {
                Kind::Request => 0,
                Kind::Response => 1,
                Kind::Indication => 2,
            });
            out.push(self.transaction.to_le_bytes()[0]);
        } else {
            out.push(match self.kind {
                Kind::Request => 0,
                Kind::Response => 2,
                Kind::Indication => 4,
            });
            out.extend(self.transaction.to_le_bytes());
        }
        out.extend(self.message.to_le_bytes());
        let tlvs = self.tlvs.as_bytes();
        out.extend(u16::try_from(tlvs.len()).unwrap_or(u16::MAX).to_le_bytes());
        out.extend(tlvs);
        out
    }

    /// From bytes.
    pub fn from_bytes(service: Service, bytes: &[u8]) -> Result<Self, Malformed> {
        let (flags, transaction, rest) = match *bytes {
            [flags, transaction, ref rest @ ..] if service == Service::CTL => (flags << 1, transaction.into(), rest),
            [flags, low, high, ref rest @ ..] if service != Service::CTL => {
                (flags, u16::from_le_bytes([low, high]), rest)
            }
            _ => return Err(Malformed::Short(0)),
        };
        let [m0, m1, l0, l1, ref tlvs @ ..] = *rest else { return Err(Malformed::Short(0)) };
        let message = u16::from_le_bytes([m0, m1]);
        let length = usize::from(u16::from_le_bytes([l0, l1]));
        let tlvs = tlvs.get(..length).ok_or(Malformed::Short(message))?;
        let kind = match flags & 0x06 {
            0 => Kind::Request,
            2 => Kind::Response,
            _ => Kind::Indication,
        };
        Ok(Self { kind, transaction, message, tlvs: Tlvs::read(message, tlvs)? })
    }
}
