//! Pictures with QR codes as people have them, drawn pixel by pixel, and written in each format.

// Each test file uses a part of it, and pixels are counted in every kind of number.
#![allow(dead_code, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use qrcodegen::{QrCode, QrCodeEcc};

/// The text of the codes.
pub(crate) const CODE: &str = "LPA:1$smdp.example.com$K2-ABCDE-FGHIJ-KLMNO";

/// Numbers that look random, the same ones each time.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end
    }
}

/// A grey picture.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

/// The way in which a code is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Drawn {
    /// The middle, in pixels.
    pub(crate) at: (f64, f64),
    /// The side without its border, in pixels.
    pub(crate) side: f64,
    pub(crate) degrees: f64,
    /// The shrinking of the far side.
    pub(crate) tilt: f64,
    pub(crate) dark: u8,
    pub(crate) light: u8,
    /// The side of a logo in the middle, as a share of that of the code.
    pub(crate) logo: f64,
}

impl Drawn {
    pub(crate) fn new(x: usize, y: usize, side: usize) -> Self {
        let at = (x as f64, y as f64);
        Self { at, side: side as f64, degrees: 0.0, tilt: 0.0, dark: 0, light: 255, logo: 0.0 }
    }
}

impl Scene {
    pub(crate) fn new(width: usize, height: usize, value: u8) -> Self {
        Self { width, height, pixels: vec![value; width * height] }
    }

    /// A code alone, with a border.
    pub(crate) fn code(text: &str, side: usize) -> Self {
        let mut scene = Self::new(side * 5 / 4, side * 5 / 4, 255);
        scene.draw(text, Drawn::new(side * 5 / 8, side * 5 / 8, side));
        scene
    }

    /// Lines of strokes that look like writing to a search for codes.
    pub(crate) fn write(mut self, size: usize, ink: u8) -> Self {
        let mut random = Random::new(7);
        for top in (size..self.height.saturating_sub(size)).step_by(size * 3 / 2) {
            for left in (size..self.width.saturating_sub(size)).step_by(size * 7 / 10) {
                for _ in 0..random.below(4) {
                    let (upright, offset) = (random.below(2) == 0, random.below(size * 6 / 10));
                    for along in 0..size * 6 / 10 {
                        for across in 0..(size / 8).max(1) {
                            let (x, y) = if upright { (offset + across, along) } else { (along, offset + across) };
                            self.pixels[(top + y) * self.width + left + x] = ink;
                        }
                    }
                }
            }
        }
        self
    }

    pub(crate) fn draw(&mut self, text: &str, drawn: Drawn) {
        const SAMPLES: usize = 3;
        let code =
            QrCode::encode_text(text, if drawn.logo > 0.0 { QrCodeEcc::High } else { QrCodeEcc::Medium }).unwrap();
        let modules = f64::from(code.size());
        let (module, whole) = (drawn.side / modules, modules + 8.0);
        let (sin, cos) = drawn.degrees.to_radians().sin_cos();
        let reach = drawn.side * 1.2;
        let span = |middle: f64, end: usize| ((middle - reach).max(0.0) as usize)..((middle + reach) as usize).min(end);
        for y in span(drawn.at.1, self.height) {
            for x in span(drawn.at.0, self.width) {
                let (mut sum, mut inside) = (0.0, 0);
                for sample in 0..SAMPLES * SAMPLES {
                    let part = |index: usize| (index as f64 + 0.5) / SAMPLES as f64;
                    let right = x as f64 + part(sample % SAMPLES) - drawn.at.0;
                    let down = y as f64 + part(sample / SAMPLES) - drawn.at.1;
                    let near = 1.0 + drawn.tilt * down / drawn.side;
                    let column = (cos * right + sin * down) * near / module + whole / 2.0;
                    let row = (cos * down - sin * right) * near / module + whole / 2.0;
                    if column < 0.0 || row < 0.0 || column >= whole || row >= whole {
                        continue;
                    }
                    let in_logo = |place: f64| (place - whole / 2.0).abs() < drawn.logo * whole / 2.0;
                    let dark = if in_logo(column) && in_logo(row) {
                        (column as usize + row as usize).is_multiple_of(3)
                    } else {
                        code.get_module(column as i32 - 4, row as i32 - 4)
                    };
                    inside += 1;
                    sum += f64::from(if dark { drawn.dark } else { drawn.light });
                }
                let pixel = &mut self.pixels[y * self.width + x];
                let all = (SAMPLES * SAMPLES) as f64;
                *pixel = ((sum + f64::from(*pixel) * (all - f64::from(inside))) / all) as u8;
            }
        }
    }

    /// Each pixel the mean of a square around it, twice.
    pub(crate) fn blur(mut self, reach: usize) -> Self {
        for _ in 0..2 {
            self.pixels = mean_along(&self.pixels, self.width, 1, reach);
            self.pixels = mean_along(&self.pixels, self.height, self.width, reach);
        }
        self
    }

    pub(crate) fn noise(mut self, strength: usize) -> Self {
        let mut random = Random::new(3);
        for pixel in &mut self.pixels {
            let value = i64::from(*pixel) + random.below(2 * strength) as i64 + random.below(2 * strength) as i64;
            *pixel = (value - 2 * strength as i64).clamp(0, 255) as u8;
        }
        self
    }

    /// Stripes, as a camera sees them on a screen.
    pub(crate) fn stripes(mut self) -> Self {
        for (at, pixel) in self.pixels.iter_mut().enumerate() {
            let (x, y) = ((at % self.width) as f64, (at / self.width) as f64);
            *pixel = (f64::from(*pixel) * (0.8 + 0.2 * (x * 1.9).sin() * (y * 1.7).sin())) as u8;
        }
        self
    }

    /// Darker to the left.
    pub(crate) fn shade(mut self) -> Self {
        for (at, pixel) in self.pixels.iter_mut().enumerate() {
            *pixel = (f64::from(*pixel) * (0.4 + 0.6 * (at % self.width) as f64 / self.width as f64)) as u8;
        }
        self
    }

    pub(crate) fn invert(mut self) -> Self {
        self.pixels.iter_mut().for_each(|pixel| *pixel = 255 - *pixel);
        self
    }

    pub(crate) fn png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_compression(png::Compression::Fast);
        encoder.write_header().unwrap().write_image_data(&self.pixels).unwrap();
        file
    }

    fn rgb(&self) -> Vec<u8> {
        self.pixels.iter().flat_map(|pixel| [*pixel; 3]).collect()
    }

    pub(crate) fn jpeg(&self, quality: u8, progressive: bool) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, quality);
        encoder.set_progressive(progressive);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
        encoder.encode(&self.rgb(), self.width as u16, self.height as u16, jpeg_encoder::ColorType::Rgb).unwrap();
        file
    }

    pub(crate) fn webp(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let encoder = image_webp::WebPEncoder::new(&mut file);
        encoder.encode(&self.rgb(), self.width as u32, self.height as u32, image_webp::ColorType::Rgb8).unwrap();
        file
    }

    pub(crate) fn gif(&self) -> Vec<u8> {
        gif(&[self])
    }

    /// A BMP with that many bits a pixel.
    pub(crate) fn bmp(&self, depth: u16, top_down: bool) -> Vec<u8> {
        let mut rows: Vec<Vec<u8>> = self.pixels.chunks(self.width).map(|row| bmp_row(row, depth)).collect();
        if !top_down {
            rows.reverse();
        }
        let palette: Vec<u8> = match depth {
            16.. => Vec::new(),
            _ => (0..1_u32 << depth).flat_map(|index| [(index * 255 / ((1 << depth) - 1)) as u8; 4]).collect(),
        };
        let (pixels, at) = (rows.concat(), 54 + palette.len() as u32);
        let height = self.height as i32 * if top_down { -1 } else { 1 };
        let mut file = b"BM".to_vec();
        for number in [at + pixels.len() as u32, 0, at, 40, self.width as u32, height as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend([1, 0, depth as u8, 0]);
        file.extend([0; 24]);
        [file, palette, pixels].concat()
    }
}

fn bmp_row(row: &[u8], depth: u16) -> Vec<u8> {
    let mut bytes: Vec<u8> = match depth {
        32 => row.iter().flat_map(|pixel| [*pixel, *pixel, *pixel, 0]).collect(),
        24 => row.iter().flat_map(|pixel| [*pixel; 3]).collect(),
        16 => row.iter().flat_map(|pixel| (u16::from(pixel >> 3) * 0x421).to_le_bytes()).collect(),
        8 => row.to_vec(),
        _ => {
            let shares = row.chunks(8 / usize::from(depth));
            let fold = |byte: u8, (place, pixel): (usize, &u8)| {
                byte | (pixel >> (8 - depth)) << (8 - usize::from(depth) * (place + 1))
            };
            shares.map(|share| share.iter().enumerate().fold(0, fold)).collect()
        }
    };
    bytes.resize(bytes.len().div_ceil(4) * 4, 0);
    bytes
}

/// An animation with these frames.
pub(crate) fn gif(frames: &[&Scene]) -> Vec<u8> {
    let palette: Vec<u8> = (0..=255).flat_map(|value| [value; 3]).collect();
    let (width, height) = (frames[0].width as u16, frames[0].height as u16);
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, width, height, &palette).unwrap();
    for frame in frames {
        let pixels = frame.pixels.as_slice().into();
        let frame = gif::Frame {
            width: frame.width as u16,
            height: frame.height as u16,
            buffer: pixels,
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    file
}

/// Means over `2 * reach + 1` pixels along one direction: `length` pixels in it, `step` from one to the next.
fn mean_along(pixels: &[u8], length: usize, step: usize, reach: usize) -> Vec<u8> {
    let mut out = vec![0; pixels.len()];
    let lines = pixels.len() / length;
    for line in 0..lines {
        let start = if step == 1 { line * length } else { line };
        for at in 0..length {
            let near = at.saturating_sub(reach)..(at + reach + 1).min(length);
            let count = near.len() as u32;
            let sum: u32 = near.map(|at| u32::from(pixels[start + at * step])).sum();
            out[start + at * step] = (sum / count) as u8;
        }
    }
    out
}
