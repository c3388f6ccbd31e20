//! WebP, lossy and lossless, frame by frame if it has several.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::{MAX_FRAMES, MAX_MEMORY, Visitor, damaged};
use crate::plane::{Plane, Shrinker, brightness, check_size, on_white};
use crate::{PictureError, Stop};

/// Memory for a pixel of a picture, in bytes: of the one that is given out, and of the one that it is made of.
const PIXEL_LEN: usize = 3 + 4;

/// Memory for a pixel of an animation, in bytes: there is a canvas, too.
const ANIMATED_PIXEL_LEN: usize = 4 + 4 + 4;

pub(super) fn decode(bytes: &[u8], stop: &Stop, visit: &mut Visitor<'_>) -> Result<(), PictureError> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    let animated = decoder.is_animated();
    let pixel_len = if animated { ANIMATED_PIXEL_LEN } else { PIXEL_LEN };
    let max_pixels = MAX_MEMORY.saturating_sub(bytes.len()) / (pixel_len + 1);
    check_size(width, height, max_pixels)?;
    if !lossy_sizes(bytes).all(|(frame_width, frame_height)| frame_width <= width && frame_height <= height) {
        return Err(damaged("a frame is larger than the picture"));
    }
    let size = decoder.output_buffer_size().ok_or(PictureError::TooLarge { width, height })?;
    let mut pixels = vec![0; size];
    if !animated {
        decoder.read_image(&mut pixels).map_err(damaged)?;
        let _ = visit(&plane(&pixels, width, height, decoder.has_alpha())?);
        return Ok(());
    }
    for number in 0..MAX_FRAMES {
        stop.check()?;
        match decoder.read_frame(&mut pixels) {
            Ok(_) => {}
            Err(error) if number == 0 => return Err(damaged(error)),
            // It was the last one, or the rest is missing.
            Err(_) => break,
        }
        if visit(&plane(&pixels, width, height, decoder.has_alpha())?).is_break() {
            break;
        }
    }
    Ok(())
}

/// The sizes of all lossy frames, as their own headers have them (RFC 6386 9.1). The decoder takes memory for a frame before
/// it compares them with the size of the picture. They are looked for anywhere, since chunks may lie about where they end.
fn lossy_sizes(bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    bytes.windows(18).filter_map(|window| match window {
        [b'V', b'P', b'8', b' ', _, _, _, _, _, _, _, 0x9D, 0x01, 0x2A, width @ .., _, _] => {
            let size = |low: u8, high: u8| usize::from(u16::from_le_bytes([low, high]) & 0x3FFF);
            Some((size(width[0], width[1]), size(window[16], window[17])))
        }
        _ => None,
    })
}

fn plane(pixels: &[u8], width: usize, height: usize, alpha: bool) -> Result<Plane, PictureError> {
    let mut shrinker = Shrinker::new(width, height, usize::MAX)?;
    let pixel_len = if alpha { 4 } else { 3 };
    for row in pixels.chunks_exact(pixel_len * width) {
        shrinker.push(row.chunks_exact(pixel_len).map(|pixel| {
            let value = brightness([pixel[0], pixel[1], pixel[2]]);
            if alpha { on_white(value, pixel[3]) } else { value }
        }));
    }
    Ok(shrinker.finish())
}
