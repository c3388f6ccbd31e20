//! BMP of Windows and OS/2, uncompressed, from the file as it is.
//!
//! Our own, since zune-bmp 0.5 skews pictures with 16 bits a pixel, and odd ones with 4. Compressed ones (RLE) are not
//! written by any program that makes pictures of screens or codes.

use super::damaged;
use crate::plane::{Plane, Shrinker, brightness};
use crate::{PictureError, Stop};

/// The length of the file header, in bytes.
const FILE_HEADER_LEN: usize = 14;

/// The kinds of compression that are read: none, or masks for the colours (BI_RGB, BI_BITFIELDS).
const UNCOMPRESSED: u32 = 0;
const MASKS: [u32; 2] = [3, 6];

pub(super) fn decode(bytes: &[u8], stop: &Stop) -> Result<Plane, PictureError> {
    let header = Header::read(bytes)?;
    let row_len = (header.width * usize::from(header.depth)).div_ceil(32) * 4;
    let pixels = bytes.get(header.pixels_at..).unwrap_or_default();
    if pixels.len() < row_len.saturating_mul(header.height) {
        return Err(damaged("it is shorter than its size says"));
    }
    let mut shrinker = Shrinker::new(header.width, header.height, usize::MAX)?;
    for y in 0..header.height {
        stop.check()?;
        let row = if header.top_down { y } else { header.height - 1 - y };
        let row = &pixels[row * row_len..][..row_len];
        match header.depth {
            1 | 2 | 4 | 8 => shrinker.push(indices(row, header.depth).map(|index| header.palette_brightness(index))),
            16 => shrinker
                .push(row.chunks_exact(2).map(|pixel| header.masked(u16::from_le_bytes([pixel[0], pixel[1]]).into()))),
            24 => shrinker.push(row.chunks_exact(3).map(|pixel| brightness([pixel[2], pixel[1], pixel[0]]))),
            _ => shrinker.push(
                row.chunks_exact(4)
                    .map(|pixel| header.masked(u32::from_le_bytes([pixel[0], pixel[1], pixel[2], pixel[3]]))),
            ),
        }
    }
    Ok(shrinker.finish())
}

/// Indices into the palette, the highest bits of a byte first.
fn indices(row: &[u8], depth: u16) -> impl Iterator<Item = u8> {
    let mask = u8::try_from((1_u16 << depth) - 1).unwrap_or(u8::MAX);
    row.iter().flat_map(move |byte| (0..8 / depth).rev().map(move |place| (byte >> (place * depth)) & mask))
}

struct Header {
    width: usize,
    height: usize,
    top_down: bool,
    /// Bits a pixel: 1, 2, 4, 8, 16, 24 or 32.
    depth: u16,
    pixels_at: usize,
    /// Red, green and blue in a pixel of 16 or 32 bits.
    masks: [u32; 3],
    /// Brightness of the colours that indices stand for.
    palette: Vec<u8>,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, PictureError> {
        let fields = Fields(bytes);
        let pixels_at = fields.u32(10)? as usize;
        let header_len = fields.u32(FILE_HEADER_LEN)? as usize;
        // The header of OS/2 has shorter fields.
        let short = header_len == 12;
        let (width, height, depth) = if short {
            (i32::from(fields.u16(18)?), i32::from(fields.u16(20)?), fields.u16(24)?)
        } else {
            (fields.i32(18)?, fields.i32(22)?, fields.u16(28)?)
        };
        let compression = if header_len >= 20 { fields.u32(30)? } else { UNCOMPRESSED };
        let masks = match (compression, depth) {
            (UNCOMPRESSED, 16) => [0x7C00, 0x3E0, 0x1F],
            (UNCOMPRESSED, 1 | 2 | 4 | 8 | 24 | 32) => [0xFF_0000, 0xFF00, 0xFF],
            (compression, 16 | 32) if MASKS.contains(&compression) => {
                [fields.u32(54)?, fields.u32(58)?, fields.u32(62)?]
            }
            _ => return Err(damaged("it is a compressed BMP")),
        };
        let colors = if header_len >= 36 { fields.u32(46)? as usize } else { 0 };
        let colors = if colors == 0 { usize::MAX } else { colors };
        let palette = bytes.get(FILE_HEADER_LEN + header_len..pixels_at.min(bytes.len())).unwrap_or_default();
        let color_len = if short { 3 } else { 4 };
        let palette = palette.chunks_exact(color_len).take(colors.min(256));
        Ok(Self {
            width: usize::try_from(width).map_err(|_| damaged("its width is negative"))?,
            height: height.unsigned_abs() as usize,
            top_down: height < 0,
            depth,
            pixels_at,
            masks,
            palette: palette.map(|color| brightness([color[2], color[1], color[0]])).collect(),
        })
    }

    /// An index that is in no palette is black, as other programs have it.
    fn palette_brightness(&self, index: u8) -> u8 {
        self.palette.get(usize::from(index)).copied().unwrap_or(0)
    }

    fn masked(&self, pixel: u32) -> u8 {
        brightness(self.masks.map(|mask| {
            let most = u64::from(mask >> mask.trailing_zeros().min(31));
            let value = u64::from((pixel & mask) >> mask.trailing_zeros().min(31));
            u8::try_from((value * 255).checked_div(most).unwrap_or(0)).unwrap_or(u8::MAX)
        }))
    }
}

/// Numbers at their places, low byte first.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], PictureError> {
        let field = self.0.get(at..).and_then(|rest| rest.first_chunk());
        field.copied().ok_or_else(|| damaged("its header is cut off"))
    }

    fn u16(&self, at: usize) -> Result<u16, PictureError> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Result<u32, PictureError> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn i32(&self, at: usize) -> Result<i32, PictureError> {
        self.array(at).map(i32::from_le_bytes)
    }
}
