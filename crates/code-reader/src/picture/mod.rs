//! Pictures: which formats there are, and small ones in colour, such as a profile's icon.

mod format;

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

pub use format::Format;

/// The most pixels that are looked at: more than any camera's, and no more than memory bears.
const MOST_PIXELS: usize = 64 << 20;

/// A picture as red, green and blue, a byte each, row after row.
pub struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl Picture {
    /// Reads a PNG or a JPEG.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be read.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        Self::decode_small(bytes, MOST_PIXELS)
    }

    /// Like [`Picture::decode`], but refuses more than `most` pixels.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be read.
    pub fn decode_small(bytes: &[u8], most: usize) -> Result<Self, String> {
        if bytes.starts_with(b"\x89PNG") {
            decode_png(bytes, most)
        } else if bytes.starts_with(b"\xFF\xD8") {
            decode_jpeg(bytes, most)
        } else {
            Err("it is neither a PNG nor a JPEG".into())
        }
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green and blue of a pixel.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = 3 * (y * self.width + x);
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// Brightness of a pixel, 0 to 255.
    #[must_use]
    pub fn brightness(&self, x: usize, y: usize) -> u8 {
        let [red, green, blue] = self.pixel(x, y).map(u32::from);
        u8::try_from((299 * red + 587 * green + 114 * blue) / 1000).unwrap_or(u8::MAX)
    }

    fn new(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, String> {
        if width.checked_mul(height).and_then(|pixels| pixels.checked_mul(3)) == Some(rgb.len()) {
            Ok(Self { width, height, rgb })
        } else {
            Err("its size is not what it says".into())
        }
    }
}

fn too_large(width: usize, height: usize, most: usize) -> Result<(), String> {
    match width.checked_mul(height) {
        Some(pixels) if pixels <= most => Ok(()),
        _ => Err(format!("{width} by {height} pixels are more than can be looked at")),
    }
}

fn decode_png(bytes: &[u8], most: usize) -> Result<Picture, String> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let info = reader.info();
    let (width, height) = (info.width as usize, info.height as usize);
    too_large(width, height, most)?;
    let size = reader.output_buffer_size().ok_or("it is too large")?;
    let mut data = vec![0; size];
    let frame = reader.next_frame(&mut data).map_err(|error| error.to_string())?;
    data.truncate(frame.buffer_size());
    // What can be seen through stands on white paper.
    let blend = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    let rgb = match frame.color_type {
        png::ColorType::Rgb => data,
        png::ColorType::Grayscale => data.iter().flat_map(|value| [*value; 3]).collect(),
        png::ColorType::GrayscaleAlpha => data.chunks_exact(2).flat_map(|p| [blend(p[0], p[1]); 3]).collect(),
        png::ColorType::Rgba => {
            data.chunks_exact(4).flat_map(|p| [blend(p[0], p[3]), blend(p[1], p[3]), blend(p[2], p[3])]).collect()
        }
        png::ColorType::Indexed => return Err("its palette cannot be read".into()),
    };
    Picture::new(width, height, rgb)
}

fn decode_jpeg(bytes: &[u8], most: usize) -> Result<Picture, String> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions().ok_or("it does not say how large it is")?;
    too_large(width, height, most)?;
    let rgb = decoder.decode().map_err(|error| error.to_string())?;
    Picture::new(width, height, rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(color: png::ColorType, data: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 1, 1);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        file
    }

    #[test]
    fn what_can_be_seen_through_is_white() {
        let pixel = |file: &[u8]| Picture::decode(file).unwrap().pixel(0, 0);
        assert_eq!(pixel(&png(png::ColorType::Rgba, &[0, 0, 0, 0])), [255, 255, 255]);
        assert_eq!(pixel(&png(png::ColorType::Rgba, &[10, 20, 30, 255])), [10, 20, 30]);
        assert_eq!(pixel(&png(png::ColorType::GrayscaleAlpha, &[0, 255])), [0, 0, 0]);
    }

    #[test]
    fn what_is_no_picture_says_so() {
        for bytes in [&b""[..], b"LPA:1$x$y", b"\x89PNG\r\n\x1a\n", b"\xFF\xD8\xFF\xE0", &[0x89; 5000]] {
            assert!(Picture::decode(bytes).is_err());
        }
        let whole = png(png::ColorType::Grayscale, &[7]);
        for end in 0..whole.len() {
            // It may still be readable without its last bytes; it must not do harm.
            let _ = Picture::decode(&whole[..end]);
        }
    }
}
