//! Pictures as brightness alone: the form in which codes are searched for.

use crate::PictureError;

/// The most pixels of a plane. Larger pictures are scaled down while they are decoded: a code that fills even a twentieth
/// of the side of a photo can still be read then.
pub(crate) const MAX_PLANE_PIXELS: usize = 12 << 20;

/// The longest side of a picture, in pixels.
pub(crate) const MAX_SIDE: usize = 1 << 16;

/// A picture as the brightness of its pixels, 0 to 255, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) brightness: Vec<u8>,
}

impl Plane {
    /// The part of this plane at (`left`, `top`), which must lie in it.
    pub(crate) fn crop(&self, left: usize, top: usize, width: usize, height: usize) -> Self {
        let rows = self.brightness.chunks_exact(self.width).skip(top).take(height);
        Self { width, height, brightness: rows.flat_map(|row| &row[left..left + width]).copied().collect() }
    }

    /// Scales down to the given size, each pixel the mean of those that fall on it.
    pub(crate) fn scale_down(&self, width: usize, height: usize) -> Self {
        let columns: Vec<usize> = (0..self.width).map(|x| x * width / self.width).collect();
        let mut brightness = Vec::with_capacity(width * height);
        let mut cells = vec![(0_u32, 0_u32); width];
        for (y, row) in self.brightness.chunks_exact(self.width).enumerate() {
            for (&value, &column) in row.iter().zip(&columns) {
                let (sum, count) = &mut cells[column];
                *sum += u32::from(value);
                *count += 1;
            }
            if (y + 1) * height / self.height > y * height / self.height {
                brightness.extend(cells.iter().map(|(sum, count)| mean(*sum, *count)));
                cells.fill((0, 0));
            }
        }
        Self { width, height, brightness }
    }

    /// Scales up to double size, interpolating between pixels.
    pub(crate) fn double(&self) -> Self {
        let (width, height) = (2 * self.width, 2 * self.height);
        // A new pixel lies a quarter of an old one before or behind the middle of that.
        let neighbours = |at: usize, end: usize| {
            let near = at / 2;
            let far = if at.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(end - 1) };
            (near, far)
        };
        let mut brightness = Vec::with_capacity(width * height);
        for y in 0..height {
            let (near, far) = neighbours(y, self.height);
            let (near, far) = (&self.brightness[near * self.width..], &self.brightness[far * self.width..]);
            for x in 0..width {
                let (left, right) = neighbours(x, self.width);
                let value = 9 * u32::from(near[left])
                    + 3 * u32::from(near[right])
                    + 3 * u32::from(far[left])
                    + u32::from(far[right]);
                brightness.push(mean(value, 16));
            }
        }
        Self { width, height, brightness }
    }
}

fn mean(sum: u32, count: u32) -> u8 {
    u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX)
}

/// Brightness of a colour.
pub(crate) fn brightness([red, green, blue]: [u8; 3]) -> u8 {
    let [red, green, blue] = [red, green, blue].map(u32::from);
    u8::try_from((299 * red + 587 * green + 114 * blue) / 1000).unwrap_or(u8::MAX)
}

/// A value that can be seen through, on white paper.
pub(crate) fn on_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

/// Takes a picture row by row and keeps it as a plane of at most [`MAX_PLANE_PIXELS`].
pub(crate) struct Shrinker {
    /// The number of pixels that become one, in each direction.
    factor: usize,
    width: usize,
    height: usize,
    sums: Vec<u32>,
    /// Rows that are in `sums`.
    rows: usize,
    plane: Plane,
}

impl Shrinker {
    /// Prepares for a picture of this size, in pixels.
    ///
    /// # Errors
    ///
    /// Returns an error for a picture without pixels, or with more than `max_pixels`, before any memory is taken for it.
    pub(crate) fn new(width: usize, height: usize, max_pixels: usize) -> Result<Self, PictureError> {
        check_size(width, height, max_pixels)?;
        let mut factor = 1;
        while width.div_ceil(factor) * height.div_ceil(factor) > MAX_PLANE_PIXELS {
            factor += 1;
        }
        let (small_width, small_height) = (width.div_ceil(factor), height.div_ceil(factor));
        let brightness = Vec::with_capacity(small_width * small_height);
        let plane = Plane { width: small_width, height: small_height, brightness };
        let sums = if factor == 1 { Vec::new() } else { vec![0; small_width] };
        Ok(Self { factor, width, height, sums, rows: 0, plane })
    }

    /// Takes the next row. What is too much is ignored.
    pub(crate) fn push(&mut self, row: impl Iterator<Item = u8>) {
        if self.plane.brightness.len() == self.plane.width * self.plane.height {
            return;
        }
        if self.factor == 1 {
            let end = self.plane.brightness.len() + self.width;
            self.plane.brightness.extend(row.take(self.width));
            self.plane.brightness.resize(end, u8::MAX);
            return;
        }
        let (mut cell, mut column) = (0, 0);
        for value in row.take(self.width) {
            self.sums[cell] += u32::from(value);
            column += 1;
            if column == self.factor {
                (cell, column) = (cell + 1, 0);
            }
        }
        self.rows += 1;
        let taken = self.plane.brightness.len() / self.plane.width * self.factor + self.rows;
        if self.rows == self.factor || taken == self.height {
            self.end_row();
        }
    }

    fn end_row(&mut self) {
        for (cell, sum) in self.sums.iter_mut().enumerate() {
            let columns = self.factor.min(self.width - cell * self.factor);
            self.plane.brightness.push(mean(*sum, u32::try_from(columns * self.rows).unwrap_or(u32::MAX)));
            *sum = 0;
        }
        self.rows = 0;
    }

    /// Returns the plane. Rows that did not come are white.
    pub(crate) fn finish(mut self) -> Plane {
        if self.rows > 0 {
            self.end_row();
        }
        self.plane.brightness.resize(self.plane.width * self.plane.height, u8::MAX);
        self.plane
    }
}

/// Refuses a picture without pixels, and one with more than `max_pixels`.
pub(crate) fn check_size(width: usize, height: usize, max_pixels: usize) -> Result<(), PictureError> {
    if width == 0 || height == 0 {
        return Err(PictureError::Damaged("it has no pixels".into()));
    }
    match width.checked_mul(height) {
        Some(pixels) if pixels <= max_pixels && width <= MAX_SIDE && height <= MAX_SIDE => Ok(()),
        _ => Err(PictureError::TooLarge { width, height }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_picture_becomes_its_mean() {
        // 5,000 by 3,000 pixels are more than a plane has: four become one.
        let mut shrinker = Shrinker::new(5001, 3001, usize::MAX).unwrap();
        for y in 0..3001 {
            shrinker.push((0..5001).map(|x| if (x + y) % 2 == 0 { 0 } else { 200 }));
        }
        let plane = shrinker.finish();
        assert_eq!((plane.width, plane.height), (2501, 1501));
        // The last column and row have one pixel each.
        assert!(plane.brightness.chunks(2501).take(1500).all(|row| row[..2500].iter().all(|value| *value == 100)));
    }

    #[test]
    fn rows_that_do_not_come_are_white_and_too_many_are_ignored() {
        let mut shrinker = Shrinker::new(2, 2, usize::MAX).unwrap();
        shrinker.push([7].into_iter());
        assert_eq!(shrinker.finish().brightness, [7, 255, 255, 255]);
        let mut shrinker = Shrinker::new(2, 1, usize::MAX).unwrap();
        shrinker.push([1, 2, 3].into_iter());
        shrinker.push([4, 5].into_iter());
        assert_eq!(shrinker.finish().brightness, [1, 2]);
    }

    #[test]
    fn sizes_are_judged_before_memory_is_taken() {
        for (width, height) in [(0, 5), (5, 0), (67_108_864, 1), (1, 67_108_864), (usize::MAX, usize::MAX), (101, 100)]
        {
            assert!(Shrinker::new(width, height, 10_000).is_err(), "{width} {height}");
        }
        assert!(Shrinker::new(100, 100, 10_000).is_ok());
    }

    #[test]
    fn planes_are_cut_and_scaled() {
        let plane = Plane { width: 4, height: 2, brightness: vec![0, 10, 20, 30, 40, 50, 60, 70] };
        assert_eq!(plane.crop(1, 1, 2, 1).brightness, [50, 60]);
        assert_eq!(plane.scale_down(2, 1).brightness, [25, 45]);
        assert_eq!(plane.scale_down(3, 2).brightness.len(), 6);
        let double = plane.double();
        assert_eq!((double.width, double.height, double.brightness.len()), (8, 4, 32));
        assert_eq!(double.brightness[..4], [0, 2, 7, 12]);
    }
}
