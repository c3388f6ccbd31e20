//! Logical channels and APDUs: Open Logical Channel (0042), the older Logical Channel (003F), Send APDU (003B).

use crate::qmi::{Malformed, Message, Plain, Request, Service, Tlvs, Writer};

/// Opens a channel to an application: `{ 01: slot, 10: aid }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenChannel {
    /// The logical slot.
    pub slot: u8,
    /// The application.
    pub aid: Vec<u8>,
}

impl Message for OpenChannel {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = 0x0042;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.u8(self.slot));
        out.element(0x10, |out| out.counted(&self.aid));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self { slot: tlvs.want(0x01)?.u8()?, aid: tlvs.want(0x10)?.counted()?.to_vec() })
    }
}

impl Request for OpenChannel {
    type Response = ChannelOpened<0x0042>;
}

/// A channel that is open: `{ 10: channel, 11: SW1 SW2, 12: answer to SELECT }`, or with a long answer in `13`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelOpened<const ID: u16> {
    /// Its number.
    pub channel: u8,
    /// What the card answered to SELECT.
    pub status: Option<[u8; 2]>,
    /// The data of that answer; empty if the modem keeps it.
    pub select: Vec<u8>,
}

impl<const ID: u16> Message for ChannelOpened<ID> {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = ID;

    fn write(&self, out: &mut Writer) {
        out.element(0x10, |out| out.u8(self.channel));
        if let Some(status) = self.status {
            out.element(0x11, |out| out.bytes(&status));
        }
        if u8::try_from(self.select.len()).is_ok() {
            out.element(0x12, |out| out.counted(&self.select));
        } else {
            out.element(0x13, |out| out.long_counted(&self.select));
        }
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        let select = match (tlvs.get(0x13), tlvs.get(0x12)) {
            (Some(mut long), _) => long.long_counted()?.to_vec(),
            (None, Some(mut short)) => short.counted()?.to_vec(),
            (None, None) => Vec::new(),
        };
        Ok(Self { channel: tlvs.want(0x10)?.u8()?, status: ChannelRefused::read(tlvs).0, select })
    }
}

/// What the card answered to an opening that failed, if it was the card: `{ 11: SW1 SW2 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelRefused(pub Option<[u8; 2]>);

impl ChannelRefused {
    /// From the elements of a failure.
    #[must_use]
    pub fn read(tlvs: &Tlvs) -> Self {
        Self(tlvs.get(0x11).and_then(|mut value| Some([value.u8().ok()?, value.u8().ok()?])))
    }

    /// As elements of a failure.
    pub fn write(self, out: &mut Writer) {
        if let Some(status) = self.0 {
            out.element(0x11, |out| out.bytes(&status));
        }
    }
}

/// Opens a channel on a modem that knows the older message alone: `{ 01: slot, 10: aid }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenByOldMessage(pub OpenChannel);

impl Message for OpenByOldMessage {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = 0x003F;

    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        OpenChannel::read(tlvs).map(Self)
    }
}

impl Request for OpenByOldMessage {
    type Response = ChannelOpened<0x003F>;
}

/// Closes a channel: `{ 01: slot, 11: channel }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseChannel {
    /// The logical slot.
    pub slot: u8,
    /// The channel.
    pub channel: u8,
}

impl Message for CloseChannel {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = 0x003F;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.u8(self.slot));
        out.element(0x11, |out| out.u8(self.channel));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self { slot: tlvs.want(0x01)?.u8()?, channel: tlvs.want(0x11)?.u8()? })
    }
}

impl Request for CloseChannel {
    type Response = Plain<0x0B, 0x003F>;
}

/// What a request of message 003F wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseOrOpen {
    /// A channel closed.
    Close(CloseChannel),
    /// A channel opened.
    Open(OpenChannel),
}

impl CloseOrOpen {
    /// By the elements of the request.
    pub fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        if tlvs.get(0x11).is_some() {
            CloseChannel::read(tlvs).map(Self::Close)
        } else {
            OpenChannel::read(tlvs).map(Self::Open)
        }
    }
}

/// Sends an APDU: `{ 01: slot, 02: APDU, 10: channel, 11: procedure bytes }`.
#[derive(Clone, PartialEq, Eq)]
pub struct SendApdu {
    /// The logical slot.
    pub slot: u8,
    /// The APDU; the modem writes the channel into its class.
    pub apdu: Vec<u8>,
    /// The channel; the basic one if `None`.
    pub channel: Option<u8>,
    /// True if intermediate procedure bytes are not wanted.
    pub skip_procedure_bytes: bool,
}

/// What is in an APDU is nobody's business.
impl std::fmt::Debug for SendApdu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { slot, apdu, channel, skip_procedure_bytes } = self;
        f.debug_struct("SendApdu")
            .field("slot", slot)
            .field("apdu", &format_args!("{} bytes", apdu.len()))
            .field("channel", channel)
            .field("skip_procedure_bytes", skip_procedure_bytes)
            .finish()
    }
}

impl Message for SendApdu {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = 0x003B;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.u8(self.slot));
        out.element(0x02, |out| out.long_counted(&self.apdu));
        if let Some(channel) = self.channel {
            out.element(0x10, |out| out.u8(channel));
        }
        if self.skip_procedure_bytes {
            out.element(0x11, |out| out.u8(1));
        }
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self {
            slot: tlvs.want(0x01)?.u8()?,
            apdu: tlvs.want(0x02)?.long_counted()?.to_vec(),
            channel: tlvs.get(0x10).map(|mut value| value.u8()).transpose()?,
            skip_procedure_bytes: tlvs.get(0x11).map(|mut value| value.u8()).transpose()? == Some(1),
        })
    }
}

impl Request for SendApdu {
    type Response = AnswerApdu;
}

/// The card's answer, status word included: `{ 10: bytes }`.
#[derive(Clone, PartialEq, Eq)]
pub struct AnswerApdu(pub Vec<u8>);

impl std::fmt::Debug for AnswerApdu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AnswerApdu({} bytes)", self.0.len())
    }
}

impl Message for AnswerApdu {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = SendApdu::ID;

    fn write(&self, out: &mut Writer) {
        out.element(0x10, |out| out.long_counted(&self.0));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        tlvs.want(0x10)?.long_counted().map(|bytes| Self(bytes.to_vec()))
    }
}

/// In a failure: the answer is too long for one message and comes in indications: `{ 11: length u16, token u32 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongAnswer {
    /// Its length.
    pub length: u16,
    /// What the indications have in common.
    pub token: u32,
}

impl LongAnswer {
    /// As an element of a failure.
    pub fn write(self, out: &mut Writer) {
        out.element(0x11, |out| {
            out.u16(self.length);
            out.u32(self.token);
        });
    }

    /// True if the elements of a failure announce one, in whatever form.
    #[must_use]
    pub fn is_announced(tlvs: &Tlvs) -> bool {
        tlvs.get(0x11).is_some()
    }
}
