//! Formats of pictures, told apart by their first bytes.

/// The formats that are recognised, by content and never by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
    /// GIF.
    Gif,
    /// BMP, of Windows and of OS/2.
    Bmp,
    /// PDF: a page description, which another program has to draw.
    Pdf,
    /// SVG: likewise.
    Svg,
    /// HEIC, the photo format of iPhones, or another form of HEIF.
    Heic,
    /// AVIF.
    Avif,
    /// TIFF.
    Tiff,
}

/// The most bytes of a file that are searched for an SVG's root element: declarations and comments may come first.
const MAX_SVG_PREAMBLE_LEN: usize = 4096;

impl Format {
    /// The most bytes of a file that are needed to recognise its format.
    pub const RECOGNITION_LEN: usize = MAX_SVG_PREAMBLE_LEN;

    /// The name that people know it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Pdf => "PDF",
            Self::Svg => "SVG",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Tiff => "TIFF",
        }
    }

    /// Recognises a picture by its first bytes.
    #[must_use]
    pub fn recognize(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0xFF, 0xD8, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            // The length of the second header tells a BMP from a text that begins with "BM".
            [b'B', b'M', _, _, _, _, _, _, _, _, _, _, _, _, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0, ..] => {
                Some(Self::Bmp)
            }
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some(Self::Avif),
            [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm', b'e' | b'i', b'i' | b'v' | b'f', _, ..] => {
                Some(Self::Heic)
            }
            _ if bytes.trim_ascii_start().starts_with(b"%PDF-") => Some(Self::Pdf),
            _ => is_svg(bytes).then_some(Self::Svg),
        }
    }
}

/// An XML document whose root element is `svg`.
fn is_svg(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let preamble = &bytes[..bytes.len().min(MAX_SVG_PREAMBLE_LEN)];
    let root = preamble.windows(4).position(|window| window == b"<svg");
    bytes.starts_with(b"<")
        && root.is_some_and(|at| preamble.get(at + 4).is_some_and(|next| next.is_ascii_whitespace() || *next == b'>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_recognised_by_content() {
        for (bytes, format) in [
            (&b"\x89PNG\r\n\x1a\n"[..], Some(Format::Png)),
            (b"\xFF\xD8\xFF\xE0", Some(Format::Jpeg)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(Format::WebP)),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"GIF89a", Some(Format::Gif)),
            (b"GIF88a", None),
            (b"BM\x10\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", Some(Format::Bmp)),
            (b"BMW drivers' code: LPA:1$x$y", None),
            (b"II*\0\x08\0\0\0", Some(Format::Tiff)),
            (b"\0\0\0\x18ftypheic", Some(Format::Heic)),
            (b"\0\0\0\x18ftypmif1", Some(Format::Heic)),
            (b"\0\0\0\x18ftypavif", Some(Format::Avif)),
            (b"\0\0\0\x18ftypisom", None),
            (b"%PDF-1.7\n", Some(Format::Pdf)),
            (b"\xEF\xBB\xBF<?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg'>", Some(Format::Svg)),
            (b"<html><body>svg</body></html>", None),
            (b"LPA:1$smdp.example.com$TOKEN", None),
            (b"", None),
        ] {
            assert_eq!(Format::recognize(bytes), format, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
