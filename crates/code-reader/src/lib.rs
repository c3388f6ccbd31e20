//! Activation codes in what people have in hand: texts and pictures. Bytes in, codes out: no files, no terminal.

mod decode;
mod picture;
mod plane;
pub mod qr;
mod search;
mod text;

pub use picture::{Format, Picture};
pub use qr::PictureError;
pub(crate) use qr::Stop;
pub use text::{Form, NoCode, Reading, decode_text, read_text};
