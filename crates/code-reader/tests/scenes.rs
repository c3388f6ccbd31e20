//! Codes are found in pictures as people have them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use code_reader::qr::read_picture;
use common::{CODE, Drawn, Scene, gif};

/// More than any of these takes, on a machine that does other things, too.
const TIME_LIMIT: Duration = Duration::from_secs(120);

fn texts(file: Vec<u8>) -> Vec<String> {
    read_picture(file, TIME_LIMIT, &AtomicBool::new(false)).unwrap().to_vec()
}

#[track_caller]
fn finds(name: &str, file: Vec<u8>) {
    assert_eq!(texts(file), [CODE], "{name}");
}

/// A screen of a phone full of text, with a code in it.
fn screenshot(drawn: Drawn) -> Scene {
    let mut scene = Scene::new(1440, 3200, 255).write(40, 30);
    scene.draw(CODE, Drawn { at: (700.0, 1500.0), ..drawn });
    scene
}

fn photo(drawn: Drawn) -> Scene {
    let mut scene = Scene::new(4000, 3000, 200).write(60, 60);
    scene.draw(CODE, Drawn { at: (2100.0, 1500.0), dark: 40, light: 210, tilt: 0.15, ..drawn });
    scene
}

#[test]
fn small_codes_in_screenshots() {
    for (side, degrees) in [(200, 0.0), (200, 15.0), (120, 0.0), (120, 15.0), (200, 45.0)] {
        let scene = screenshot(Drawn { degrees, ..Drawn::new(0, 0, side) });
        finds(&format!("{side} {degrees}"), scene.png());
        finds(&format!("{side} {degrees} in night mode"), scene.clone().invert().png());
        finds(&format!("{side} {degrees} in a JPEG"), scene.jpeg(60, false));
    }
    finds("blurred", screenshot(Drawn::new(0, 0, 200)).blur(1).png());
    finds("turned and blurred", screenshot(Drawn { degrees: 15.0, ..Drawn::new(0, 0, 200) }).blur(1).png());
}

#[test]
fn codes_in_photos() {
    for (side, degrees) in [(1500, 0.0), (800, 30.0), (400, 15.0)] {
        let scene = photo(Drawn { degrees, ..Drawn::new(0, 0, side) });
        finds(&format!("{side} {degrees} noisy and shaded"), scene.clone().blur(3).noise(40).shade().jpeg(80, true));
        finds(&format!("{side} {degrees} of a screen"), scene.stripes().noise(40).jpeg(80, false));
    }
}

#[test]
fn codes_that_are_hard_to_read() {
    for logo in [0.15, 0.2, 0.25, 0.3] {
        let mut scene = Scene::new(600, 600, 255);
        scene.draw(CODE, Drawn { logo, ..Drawn::new(300, 300, 420) });
        finds(&format!("with a logo, {logo}"), scene.png());
    }
    for (dark, light) in [(100, 140), (0, 40), (215, 255)] {
        let mut scene = Scene::new(600, 600, light);
        scene.draw(CODE, Drawn { dark, light, ..Drawn::new(300, 300, 420) });
        finds(&format!("{dark} on {light}"), scene.png());
        finds(&format!("{dark} on {light} with noise"), scene.noise(4).png());
    }
    finds("JPEG of low quality", Scene::code(CODE, 300).jpeg(10, false));
    finds("two pixels a module", Scene::code(CODE, 66).png());
    finds("as large as the picture", Scene::code(CODE, 3000).png());
}

#[test]
fn several_codes() {
    let mut scene = Scene::new(1200, 2400, 255).write(40, 30);
    scene.draw("https://apps.example.com/store", Drawn::new(600, 600, 500));
    scene.draw(CODE, Drawn::new(600, 1700, 180));
    assert_eq!(texts(scene.png()), [CODE, "https://apps.example.com/store"]);
    scene.draw(CODE, Drawn::new(300, 2200, 300));
    assert_eq!(texts(scene.png()), [CODE, "https://apps.example.com/store"], "the same one twice is one");
    assert!(texts(Scene::new(300, 300, 255).write(20, 0).png()).is_empty());
}

#[test]
fn every_format() {
    // Odd sides: rows are padded.
    let mut scene = Scene::new(221, 215, 255);
    scene.draw(CODE, Drawn::new(110, 107, 170));
    finds("PNG", scene.png());
    finds("JPEG", scene.jpeg(80, false));
    finds("progressive JPEG", scene.jpeg(80, true));
    finds("WebP", scene.webp());
    // As Pillow writes them (libwebp 1.2.4).
    finds("lossy WebP", include_bytes!("pictures/lossy.webp").to_vec());
    finds("lossy WebP that can be seen through", include_bytes!("pictures/alpha.webp").to_vec());
    finds("GIF", scene.gif());
    for depth in [1, 4, 8, 16, 24, 32] {
        finds(&format!("BMP {depth}"), scene.bmp(depth, false));
        finds(&format!("BMP {depth}, top down"), scene.bmp(depth, true));
    }
}

#[test]
fn frames_are_searched_until_one_has_a_code() {
    let blank = Scene::new(300, 300, 255);
    let mut other = blank.clone();
    other.draw(CODE, Drawn::new(150, 150, 240));
    finds("third frame", gif(&[&blank, &blank, &other, &blank]));
    finds("second frame of a WebP", include_bytes!("pictures/animated.webp").to_vec());
}
