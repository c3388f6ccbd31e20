//! What a file system can do, by its kind (statfs(2)).

use std::path::Path;

/// File systems without the shared memory that SQLite's log needs, or without locks that all their users see.
const REMOTE: [(u32, &str); 12] = [
    (0x0000_6969, "NFS"),
    (0x0000_517B, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0xFE53_4D42, "SMB"),
    (0x0102_1997, "9P"),
    (0x6573_5546, "FUSE"),
    (0x5346_414F, "AFS"),
    (0x7375_7245, "Coda"),
    (0x00C3_6400, "Ceph"),
    (0x0BD0_0BD0, "Lustre"),
    (0x0116_1970, "GFS2"),
    (0x7461_636F, "OCFS2"),
];

/// tmpfs and ramfs: what is in them is gone after a reboot.
const MEMORY: [u32; 2] = [0x0102_1994, 0x8584_58F6];

/// What SQLite needs for the index of its log, in bytes.
const SMALLEST_ROOM: u64 = 64 << 10;

/// The kind of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileSystem {
    /// A disk of this machine.
    Local,
    /// The memory of this machine.
    Memory,
    /// Another machine's, or a program's: its name.
    Remote(&'static str),
}

impl FileSystem {
    /// The file system that a path is on, or will be once it is made; local if the kernel does not say.
    pub(crate) fn of(path: &Path) -> Self {
        let found = path.ancestors().find_map(|there| rustix::fs::statfs(there).ok());
        // The field is signed on some machines and 32 bits wide on others; all numbers fit into 32 bits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        found.map_or(Self::Local, |found| Self::by_number(found.f_type as u32))
    }

    /// True if there is no room for another file on the disk that this file is on.
    pub(crate) fn is_full(path: &Path) -> bool {
        let found = path.ancestors().find_map(|there| rustix::fs::statvfs(there).ok());
        found.is_some_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < SMALLEST_ROOM)
    }

    fn by_number(number: u32) -> Self {
        if MEMORY.contains(&number) {
            return Self::Memory;
        }
        let remote = REMOTE.iter().find(|(known, _)| *known == number);
        remote.map_or(Self::Local, |(_, name)| Self::Remote(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_go_by_their_number() {
        assert_eq!(FileSystem::by_number(0x6969), FileSystem::Remote("NFS"));
        assert_eq!(FileSystem::by_number(0xFF53_4D42), FileSystem::Remote("CIFS"));
        assert_eq!(FileSystem::by_number(0x6573_5546), FileSystem::Remote("FUSE"));
        assert_eq!(FileSystem::by_number(0x0102_1994), FileSystem::Memory);
        assert_eq!(FileSystem::by_number(0xEF53), FileSystem::Local, "ext4");
        assert_eq!(FileSystem::of(Path::new("/dev/shm/none/such")), FileSystem::Memory, "tmpfs, by a real one");
    }
}
