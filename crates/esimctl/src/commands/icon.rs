//! Icons of profiles, written to files.

use std::path::Path;

use code_reader::Picture;
use manager::Error;
use manager::error::Id;
use manager::files::{self, Existing};

/// The most pixels of an icon, in a format that the standard has 64 by 64 of.
const MAX_PIXELS: usize = 1024 * 1024;

/// Writes an icon as it is, if it is a picture.
///
/// # Errors
///
/// `icon_missing` if there is none or it is empty, `icon_invalid` if it is not a PNG or JPEG that can be read, and the errors
/// of [`files::write`]. Nothing has been written then.
pub(super) fn save(path: &Path, icon: Option<&[u8]>, profile: &str, existing: Existing) -> Result<(), Error> {
    let icon = icon.filter(|icon| !icon.is_empty());
    let icon = icon.ok_or_else(|| Error::new(Id::IconMissing).with("profile", profile))?;
    Picture::decode_small(icon, MAX_PIXELS)
        .map_err(|why| Error::new(Id::IconInvalid).with("profile", profile).with("why", why))?;
    files::write(path, icon, existing)
}
