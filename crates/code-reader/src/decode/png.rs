//! PNG, row by row, so that a large one takes no more memory than a small one.

use std::io::Cursor;

use png::{ColorType, Transformations};

use super::{MAX_MEMORY, damaged};
use crate::plane::{MAX_PLANE_PIXELS, Plane, Shrinker, brightness, check_size, on_white};
use crate::{PictureError, Stop};

/// The most pixels of a picture that is read row by row.
const MAX_PIXELS: usize = 256 << 20;

/// The most memory for rows and for what is written beside the pixels, in bytes.
const MAX_ROWS_LEN: usize = 8 << 20;

pub(super) fn decode(bytes: &[u8], stop: &Stop) -> Result<Plane, PictureError> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MAX_ROWS_LEN });
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let info = decoder.read_header_info().map_err(damaged)?;
    let (width, height, interlaced) = (info.width as usize, info.height as usize, info.interlaced);
    check_size(width, height, MAX_PIXELS)?;
    let mut reader = decoder.read_info().map_err(damaged)?;
    let color = reader.output_color_type().0;
    if color == ColorType::Indexed {
        return Err(damaged("its palette cannot be read"));
    }
    if interlaced {
        // Its rows come in seven passes over the whole picture.
        let size = reader.output_buffer_size().unwrap_or(usize::MAX);
        if size.saturating_add(bytes.len()).saturating_add((width * height).min(MAX_PLANE_PIXELS)) > MAX_MEMORY {
            return Err(PictureError::TooLarge { width, height });
        }
        let mut shrinker = Shrinker::new(width, height, MAX_PIXELS)?;
        let mut pixels = vec![0; size];
        // As much as there is of it: a picture that was cut may have its code in the part that is left.
        let _ = reader.next_frame(&mut pixels);
        pixels.chunks_exact(width * color.samples()).for_each(|row| push(&mut shrinker, row, color));
        return Ok(shrinker.finish());
    }
    let mut shrinker = Shrinker::new(width, height, MAX_PIXELS)?;
    let mut rows = 0;
    loop {
        stop.check()?;
        match reader.next_row() {
            Ok(Some(row)) => push(&mut shrinker, row.data(), color),
            Ok(None) => return Ok(shrinker.finish()),
            Err(error) if rows == 0 => return Err(damaged(error)),
            // The rest is missing.
            Err(_) => return Ok(shrinker.finish()),
        }
        rows += 1;
    }
}

fn push(shrinker: &mut Shrinker, row: &[u8], color: ColorType) {
    match color {
        ColorType::Grayscale | ColorType::Indexed => shrinker.push(row.iter().copied()),
        ColorType::GrayscaleAlpha => shrinker.push(row.chunks_exact(2).map(|pixel| on_white(pixel[0], pixel[1]))),
        ColorType::Rgb => shrinker.push(row.chunks_exact(3).map(|pixel| brightness([pixel[0], pixel[1], pixel[2]]))),
        ColorType::Rgba => shrinker
            .push(row.chunks_exact(4).map(|pixel| on_white(brightness([pixel[0], pixel[1], pixel[2]]), pixel[3]))),
    }
}
