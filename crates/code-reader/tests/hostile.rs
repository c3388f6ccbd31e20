//! Pictures that want to do harm: bombs, lies, rubbish. No panic, no more memory than is said, and an end in time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use code_reader::PictureError;
use code_reader::qr::read_picture;
use common::{CODE, Drawn, Random, Scene, gif};

const TIME_LIMIT: Duration = Duration::from_secs(120);

fn read(file: &[u8]) -> Result<Vec<String>, PictureError> {
    read_picture(file.to_vec(), TIME_LIMIT, &AtomicBool::new(false)).map(|texts| texts.to_vec())
}

type Format = (&'static str, Vec<u8>, [usize; 2], usize, bool);

/// Each format with a code in it, and where its header has width and height: place, bytes each, low byte first.
fn formats() -> Vec<Format> {
    let scene = Scene::code(CODE, 100);
    let jpeg = |progressive| {
        let file = scene.jpeg(80, progressive);
        let start = file.windows(2).position(|marker| matches!(marker, [0xFF, 0xC0 | 0xC2])).unwrap();
        (file, [start + 7, start + 5])
    };
    let ((baseline, baseline_at), (progressive, progressive_at)) = (jpeg(false), jpeg(true));
    vec![
        ("png", scene.png(), [16, 20], 4, false),
        ("jpeg", baseline, baseline_at, 2, false),
        ("progressive jpeg", progressive, progressive_at, 2, false),
        ("gif", scene.gif(), [6, 8], 2, true),
        ("bmp", scene.bmp(8, false), [18, 22], 4, true),
        ("bmp 24", scene.bmp(24, true), [18, 22], 4, true),
    ]
}

#[test]
fn files_that_are_cut() {
    let formats = formats().into_iter().map(|(name, file, ..)| (name, file));
    for (name, file) in formats.chain([("webp", Scene::code(CODE, 100).webp())]) {
        for sixteenth in 0..=16 {
            let end = file.len() * sixteenth / 16;
            let outcome = read(&file[..end]);
            match outcome {
                Ok(texts) if sixteenth < 16 => assert!(texts.is_empty() || texts == [CODE], "{name} {sixteenth}"),
                Ok(texts) => assert_eq!(texts, [CODE], "{name}"),
                Err(error) => assert!(sixteenth < 16, "{name}: {error}"),
            }
        }
    }
}

#[test]
fn headers_that_lie_about_the_size() {
    for (name, file, places, len, low_first) in formats() {
        for value in [0_u32, 1, 7, 0x3FFF, 0xFFFF, 0x7FFF_FFFF, u32::MAX] {
            for which in [&places[..1], &places[1..], &places[..]] {
                let mut file = file.clone();
                for at in which {
                    let bytes = if low_first { value.to_le_bytes() } else { value.to_be_bytes() };
                    let bytes = if low_first { &bytes[..len] } else { &bytes[4 - len..] };
                    file[*at..*at + len].copy_from_slice(bytes);
                }
                if name == "png" {
                    fix_checksum(&mut file);
                }
                if let Ok(texts) = read(&file) {
                    assert!(texts.is_empty() || texts == [CODE], "{name} {value:x}");
                }
            }
        }
    }
}

/// Puts the checksum of the header of a PNG right.
fn fix_checksum(file: &mut [u8]) {
    let mut crc = u32::MAX;
    for byte in &file[12..29] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    file[29..33].copy_from_slice(&(!crc).to_be_bytes());
}

/// A thousand changes of some bytes in each format.
#[test]
fn bytes_that_are_changed() {
    let mut random = Random::new(11);
    let small = Scene::code(CODE, 60);
    for file in
        [small.png(), small.jpeg(80, false), small.jpeg(80, true), small.webp(), small.gif(), small.bmp(4, false)]
    {
        for _ in 0..150 {
            let mut file = file.clone();
            for _ in 0..=random.below(4) {
                // Mostly in the header.
                let end = if random.below(3) == 0 { file.len() } else { file.len().min(200) };
                file[random.below(end)] = random.next().to_le_bytes()[0];
            }
            let _ = read(&file);
        }
    }
}

#[test]
fn a_palette_that_is_too_short() {
    let scene = Scene::code(CODE, 100);
    // 256 colours are said to be 2: the others are black.
    let mut bmp = scene.bmp(8, false);
    bmp[46..50].copy_from_slice(&2_u32.to_le_bytes());
    let _ = read(&bmp);
    // A palette of 2 colours for indices up to 255.
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, 125, 125, &[0, 0, 0, 255, 255, 255]).unwrap();
    let frame = gif::Frame { width: 125, height: 125, buffer: scene.pixels.as_slice().into(), ..gif::Frame::default() };
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    let _ = read(&file);
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 125, 125);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
    encoder.write_header().unwrap().write_image_data(&scene.pixels).unwrap();
    let _ = read(&png);
}

/// The decoder would take memory for the frame before it compares it with the picture.
#[test]
fn a_frame_that_is_larger_than_its_picture() {
    let mut file = include_bytes!("pictures/alpha.webp").to_vec();
    let size = file.windows(3).position(|code| code == [0x9D, 0x01, 0x2A]).unwrap() + 3;
    for place in [size, size + 2] {
        let mut file = file.clone();
        file[place..place + 2].copy_from_slice(&[0xFF, 0x3F]);
        assert_eq!(read(&file), Err(PictureError::Damaged("a frame is larger than the picture".into())));
    }
    file[size - 1] = 0;
    assert!(matches!(read(&file), Err(PictureError::Damaged(_))));
}

/// A PNG of one colour: small in the file, large in memory.
fn bomb(width: u32, height: u32, color: png::ColorType, depth: png::BitDepth) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    let row = vec![0x5A; color.samples() * width as usize * if depth == png::BitDepth::Sixteen { 2 } else { 1 }];
    for _ in 0..height {
        std::io::Write::write_all(&mut stream, &row).unwrap();
    }
    stream.finish().unwrap();
    drop(writer);
    file
}

/// The most memory that this process had at a time, in bytes.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// One test, so that no other one has memory at the same time: `cargo test` runs it in a process of its own.
#[test]
#[ignore = "started by memory_is_bounded, alone in its process"]
fn bombs() {
    let name = std::env::var("PICTURE_BOMB").unwrap();
    let before = peak_memory();
    let file = match name.as_str() {
        "deep" => bomb(8192, 8192, png::ColorType::Rgba, png::BitDepth::Sixteen),
        "flat" => bomb(1 << 26, 1, png::ColorType::Grayscale, png::BitDepth::Eight),
        "wide" => bomb(1 << 16, 1 << 10, png::ColorType::Rgba, png::BitDepth::Sixteen),
        "photo" => Scene::new(8160, 6120, 128).jpeg(50, false),
        "progressive" => Scene::new(5000, 4000, 128).jpeg(50, true),
        "webp" => Scene::new(3500, 2500, 128).webp(),
        "gif" => {
            let canvas = Scene::new(4000, 4000, 128);
            gif(&[&canvas, &canvas])
        }
        "bmp" => Scene::new(3840, 2560, 128).bmp(32, false),
        _ => panic!("{name}"),
    };
    let made = peak_memory();
    // What was taken to make the file does not count.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let outcome = read_picture(file, TIME_LIMIT, &AtomicBool::new(false));
    println!("PEAK {} of {made} after {before}: {outcome:?}", peak_memory());
    let refused = matches!(outcome, Err(PictureError::TooLarge { .. } | PictureError::Damaged(_)));
    assert!(outcome.is_ok() || refused, "{outcome:?}");
}

#[test]
fn memory_is_bounded() {
    for name in ["deep", "flat", "wide", "photo", "progressive", "webp", "gif", "bmp"] {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["bombs", "--exact", "--ignored", "--nocapture"]).env("PICTURE_BOMB", name);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {text} {}", String::from_utf8_lossy(&output.stderr));
        let peak = text.split_once("PEAK ").unwrap().1.split_whitespace().next().unwrap().parse::<usize>().unwrap();
        println!("{name}: {} MB", peak >> 20);
        assert!(peak < 96 << 20, "{name}: {} MB", peak >> 20);
    }
}

/// Corners of codes, as many as there is room for.
fn corners(side: usize, count: usize, module: usize) -> Scene {
    let mut scene = Scene::new(side, side, 255);
    let step = 9 * module;
    let across = (side - 7 * module) / step;
    for number in 0..count.min(across * across) {
        let (left, top) = (number % across * step, number / across * step);
        for y in 0..7 {
            for x in 0..7 {
                let ring = x == 0 || x == 6 || y == 0 || y == 6;
                if ring || ((2..5).contains(&x) && (2..5).contains(&y)) {
                    for at in 0..module * module {
                        scene.pixels[(top + y * module + at / module) * side + left + x * module + at % module] = 0;
                    }
                }
            }
        }
    }
    scene
}

/// Thousands of corners cost no minutes, and a code among them is found.
#[test]
fn a_picture_full_of_corners() {
    for (side, count, module) in
        [(460, 2500, 1), (2000, 2500, 4), (2000, 10_000, 2), (3400, 100_000, 1), (1400, 380, 8)]
    {
        let began = Instant::now();
        let mut scene = corners(side, count, module);
        let limit = Duration::from_secs(10);
        let outcome = read_picture(scene.png(), limit, &AtomicBool::new(false));
        assert!(matches!(&outcome, Err(PictureError::TimedOut)) || outcome.unwrap().is_empty());
        assert!(began.elapsed() < limit * 3, "{side} {count}: {:?}", began.elapsed());
        println!("{side} {count} {module}: {:?}", began.elapsed());
        if side > 1000 {
            scene.draw(CODE, Drawn::new(side / 2, side / 2, side / 2));
            assert_eq!(read(&scene.png()).unwrap(), [CODE], "{side} {count}");
        }
    }
}

#[test]
fn an_interrupt_and_the_time_limit_end_the_search() {
    let file = corners(2000, 300, 8).png();
    let interrupt = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let search = scope.spawn(|| (read_picture(file.clone(), TIME_LIMIT, &interrupt), Instant::now()));
        std::thread::sleep(Duration::from_millis(300));
        interrupt.store(true, Ordering::SeqCst);
        let asked = Instant::now();
        let (outcome, ended) = search.join().unwrap();
        assert_eq!(outcome.map(|texts| texts.to_vec()), Err(PictureError::Interrupted));
        assert!(ended.saturating_duration_since(asked) < Duration::from_secs(2));
    });
    let began = Instant::now();
    let outcome = read_picture(file, Duration::from_millis(300), &AtomicBool::new(false));
    assert_eq!(outcome.map(|texts| texts.to_vec()), Err(PictureError::TimedOut));
    assert!(began.elapsed() < Duration::from_secs(2));
}
