//! The search for QR codes in a plane, from coarse to fine.
//!
//! rqrr finds codes in small pictures well, and in large ones badly: noise of a photo looks like parts of codes to it, and
//! for each trio of these it copies the picture. So the picture is searched at several sizes, and in tiles at the large
//! ones. A tile with too many candidates is left out; a smaller size of the picture has fewer.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rqrr::PreparedImage;
use zeroize::Zeroizing;

use crate::Stop;
use crate::plane::Plane;

/// The sizes at which a plane is searched, in sixths of it.
const SCALES: [usize; 7] = [6 * 8, 6 * 6, 6 * 4, 6 * 3, 6 * 2, 9, 6];

/// The shortest side at which a plane is searched, in pixels: the smallest code has 21 modules and needs two pixels for each.
const MIN_SIDE: usize = 42;

/// The side of a tile, in pixels. Tiles overlap by half, so that a code of half the side is whole in one of them.
const TILE_SIDE: usize = 768;

/// The most places in a tile that look like the corner of a code. A real picture has some dozens at the size that suits it.
const MAX_CANDIDATES: usize = 400;

/// The corners that a code has.
const MIN_CANDIDATES: usize = 3;

/// The most pixels of a plane that is searched at double size, too.
const MAX_DOUBLED_PIXELS: usize = 5 << 20;

/// Searches a plane. Each text goes to `find`, maybe several times.
pub(crate) fn search(plane: &Plane, stop: &Stop, find: &mut dyn FnMut(Zeroizing<String>)) {
    let any = Cell::new(false);
    let mut find = |text| {
        any.set(true);
        find(text);
    };
    for light_on_dark in [false, true] {
        for scale in SCALES {
            let (width, height) = (plane.width * 6 / scale, plane.height * 6 / scale);
            if scale == 6 {
                search_tiles(plane, light_on_dark, stop, &mut find);
            } else if width.min(height) >= MIN_SIDE {
                search_tiles(&plane.scale_down(width, height), light_on_dark, stop, &mut find);
            }
        }
        if any.get() {
            return;
        }
    }
    // Codes with less than two pixels a module, or three that are blurred.
    if plane.width * plane.height <= MAX_DOUBLED_PIXELS {
        for light_on_dark in [false, true] {
            for_each_tile(plane, TILE_SIDE / 2, |tile| search_tile(&tile.double(), light_on_dark, stop, &mut find));
        }
    }
}

fn search_tiles(plane: &Plane, light_on_dark: bool, stop: &Stop, find: &mut dyn FnMut(Zeroizing<String>)) {
    for_each_tile(plane, TILE_SIDE, |tile| search_tile(&tile, light_on_dark, stop, find));
}

fn for_each_tile(plane: &Plane, side: usize, mut visit: impl FnMut(Plane)) {
    for top in tile_starts(plane.height, side) {
        for left in tile_starts(plane.width, side) {
            visit(plane.crop(left, top, side.min(plane.width), side.min(plane.height)));
        }
    }
}

/// The offsets of the tiles along a side of this length, in pixels. The last tile ends where the side ends.
fn tile_starts(length: usize, side: usize) -> impl Iterator<Item = usize> {
    let last = length.saturating_sub(side);
    (0..last).step_by(side / 2).chain([last])
}

fn search_tile(tile: &Plane, light_on_dark: bool, stop: &Stop, find: &mut dyn FnMut(Zeroizing<String>)) {
    if stop.is_requested() {
        return;
    }
    let flip = if light_on_dark { u8::MAX } else { 0 };
    let brightness = |x, y| tile.brightness[y * tile.width + x] ^ flip;
    let mut image = PreparedImage::prepare_from_greyscale(tile.width, tile.height, brightness);
    let black = |x, y| image.get_pixel_at(x, y) == 1;
    if !(MIN_CANDIDATES..=MAX_CANDIDATES).contains(&count_candidates(tile.width, tile.height, black)) {
        return;
    }
    // Its arithmetic is not made for every picture, and a tile that it cannot take has no code.
    let texts = catch_unwind(AssertUnwindSafe(|| {
        let texts = image.detect_grids().into_iter().filter_map(|grid| {
            let mut bytes = Zeroizing::new(Vec::new());
            grid.decode_to(&mut *bytes).ok().map(|_| Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
        });
        texts.collect::<Vec<_>>()
    }));
    texts.unwrap_or_default().into_iter().for_each(find);
}

/// Counts the places that look like the corner of a code: lines across with dark and light as 1:1:3:1:1, by the measure that
/// rqrr has, neighbours counted once. It is at least the number that rqrr will find.
fn count_candidates(width: usize, height: usize, black: impl Fn(usize, usize) -> bool) -> usize {
    let mut count = 0;
    let mut above: [Vec<(usize, usize)>; 2] = Default::default();
    for y in 0..height {
        let mut here = Vec::new();
        let mut runs = [0; 5];
        let (mut last, mut run, mut changes) = (black(0, y), 1, 0);
        for x in 1..=width {
            let now = x < width && black(x, y);
            if now == last {
                run += 1;
                continue;
            }
            runs.rotate_left(1);
            runs[4] = run;
            (last, run, changes) = (now, 1, changes + 1);
            if !now && changes >= 5 && is_corner(runs) {
                let end = x - runs[4] - runs[3];
                let stone = (end - runs[2], end);
                let overlaps = |other: &(usize, usize)| other.0 < stone.1 && stone.0 < other.1;
                if !above.iter().flatten().chain(&here).any(overlaps) {
                    count += 1;
                }
                here.push(stone);
            }
        }
        above.swap(0, 1);
        above[0] = here;
    }
    count
}

/// Dark and light across the corner of a code, with the tolerance of rqrr.
fn is_corner(runs: [usize; 5]) -> bool {
    let unit = (runs[0] + runs[1] + runs[3] + runs[4]) / 4;
    let tolerance = unit * 3 / 4;
    runs.iter().zip([1, 1, 3, 1, 1]).all(|(run, share)| run.abs_diff(share * unit) <= tolerance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_side_and_overlap() {
        let starts = |length| tile_starts(length, 100).collect::<Vec<_>>();
        assert_eq!(starts(1), [0]);
        assert_eq!(starts(100), [0]);
        assert_eq!(starts(101), [0, 1]);
        assert_eq!(starts(230), [0, 50, 100, 130]);
    }

    #[test]
    fn corners_are_counted_once() {
        // Two corners of 7 by 7 pixels side by side, a third one below.
        let corner = |x: usize, y: usize| {
            x < 7 && y < 7 && (x == 0 || x == 6 || y == 0 || y == 6 || ((2..5).contains(&x) && (2..5).contains(&y)))
        };
        let black =
            |x: usize, y: usize| corner(x, y) || (x >= 12 && corner(x - 12, y)) || (y >= 12 && corner(x, y - 12));
        assert_eq!(count_candidates(30, 30, black), 3);
        assert_eq!(count_candidates(30, 30, |_, _| true), 0);
        assert_eq!(count_candidates(1, 1, |_, _| false), 0);
    }
}
