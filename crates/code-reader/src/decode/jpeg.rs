//! JPEG. Its decoder gives the whole picture at once, so that the headers are walked first for the memory that it will take.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{MAX_MEMORY, damaged};
use crate::PictureError;
use crate::plane::{MAX_PLANE_PIXELS, MAX_SIDE, Plane, Shrinker, check_size};

/// The most scans of a progressive picture. Encoders write about ten, and each passes over the whole picture.
const MAX_SCANS: usize = 64;

pub(super) fn decode(bytes: &[u8]) -> Result<Plane, PictureError> {
    let frame = Frame::read(bytes).ok_or_else(|| damaged("its headers cannot be read"))?;
    let (width, height) = (frame.width, frame.height);
    check_size(width, height, MAX_SIDE * MAX_SIDE)?;
    let pixels = width * height;
    let memory = bytes.len() + pixels + frame.coefficients_len() + pixels.min(MAX_PLANE_PIXELS);
    if memory > MAX_MEMORY {
        return Err(PictureError::TooLarge { width, height });
    }
    // Brightness is a component of its own in a JPEG: the others are not even decoded.
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::Luma)
        .jpeg_set_max_scans(MAX_SCANS)
        .set_max_width(width)
        .set_max_height(height);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    if decoder.dimensions() != Some((width, height)) {
        return Err(damaged("its headers contradict each other"));
    }
    let rows = decoder.decode().map_err(damaged)?;
    let mut shrinker = Shrinker::new(width, height, pixels)?;
    rows.chunks_exact(width).for_each(|row| shrinker.push(row.iter().copied()));
    Ok(shrinker.finish())
}

/// The headers of a frame and of its first scan (ITU-T T.81 B.2.2 and B.2.3).
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    width: usize,
    height: usize,
    progressive: bool,
    /// Sampling factors of each component, horizontal and vertical.
    sampling: Vec<(usize, usize)>,
    /// Components in the first scan.
    scan: usize,
}

impl Frame {
    /// Walks the segments up to the first scan.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"\xFF\xD8")?;
        let mut frame = None;
        loop {
            let [0xFF, marker, after @ ..] = rest else { return None };
            if *marker == 0xFF {
                // A fill byte.
                rest = &rest[1..];
                continue;
            }
            let (length, _) = after.split_first_chunk()?;
            let segment = after.get(2..usize::from(u16::from_be_bytes(*length)))?;
            match marker {
                // Start of frame; C4, C8 and CC are other segments.
                0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => frame = Self::read_start(segment, *marker),
                0xDA => {
                    return frame.map(|frame| Self { scan: segment.first().map_or(0, |n| usize::from(*n)), ..frame });
                }
                _ => {}
            }
            rest = after.get(2 + segment.len()..)?;
        }
    }

    fn read_start(segment: &[u8], marker: u8) -> Option<Self> {
        let [_, height_high, height_low, width_high, width_low, count, components @ ..] = segment else { return None };
        let components = components.get(..3 * usize::from(*count))?;
        let factors = |component: &[u8]| (usize::from(component[1] >> 4), usize::from(component[1] & 15));
        Some(Self {
            width: u16::from_be_bytes([*width_high, *width_low]).into(),
            height: u16::from_be_bytes([*height_high, *height_low]).into(),
            progressive: marker & 3 == 2,
            sampling: components.chunks_exact(3).map(factors).collect(),
            scan: 0,
        })
    }

    /// Memory for the coefficients, 2 bytes each, in bytes: kept until the last scan if there are several.
    fn coefficients_len(&self) -> usize {
        if !self.progressive && self.scan == self.sampling.len() {
            return 0;
        }
        let across = self.sampling.iter().map(|(across, _)| *across).max().unwrap_or(1).max(1);
        let down = self.sampling.iter().map(|(_, down)| *down).max().unwrap_or(1).max(1);
        let blocks = self.width.div_ceil(8 * across) * self.height.div_ceil(8 * down);
        let samples: usize = self.sampling.iter().map(|(across, down)| across * down).sum();
        2 * 64 * blocks * samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_walked() {
        let bytes = b"\xFF\xD8\xFF\xE1\x00\x04AB\xFF\xFF\xC2\x00\x11\x08\x01\x00\x02\x00\x03\x01\x22\x00\x02\x11\x01\
            \x03\x11\x01\xFF\xDA\x00\x08\x01\x01\x00\x00\x00\x00";
        let frame = Frame::read(bytes).unwrap();
        let sampling = vec![(2, 2), (1, 1), (1, 1)];
        assert_eq!(frame, Frame { width: 512, height: 256, progressive: true, sampling, scan: 1 });
        assert_eq!(frame.coefficients_len(), 2 * 512 * 256 * 3 / 2);
        for end in 0..bytes.len() - 8 {
            assert_eq!(Frame::read(&bytes[..end]), None);
        }
    }
}
