//! A notification taken apart: what the card signed, its signature, and the certificates that go with it.

use crate::notification::{NotificationMetadata, PendingKind, PendingNotification};
use crate::tlv::{DecodeError, Elements, Reader, Tag};

/// An `OtherSignedNotification`, borrowed from its bytes (SGP.22 5.7.10).
///
/// ```text
/// OtherSignedNotification ::= SEQUENCE {
///     tbsOtherNotification NotificationMetadata,                  -- BF2F
///     euiccNotificationSignature [APPLICATION 55] OCTET STRING,   -- 5F37
///     euiccCertificate Certificate, eumCertificate Certificate,   -- 30, 30
///     otherCertsInChain [1] CertificateChain OPTIONAL             -- A1, version 3
/// }
/// ```
#[derive(Debug, Clone)]
pub struct OtherSignedNotification<'a> {
    /// The whole `tbsOtherNotification`, tag and length included: what the signature covers.
    pub tbs: &'a [u8],
    /// The contents of `tbsOtherNotification`.
    pub metadata: NotificationMetadata,
    /// The signature: r and s, 32 bytes each, if the card keeps to SGP.22.
    pub signature: &'a [u8],
    /// The card's certificate; `None` if the card left it out.
    pub card_certificate: Option<&'a [u8]>,
    /// The maker's (EUM's) certificate; `None` if the card left it out.
    pub maker_certificate: Option<&'a [u8]>,
    /// Further certificates between the maker and the issuer (version 3).
    pub other_certificates: Vec<&'a [u8]>,
}

impl<'a> OtherSignedNotification<'a> {
    /// Takes a notification apart. It is strict: what is not understood could be taken for something signed.
    ///
    /// # Errors
    /// If `bytes` is not exactly one `OtherSignedNotification`, or has elements that SGP.22 does not name.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut parts = Elements::open("OtherSignedNotification", bytes, Tag(0x30))?;
        let missing = |what| DecodeError::value("OtherSignedNotification", what);
        let tbs = parts.take(NotificationMetadata::TAG).ok_or(missing("lacks tbsOtherNotification"))?;
        let signature = parts.take(Tag(0x5F37)).ok_or(missing("lacks euiccNotificationSignature"))?.value;
        let mut certificates = parts.all(Tag(0x30)).into_iter().map(|certificate| certificate.raw);
        let (card_certificate, maker_certificate) = (certificates.next(), certificates.next());
        let mut other_certificates: Vec<&[u8]> = certificates.collect();
        if let Some(chain) = parts.take(Tag(0xA1)) {
            for certificate in Reader::new("otherCertsInChain", chain.value) {
                other_certificates.push(certificate?.raw);
            }
        }
        parts.deny_rest()?;
        let metadata = NotificationMetadata::decode(tbs.value)?;
        Ok(Self { tbs: tbs.raw, metadata, signature, card_certificate, maker_certificate, other_certificates })
    }

    /// True if `bytes` is a notification of this kind; an installation result is another one, without certificates.
    #[must_use]
    pub fn is_one(bytes: &[u8]) -> bool {
        PendingNotification::decode(bytes).is_ok_and(|pending| pending.kind == PendingKind::Other)
    }
}

/// A signature of r and s, 32 bytes each (BSI TR-03111), as the DER SEQUENCE of two INTEGERs that certificates and
/// openssl use. `None` if it is not 64 bytes long.
#[must_use]
pub fn der_signature(plain: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = (plain.len() == 64).then(|| plain.split_at(32))?;
    Some(crate::tlv::Writer::object(Tag(0x30), |w| {
        w.put(Tag(0x02), &integer(r)).put(Tag(0x02), &integer(s));
    }))
}

/// The shortest contents of an INTEGER that is not negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len().saturating_sub(1));
    let digits = &bytes[start..];
    if digits.first().is_some_and(|first| first & 0x80 != 0) { [&[0], digits].concat() } else { digits.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_signature_becomes_two_shortest_integers() {
        let mut plain = [0; 64];
        (plain[31], plain[32]) = (1, 0x80);
        let der = der_signature(&plain).unwrap_or_default();
        assert_eq!(der[..8], *b"\x30\x26\x02\x01\x01\x02\x21\x00");
        assert_eq!((der[8], der.len()), (0x80, 40));
        assert_eq!(der_signature(&plain[..63]), None);
    }

    #[test]
    fn nothing_but_the_object_itself_is_taken() {
        let tbs = b"\xBF\x2F\x03\x80\x01\x05";
        let signed = crate::tlv::Writer::object(Tag(0x30), |w| {
            w.raw(tbs).put(Tag(0x5F37), &[7; 64]);
        });
        let read = OtherSignedNotification::decode(&signed).map(|read| (read.metadata.seq, read.tbs.to_vec()));
        assert_eq!(read.ok(), Some((5, tbs.to_vec())));
        assert!(OtherSignedNotification::decode(&[&signed[..], &[0x05, 0]].concat()).is_err());
        let more = crate::tlv::Writer::object(Tag(0x30), |w| {
            w.raw(tbs).put(Tag(0x5F37), &[7; 64]).put(Tag(0x85), b"x");
        });
        assert!(OtherSignedNotification::decode(&more).is_err());
    }
}
