//! Icons on a terminal: two pixels a character, the upper one as the letter's colour, the lower one as its ground.

use std::fmt::Write;
use std::io::IsTerminal;

use anstyle::{RgbColor, Style};

use code_reader::Picture;
use sgp22::profile::IconType;

/// The most columns that an icon takes.
const COLUMNS: usize = 24;

/// The longest icon that is drawn, in bytes, and the most pixels of one: the standard has 1,024 bytes and 64 by 64 pixels.
/// It comes from a server, and drawing it must cost nothing.
const LONGEST: usize = 32 * 1024;
const MOST_PIXELS: usize = 512 * 512;

/// An icon for a terminal that shows colours; nothing for any other, or for one that cannot be read.
pub(super) fn icon_text(icon: &[u8]) -> String {
    let colourless = anstream::AutoStream::choice(&std::io::stderr()) == anstream::ColorChoice::Never;
    if colourless || icon.len() > LONGEST || !std::io::stderr().is_terminal() {
        return String::new();
    }
    Picture::decode_small(icon, MOST_PIXELS).map(|picture| draw(&picture)).unwrap_or_default()
}

/// Describes an icon for a line of a table; empty if there is none.
pub(super) fn describe_icon(icon: Option<&[u8]>) -> String {
    let Some(icon) = icon.filter(|icon| !icon.is_empty()) else { return String::new() };
    let kind = IconType::recognize(icon).map_or("not a picture", IconType::name);
    format!("{kind}, {} bytes", icon.len())
}

fn draw(picture: &Picture) -> String {
    if picture.width() == 0 || picture.height() == 0 {
        return String::new();
    }
    let columns = picture.width().min(COLUMNS);
    let rows = (picture.height() * columns / picture.width()).clamp(1, COLUMNS);
    let pixel = |column: usize, row: usize| {
        let [red, green, blue] =
            picture.pixel(column * picture.width() / columns, (row.min(rows - 1)) * picture.height() / rows);
        RgbColor(red, green, blue)
    };
    let mut text = String::new();
    for row in (0..rows).step_by(2) {
        text += "  ";
        for column in 0..columns {
            let style =
                Style::new().fg_color(Some(pixel(column, row).into())).bg_color(Some(pixel(column, row + 1).into()));
            // Writing to a string cannot fail.
            let _ = write!(text, "{style}▀{style:#}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_is_no_wider_than_it_may_be() {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 64, 64);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&[128; 64 * 64]).unwrap();
        let text = draw(&Picture::decode(&file).unwrap());
        assert_eq!(text.lines().count(), COLUMNS / 2);
        assert!(text.lines().all(|line| line.matches('▀').count() == COLUMNS));
    }
}
