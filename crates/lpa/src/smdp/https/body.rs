//! Reading the body of an answer, with a limit on what is read and on what it becomes.

use std::io::{self, Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use ureq::http::header::CONTENT_ENCODING;
use ureq::http::{HeaderMap, Response};

use super::connect;
use crate::smdp::ServerErrorKind;

/// Set aside for an answer of unknown length, in bytes.
const INITIAL_CAPACITY: usize = 16 * 1024;

/// The coding of a body (RFC 9110 8.4). Requests name no accepted codings, so a server may choose any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Deflate,
}

/// Reads the body of an answer. Of one that is too long no more is read than shows that it is.
pub(super) fn read(answer: Response<ureq::Body>, longest: usize) -> Result<Vec<u8>, ServerErrorKind> {
    let too_long = ServerErrorKind::TooLong { longest };
    let coding = coding(answer.headers())?;
    let announced = answer.body().content_length();
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > longest)) {
        return Err(too_long);
    }
    let announced = announced.and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(announced.unwrap_or(INITIAL_CAPACITY).min(longest));
    let read = answer.into_body().into_reader().take(limit(longest)).read_to_end(&mut body);
    read.map_err(|error| connect::meaning(error.into()))?;
    if body.len() > longest {
        return Err(too_long);
    }
    decode(coding, body, longest)
}

/// One byte more than there may be, which shows that there are too many.
fn limit(longest: usize) -> u64 {
    u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1)
}

/// The coding that the answer names; codings in a row are none that a server of this protocol has a reason for.
fn coding(headers: &HeaderMap) -> Result<Coding, ServerErrorKind> {
    let unreadable = |name: &str| ServerErrorKind::Coding(format!("it comes in the coding {name:?}"));
    let mut coding = Coding::Identity;
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = value.to_str().map_err(|_| unreadable("?"))?;
        for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let shown: String = name.chars().take(20).collect();
            coding = match (name.to_ascii_lowercase().as_str(), coding) {
                ("identity", _) => coding,
                ("gzip" | "x-gzip", Coding::Identity) => Coding::Gzip,
                ("deflate", Coding::Identity) => Coding::Deflate,
                _ => return Err(unreadable(&shown)),
            };
        }
    }
    Ok(coding)
}

fn decode(coding: Coding, body: Vec<u8>, longest: usize) -> Result<Vec<u8>, ServerErrorKind> {
    if body.is_empty() {
        return Ok(body);
    }
    match coding {
        Coding::Identity => Ok(body),
        Coding::Gzip => inflate(MultiGzDecoder::new(&body[..]), longest),
        // Some servers leave out the wrapping that the standard has around it.
        Coding::Deflate if is_zlib(&body) => inflate(ZlibDecoder::new(&body[..]), longest),
        Coding::Deflate => inflate(DeflateDecoder::new(&body[..]), longest),
    }
}

/// True if the first two bytes are a header of zlib (RFC 1950 2.2).
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 0x0F == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

fn inflate(decoder: impl Read, longest: usize) -> Result<Vec<u8>, ServerErrorKind> {
    let mut body = Vec::new();
    let read = decoder.take(limit(longest)).read_to_end(&mut body);
    read.map_err(|error: io::Error| ServerErrorKind::Coding(format!("it cannot be decompressed: {error}")))?;
    if body.len() > longest { Err(ServerErrorKind::TooLong { longest }) } else { Ok(body) }
}
