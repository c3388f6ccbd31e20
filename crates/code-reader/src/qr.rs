//! QR codes in pictures.

use rqrr::PreparedImage;
use zeroize::Zeroizing;

use crate::Picture;

/// Reads the QR codes in a picture: their texts, each once, in alphabetical order.
///
/// A picture without a code is read again with light and dark exchanged, as screens in night mode have it.
#[must_use]
pub fn texts(picture: &Picture) -> Zeroizing<Vec<String>> {
    let texts = texts_of_polarity(picture, false);
    if texts.is_empty() { texts_of_polarity(picture, true) } else { texts }
}

fn texts_of_polarity(picture: &Picture, inverted: bool) -> Zeroizing<Vec<String>> {
    let brightness = |x, y| {
        let brightness = picture.brightness(x, y);
        if inverted { 255 - brightness } else { brightness }
    };
    let mut prepared = PreparedImage::prepare_from_greyscale(picture.width(), picture.height(), brightness);
    let found = prepared.detect_grids().into_iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text);
    let mut texts: Zeroizing<Vec<String>> = Zeroizing::new(found.collect());
    texts.sort();
    texts.dedup();
    texts
}
