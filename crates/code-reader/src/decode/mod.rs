//! Decoders: a picture's bytes in, planes of brightness out. Each judges the size before it takes memory.

mod bmp;
mod gif;
mod jpeg;
mod png;
mod webp;

use std::ops::ControlFlow;

use crate::plane::Plane;
use crate::{Format, PictureError, Stop};

/// The most memory that a picture may take while it is decoded, its file included, in bytes.
const MAX_MEMORY: usize = 72 << 20;

/// The most frames of an animation that are looked at.
const MAX_FRAMES: usize = 64;

/// A function called with each frame of a picture. It ends the decoding when it has found something.
pub(crate) type Visitor<'a> = dyn FnMut(&Plane) -> ControlFlow<()> + 'a;

/// Decodes a picture and gives its frames to `visit`, one after the other. Most pictures have one.
pub(crate) fn decode(bytes: Vec<u8>, stop: &Stop, visit: &mut Visitor<'_>) -> Result<(), PictureError> {
    let plane = match Format::recognize(&bytes) {
        Some(Format::Png) => png::decode(&bytes, stop)?,
        Some(Format::Jpeg) => jpeg::decode(&bytes)?,
        Some(Format::Bmp) => bmp::decode(&bytes, stop)?,
        Some(Format::Gif) => return gif::decode(&bytes, stop, visit),
        Some(Format::WebP) => return webp::decode(&bytes, stop, visit),
        Some(other) => return Err(PictureError::Unsupported(other)),
        None => return Err(PictureError::Unknown),
    };
    // The search needs memory of its own.
    drop(bytes);
    let _ = visit(&plane);
    Ok(())
}

/// Converts a decoder's error.
fn damaged(error: impl std::fmt::Display) -> PictureError {
    PictureError::Damaged(error.to_string())
}
