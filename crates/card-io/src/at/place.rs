//! Where a port is found again: modems come back from a restart under another number.

use std::path::{Path, PathBuf};

/// Where udev keeps names that stay: by the place on the bus first, since two modems of a kind may share the other.
const FOLDERS: [&str; 2] = ["/dev/serial/by-path", "/dev/serial/by-id"];

/// The name of a port that stays when it comes back. A link is one already: whoever made it keeps it up.
pub(super) fn lasting(path: &Path) -> PathBuf {
    lasting_among(path, &FOLDERS.map(Path::new))
}

fn lasting_among(path: &Path, folders: &[&Path]) -> PathBuf {
    let is_link = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    let Ok(real) = path.canonicalize() else { return path.into() };
    if is_link(path) {
        return path.into();
    }
    let links = folders.iter().filter_map(|folder| {
        let entries = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        entries.filter(|entry| entry.canonicalize().is_ok_and(|target| target == real)).min()
    });
    links.into_iter().next().unwrap_or_else(|| path.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_stays_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (by_path, by_id) = (folder.path().join("by-path"), folder.path().join("by-id"));
        let (port, other) = (folder.path().join("ttyUSB2"), folder.path().join("ttyUSB3"));
        for folder in [&by_path, &by_id] {
            std::fs::create_dir(folder).unwrap();
        }
        std::fs::write(&port, "").unwrap();
        std::fs::write(&other, "").unwrap();
        let among = |path: &Path| lasting_among(path, &[&by_path, &by_id]);
        assert_eq!(among(&port), port, "no link leads to it");
        std::os::unix::fs::symlink(&other, by_path.join("pci-usb-0:4:1.3")).unwrap();
        std::os::unix::fs::symlink("../ttyUSB2", by_id.join("usb-Quectel-if02")).unwrap();
        assert_eq!(among(&port), by_id.join("usb-Quectel-if02"));
        std::os::unix::fs::symlink("../ttyUSB2", by_path.join("pci-usb-0:4:1.2")).unwrap();
        assert_eq!(among(&port), by_path.join("pci-usb-0:4:1.2"), "the place on the bus first");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&port, &link).unwrap();
        assert_eq!(among(&link), link, "a link is what the user wants");
        assert_eq!(among(&folder.path().join("none")), folder.path().join("none"));
    }
}
