//! What the relay asks the machine it runs on: free space and its own memory.

use std::io;
use std::path::Path;

/// Space on the disk a folder lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Bytes an ordinary user may still write.
    pub free: u64,
    /// Bytes in all.
    pub size: u64,
}

/// Below this nothing goes on for long, whatever the disk's size.
const LEAST_FREE: u64 = 512 * 1024 * 1024;

impl Disk {
    /// Looks at the disk a folder lies on.
    ///
    /// # Errors
    /// The folder cannot be looked at.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let found = rustix::fs::statvfs(folder)?;
        Ok(Self {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            size: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }

    /// Less than a twentieth of the disk, or than half a GiB, is free.
    pub fn is_low(self) -> bool {
        self.free < LEAST_FREE || self.free < self.size / 20
    }
}

/// Memory of this process that is not swapped out; nothing where the system does not say.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_low_by_its_share_and_by_its_rest() {
        const GIB: u64 = 1024 * 1024 * 1024;
        let low = |free, size| Disk { free, size }.is_low();
        assert!(low(GIB / 4, GIB) && low(40 * GIB, 1_000 * GIB));
        assert!(!low(GIB, 10 * GIB) && !low(60 * GIB, 1_000 * GIB));
    }

    #[test]
    fn this_machine_answers() {
        let disk = Disk::of(&std::env::temp_dir()).expect("a disk");
        assert!(disk.size >= disk.free && disk.size > 0);
        assert!(resident_bytes().is_some_and(|bytes| bytes > 1024 * 1024));
    }
}
