//! What the machine is like: its clock, its disk, and who looks.

use std::path::Path;

use super::Finding;
use crate::config::Config;
use crate::machine::Disk;

/// The first day of the year this was written in. An earlier clock is wrong.
const EARLIEST: i64 = 1_767_225_600;
/// Left by the programs that keep the clock, where they do.
const SYNCHRONISED: [&str; 2] = [
    "/run/systemd/timesync/synchronized",
    "/run/chrony/chronyd.pid",
];

/// File systems over a network, whose locks and syncs are promises of somebody else.
const NETWORK: [(u64, &str); 5] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x6573_5546, "FUSE"),
];

pub(super) fn user() -> Finding {
    if rustix::process::geteuid().is_root() {
        Finding::look(
            "you are root, who may read and write everything",
            "run it as the relay's user to see what the relay sees: \
             sudo -u siegel siegel-server doctor",
        )
    } else {
        Finding::good("you are not root")
    }
}

pub(super) fn disk(config: &Config) -> Finding {
    const MIB: u64 = 1024 * 1024;
    match Disk::of(nearest(&config.data_dir)) {
        Ok(disk) if disk.is_low() => Finding::bad(
            format!("only {} MiB of the disk are free", disk.free / MIB),
            "free space or enlarge the disk: a relay that cannot store refuses what people send",
        ),
        Ok(disk) => Finding::good(format!("{} MiB of the disk are free", disk.free / MIB)),
        Err(error) => Finding::look(
            format!(
                "the disk of the data cannot be looked at ({})",
                error.kind()
            ),
            "df tells how full it is",
        ),
    }
}

pub(super) fn file_system(config: &Config) -> Finding {
    let kind = rustix::fs::statfs(nearest(&config.data_dir)).map(|found| found.f_type);
    // The number is 32 bits wide; some systems give it with a sign.
    let kind = kind
        .ok()
        .and_then(|kind| u64::try_from(kind & 0xffff_ffff).ok());
    let name = NETWORK.iter().find(|(number, _)| Some(*number) == kind);
    match name {
        Some((_, name)) => Finding::bad(
            format!("the data lies on a file system of the kind {name}"),
            "move data_dir to a disk of this machine: over a network, synced need not mean stored",
        ),
        None => Finding::good("the data lies on a disk of this machine"),
    }
}

/// The folder, or the first of its parents that is there.
fn nearest(folder: &Path) -> &Path {
    let there = folder.ancestors().find(|path| path.exists());
    there.unwrap_or_else(|| Path::new("."))
}

pub(super) fn clock(now: i64) -> Finding {
    if now < EARLIEST {
        return Finding::bad(
            "the clock is years behind: nothing would expire when it should",
            "set it, and let it be kept: timedatectl set-ntp true",
        );
    }
    if SYNCHRONISED.iter().any(|path| Path::new(path).exists()) {
        Finding::good("the clock is kept by the network's time")
    } else {
        Finding::look(
            "nothing here says that the clock is kept by the network's time",
            "timedatectl tells; expiry and invitations go by it",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_from_before_is_wrong() {
        assert!(clock(0).is_bad() && !clock(EARLIEST).is_bad());
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_on_its_parents_disk() {
        let folder = std::env::temp_dir();
        let config = Config {
            data_dir: folder.join("siegel-not-there").join("data"),
            ..Config::default()
        };
        assert_eq!(nearest(&config.data_dir), folder);
        assert!(!file_system(&config).is_bad());
    }
}
