//! Bound Profile Packages: how one is cut for the card (SGP.22 2.5.4, 2.5.5, 5.7.6).

use crate::id::TransactionId;
use crate::tlv::{DecodeError, Elements, Reader, Tag, Tlv, Writer};

/// A Bound Profile Package, borrowed from its bytes.
///
/// ```text
/// BoundProfilePackage ::= [54] SEQUENCE {                          -- BF36
///     initialiseSecureChannelRequest [35],                         -- BF23, in clear, signed
///     firstSequenceOf87 [0] SEQUENCE OF [7] OCTET STRING,          -- A0: ConfigureISDP, encrypted
///     sequenceOf88 [1] SEQUENCE OF [8] OCTET STRING,               -- A1: StoreMetadata, with a MAC alone
///     secondSequenceOf87 [2] SEQUENCE OF [7] OCTET STRING OPTIONAL,    -- A2: ReplaceSessionKeys, encrypted
///     sequenceOf86 [3] SEQUENCE OF [6] OCTET STRING                -- A3: the profile, encrypted
/// }
/// ```
///
/// The parts are handed out as they stand in the package: what was signed or protected is never encoded anew, and
/// nothing is copied.
#[derive(Debug, Clone, Copy)]
pub struct BoundProfilePackage<'a> {
    bytes: &'a [u8],
    /// Tag and length of the whole, and all of `BF23`.
    first_segment: &'a [u8],
    initialise: &'a [u8],
    configure: Tlv<'a>,
    metadata: Tlv<'a>,
    replace_keys: Option<Tlv<'a>>,
    elements: Tlv<'a>,
}

/// Why a package cannot be cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// It is not made of TLVs as it should be.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// A part is missing.
    #[error("the package lacks part {0}")]
    Missing(Tag),
    /// There is a part that does not belong there, or one twice, or in the wrong order.
    #[error("the package has a part {0} that does not belong there")]
    Extra(Tag),
    /// A part has nothing in it.
    #[error("part {0} of the package is empty")]
    Empty(Tag),
}

/// What is sent to the card in one ES10b.LoadBoundProfilePackage call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a>(pub &'a [u8]);

/// The bytes of a MAC at the end of each protected block.
pub const MAC_LENGTH: usize = 8;

const TAG: Tag = Tag(0xBF36);
const INITIALISE: Tag = Tag(0xBF23);
const CONFIGURE: Tag = Tag(0xA0);
const METADATA: Tag = Tag(0xA1);
const REPLACE_KEYS: Tag = Tag(0xA2);
const ELEMENTS: Tag = Tag(0xA3);
const SIGNATURE: Tag = Tag(0x5F37);

impl<'a> BoundProfilePackage<'a> {
    /// Reads a package and refuses one with missing, extra or empty parts: those must not get to the card at all.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PackageError> {
        let outer = crate::tlv::open("BoundProfilePackage", bytes, TAG)?;
        let mut parts = Reader::new("BoundProfilePackage", outer.value).peekable();
        let mut part = |tag: Tag, optional: bool| match parts.peek() {
            Some(Ok(found)) if found.tag == tag => {
                let found = *found;
                parts.next();
                if found.value.is_empty() { Err(PackageError::Empty(tag)) } else { Ok(Some(found)) }
            }
            Some(Err(error)) => Err(PackageError::Malformed(error.clone())),
            _ if optional => Ok(None),
            Some(Ok(found)) if !is_later_part(found.tag, tag) => Err(PackageError::Extra(found.tag)),
            _ => Err(PackageError::Missing(tag)),
        };
        let mut required = |tag| part(tag, false).and_then(|part| part.ok_or(PackageError::Missing(tag)));
        let initialise = required(INITIALISE)?;
        let configure = required(CONFIGURE)?;
        let metadata = required(METADATA)?;
        let replace_keys = part(REPLACE_KEYS, true)?;
        let elements = part(ELEMENTS, false)?.ok_or(PackageError::Missing(ELEMENTS))?;
        if let Some(extra) = parts.next() {
            return Err(PackageError::Extra(extra?.tag));
        }
        for (sequence, block) in [
            (Some(configure), Tag(0x87)),
            (Some(metadata), Tag(0x88)),
            (replace_keys, Tag(0x87)),
            (Some(elements), Tag(0x86)),
        ] {
            check_blocks(sequence, block)?;
        }
        let header = bytes.len() - outer.value.len();
        let first_segment = &bytes[..header + initialise.raw.len()];
        Ok(Self { bytes, first_segment, initialise: initialise.raw, configure, metadata, replace_keys, elements })
    }

    /// The whole package, in bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// `BF23`, the whole object.
    #[must_use]
    pub fn initialise(&self) -> &'a [u8] {
        self.initialise
    }

    /// What goes to the card, in order. Joined together the segments are the package.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        [self.first_segment]
            .into_iter()
            .chain(header_and_first(self.configure))
            .chain(header_and_each(self.metadata))
            .chain(self.replace_keys.into_iter().flat_map(header_and_first))
            .chain(header_and_each(self.elements))
            .map(Segment)
    }

    /// The description of the profile inside the package: `BF25`, the whole object. It can be read, since it is not
    /// encrypted; whether it is genuine only the card can tell.
    #[must_use]
    pub fn metadata(&self) -> Vec<u8> {
        blocks(self.metadata)
            .flat_map(|block| &block.value[..block.value.len().saturating_sub(MAC_LENGTH)])
            .copied()
            .collect()
    }
}

/// True for a part that stands behind the one that was looked for: then that one is missing.
fn is_later_part(found: Tag, wanted: Tag) -> bool {
    const ORDER: [Tag; 5] = [INITIALISE, CONFIGURE, METADATA, REPLACE_KEYS, ELEMENTS];
    let place = |tag| ORDER.iter().position(|part| *part == tag);
    place(found) > place(wanted)
}

fn check_blocks(sequence: Option<Tlv<'_>>, wanted: Tag) -> Result<(), PackageError> {
    let Some(sequence) = sequence else { return Ok(()) };
    for block in Reader::new("BoundProfilePackage", sequence.value) {
        let block = block?;
        if block.tag != wanted {
            return Err(PackageError::Extra(block.tag));
        }
        if block.value.is_empty() {
            return Err(PackageError::Empty(wanted));
        }
    }
    Ok(())
}

/// The blocks of a sequence that was checked.
fn blocks<'a>(sequence: Tlv<'a>) -> impl Iterator<Item = Tlv<'a>> {
    Reader::new("BoundProfilePackage", sequence.value).map_while(Result::ok)
}

/// Tag and length of a sequence.
fn header<'a>(sequence: Tlv<'a>) -> &'a [u8] {
    &sequence.raw[..sequence.raw.len() - sequence.value.len()]
}

/// The sequence's header together with its first block, then each further block.
fn header_and_first<'a>(sequence: Tlv<'a>) -> impl Iterator<Item = &'a [u8]> {
    let header = header(sequence).len();
    blocks(sequence).enumerate().map(move |(index, block)| match index {
        0 => &sequence.raw[..header + block.raw.len()],
        _ => block.raw,
    })
}

/// The sequence's header alone, then each block.
fn header_and_each<'a>(sequence: Tlv<'a>) -> impl Iterator<Item = &'a [u8]> {
    std::iter::once(header(sequence)).chain(blocks(sequence).map(|block| block.raw))
}

/// The first part of a package: how both sides agree on keys (SGP.22 5.5.1).
///
/// ```text
/// InitialiseSecureChannelRequest ::= [35] SEQUENCE {               -- BF23
///     remoteOpId RemoteOpId, transactionId [0] TransactionId,      -- 82, 80
///     controlRefTemplate [6] {                                     -- A6
///         keyType [0] OCTET STRING, keyLen [1] OCTET STRING, hostId [4] OCTET STRING    -- 80, 81, 84
///     },
///     smdpOtpk [APPLICATION 73] OCTET STRING,                      -- 5F49
///     smdpSign [APPLICATION 55] OCTET STRING                       -- 5F37
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialiseSecureChannel {
    /// What the package is for; see [`InitialiseSecureChannel::INSTALL`].
    pub remote_op: Vec<u8>,
    /// The session.
    pub transaction_id: TransactionId,
    /// Which keys to make.
    pub control_reference: ControlReference,
    /// The server's one-time public key: `04 || X || Y`.
    pub smdp_otpk: Vec<u8>,
    /// The server's signature: r and s.
    pub smdp_signature: Vec<u8>,
}

/// The kind of keys to make (GlobalPlatform control reference template).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlReference {
    /// Kind of key; see [`ControlReference::AES`].
    pub key_type: Vec<u8>,
    /// Length of the key in bytes; see [`ControlReference::AES_128`].
    pub key_length: Vec<u8>,
    /// What the server calls itself, 1 to 16 bytes.
    pub host_id: Vec<u8>,
}

impl ControlReference {
    /// `88`: AES.
    pub const AES: &'static [u8] = &[0x88];
    /// `10`: 16 bytes.
    pub const AES_128: &'static [u8] = &[0x10];

    fn write(&self, writer: &mut Writer) {
        writer.nest(Tag(0xA6), |w| {
            w.put(Tag(0x80), &self.key_type);
            w.put(Tag(0x81), &self.key_length);
            w.put(Tag(0x84), &self.host_id);
        });
    }
}

impl InitialiseSecureChannel {
    /// The tag of the object.
    pub const TAG: Tag = INITIALISE;
    /// `remoteOpId` of a package that installs a profile.
    pub const INSTALL: &'static [u8] = &[0x01];

    /// Reads the whole object.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("InitialiseSecureChannelRequest", object, Self::TAG)?;
        let bytes = |value: &[u8]| Ok(value.to_vec());
        let decoded = Self {
            remote_op: elements.required(Tag(0x82), bytes)?,
            transaction_id: elements.required(Tag(0x80), TransactionId::decode)?,
            control_reference: elements.required(Tag(0xA6), |value| {
                let mut template = Elements::parse("controlRefTemplate", value)?;
                Ok(ControlReference {
                    key_type: template.required(Tag(0x80), bytes)?,
                    key_length: template.required(Tag(0x81), bytes)?,
                    host_id: template.required(Tag(0x84), bytes)?,
                })
            })?,
            smdp_otpk: elements.required(Tag(0x5F49), bytes)?,
            smdp_signature: elements.required(SIGNATURE, bytes)?,
        };
        elements.deny_rest()?;
        Ok(decoded)
    }

    /// The whole object.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x82), &self.remote_op);
            w.put(Tag(0x80), self.transaction_id.as_bytes());
            self.control_reference.write(w);
            w.put(Tag(0x5F49), &self.smdp_otpk);
            w.put(SIGNATURE, &self.smdp_signature);
        })
    }

    /// What the server signs: all fields of the object but the signature, as they are, and the card's one-time key that
    /// the package is bound to.
    pub fn to_be_signed(object: &[u8], euicc_otpk: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let mut writer = Writer::new();
        let fields = crate::tlv::open("InitialiseSecureChannelRequest", object, Self::TAG)?;
        for field in Reader::new("InitialiseSecureChannelRequest", fields.value) {
            let field = field?;
            if field.tag != SIGNATURE {
                writer.raw(field.raw);
            }
        }
        writer.put(Tag(0x5F49), euicc_otpk);
        Ok(writer.finish())
    }
}

/// New session keys inside a package that was protected beforehand (SGP.22 5.5.4).
///
/// ```text
/// ReplaceSessionKeysRequest ::= [38] SEQUENCE {                    -- BF26
///     initialMacChainingValue, ppkEnc, ppkCmac OCTET STRING        -- 80, 81, 82
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ReplaceSessionKeys {
    /// The MAC chaining value to start with.
    pub mac_chaining: [u8; 16],
    /// The key that encrypts.
    pub encryption: [u8; 16],
    /// The key that authenticates.
    pub mac: [u8; 16],
}

impl std::fmt::Debug for ReplaceSessionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReplaceSessionKeys(…)")
    }
}

impl ReplaceSessionKeys {
    /// The tag of the object.
    pub const TAG: Tag = Tag(0xBF26);

    /// Reads the whole object.
    pub fn decode(object: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open("ReplaceSessionKeysRequest", object, Self::TAG)?;
        let key = |value: &[u8]| {
            value.try_into().map_err(|_| DecodeError::value("ReplaceSessionKeysRequest", "a key has 16 bytes"))
        };
        let keys = Self {
            mac_chaining: elements.required(Tag(0x80), key)?,
            encryption: elements.required(Tag(0x81), key)?,
            mac: elements.required(Tag(0x82), key)?,
        };
        elements.deny_rest()?;
        Ok(keys)
    }

    /// The whole object.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x80), &self.mac_chaining);
            w.put(Tag(0x81), &self.encryption);
            w.put(Tag(0x82), &self.mac);
        })
    }
}
