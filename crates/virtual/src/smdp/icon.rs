//! An icon for orders that bring none of their own.

/// The size of an icon that the standard still allows, in bytes: with it the description takes two blocks.
const SIZE: usize = 1024;

/// A PNG of 64 by 64 pixels and 1,024 bytes.
#[must_use]
pub fn sample_icon() -> Vec<u8> {
    let padded = || {
        let bare = draw("")?.len();
        draw(&"x".repeat(SIZE.saturating_sub(bare)))
    };
    // Encoding into memory does not fail.
    padded().unwrap_or_default()
}

fn draw(comment: &str) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 64, 64);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_palette(vec![0x88, 0x39, 0xEF, 0xFF, 0xFF, 0xFF]);
    encoder.add_text_chunk("Comment".into(), comment.into())?;
    let mut writer = encoder.write_header()?;
    let row = |row: u8| if (16..48).contains(&row) { [0, 0, 0xF0, 0x0F, 0xF0, 0x0F, 0, 0] } else { [0; 8] };
    writer.write_image_data(&(0..64).flat_map(row).collect::<Vec<u8>>())?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_icon_is_as_large_as_it_may_be() {
        assert_eq!(super::sample_icon().len(), 1024);
    }
}
