//! GIF, frame by frame.

use gif::{DisposalMethod, Frame, MemoryLimit};

use super::{MAX_FRAMES, MAX_MEMORY, Visitor, damaged};
use crate::plane::{Plane, Shrinker, brightness, check_size};
use crate::{PictureError, Stop};

pub(super) fn decode(bytes: &[u8], stop: &Stop, visit: &mut Visitor<'_>) -> Result<(), PictureError> {
    let mut options = gif::DecodeOptions::new();
    // A frame has a byte a pixel, and so have the canvas, the plane, and the canvas to which a frame goes back.
    let max_pixels = MAX_MEMORY.saturating_sub(bytes.len()) / 4;
    let limit = u64::try_from(max_pixels.max(1)).ok().and_then(|bytes| bytes.try_into().ok());
    options.set_memory_limit(limit.map_or(MemoryLimit::Unlimited, MemoryLimit::Bytes));
    let mut decoder = options.read_info(bytes).map_err(damaged)?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    check_size(width, height, max_pixels)?;
    let mut canvas = Plane { width, height, brightness: vec![u8::MAX; width * height] };
    for number in 0..MAX_FRAMES {
        stop.check()?;
        let global: Vec<u8> = decoder.global_palette().map(palette_brightness).unwrap_or_default();
        let frame = match decoder.read_next_frame() {
            Ok(Some(frame)) => frame,
            Ok(None) => break,
            Err(error) if number == 0 => return Err(damaged(error)),
            // The rest is missing.
            Err(_) => break,
        };
        let palette = frame.palette.as_deref().map_or(global, palette_brightness);
        let former = (frame.dispose == DisposalMethod::Previous).then(|| canvas.brightness.clone());
        draw(&mut canvas, frame, |index| palette.get(usize::from(index)).copied().unwrap_or(0));
        let mut shrinker = Shrinker::new(width, height, max_pixels)?;
        canvas.brightness.chunks_exact(width).for_each(|row| shrinker.push(row.iter().copied()));
        if visit(&shrinker.finish()).is_break() {
            break;
        }
        match former {
            Some(former) => canvas.brightness = former,
            None if frame.dispose == DisposalMethod::Background => draw(&mut canvas, frame, |_| u8::MAX),
            None => {}
        }
    }
    Ok(())
}

fn palette_brightness(palette: &[u8]) -> Vec<u8> {
    palette.chunks_exact(3).map(|color| brightness([color[0], color[1], color[2]])).collect()
}

/// Draws what of a frame lies on the canvas and cannot be seen through.
fn draw(canvas: &mut Plane, frame: &Frame<'_>, color: impl Fn(u8) -> u8) {
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let rows = frame.buffer.chunks_exact(usize::from(frame.width).max(1));
    for (row, to) in rows.zip(canvas.brightness.chunks_exact_mut(canvas.width).skip(top)) {
        for (index, pixel) in row.iter().zip(to.iter_mut().skip(left)) {
            if frame.transparent != Some(*index) {
                *pixel = color(*index);
            }
        }
    }
}
