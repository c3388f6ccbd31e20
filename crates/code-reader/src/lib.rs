//! Activation codes in what people have in hand: texts and pictures. Bytes in, codes out: no files, no terminal.

mod picture;
pub mod qr;

pub use picture::{Format, Picture};
