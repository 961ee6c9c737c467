//! The Debian package, built by `cargo xtask deb` around a relay's program.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::{deploy, root, run, text};

/// A package and what is in it, unpacked.
struct Package {
    _folder: TempDir,
    file: PathBuf,
    tree: PathBuf,
}

impl Package {
    fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // This package's own program is the relay after one word.
        let program = folder.path().join("siegel-server");
        let relay = format!(
            "#!/bin/sh\nexec '{}' relay \"$@\"\n",
            env!("CARGO_BIN_EXE_kill")
        );
        std::fs::write(&program, relay).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let out = folder.path().join("out");
        let mut task = Command::new(env!("CARGO"));
        task.current_dir(root());
        task.args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "xtask",
            "--",
            "deb",
        ]);
        task.arg("--binary").arg(&program).arg("--out").arg(&out);
        let told = run(&mut task);
        let file = PathBuf::from(told.lines().last().unwrap());
        let tree = folder.path().join("tree");
        run(Command::new("dpkg-deb")
            .arg("--raw-extract")
            .arg(&file)
            .arg(&tree));
        Self {
            _folder: folder,
            file,
            tree,
        }
    }

    fn has(&self, path: &str) -> bool {
        self.tree.join(path).is_file()
    }

    fn text(&self, path: &str) -> String {
        text(&self.tree.join(path))
    }

    fn unpacked(&self, path: &str) -> String {
        run(Command::new("gzip").args(["-dc"]).arg(self.tree.join(path)))
    }

    /// `mode owner` of each path, as `dpkg-deb` lists it.
    fn listed(&self) -> BTreeMap<String, (String, String)> {
        let list = run(Command::new("dpkg-deb").arg("--contents").arg(&self.file));
        let lines = list.lines().map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let path = words[5].trim_start_matches("./").to_owned();
            (path, (words[0].to_owned(), words[1].to_owned()))
        });
        lines.collect()
    }
}

#[test]
fn the_package_holds_what_a_machine_needs_and_nothing_else() {
    let package = Package::build();

    for (path, (mode, owner)) in package.listed() {
        assert_eq!(owner, "root/root", "{path}");
        let wanted = match &mode[..1] {
            "d" => "drwxr-xr-x",
            _ if path == "usr/bin/siegel-server" => "-rwxr-xr-x",
            _ => "-rw-r--r--",
        };
        assert_eq!(mode, wanted, "{path}");
        let below = ["etc/siegel/", "usr/bin/", "usr/lib/", "usr/share/"];
        let above = path.ends_with('/') || path.is_empty();
        assert!(
            above || below.iter().any(|begins| path.starts_with(begins)),
            "{path}"
        );
    }

    for (from, to) in [
        (
            "siegel-server.service",
            "usr/lib/systemd/system/siegel-server.service",
        ),
        (
            "siegel-backup.service",
            "usr/lib/systemd/system/siegel-backup.service",
        ),
        (
            "siegel-backup.timer",
            "usr/lib/systemd/system/siegel-backup.timer",
        ),
        (
            "siegel-server.sysusers",
            "usr/lib/sysusers.d/siegel-server.conf",
        ),
        (
            "siegel-server.tmpfiles",
            "usr/lib/tmpfiles.d/siegel-server.conf",
        ),
        ("relay.example.toml", "etc/siegel/relay.toml"),
        (
            "nginx.conf",
            "usr/share/doc/siegel-server/examples/nginx.conf",
        ),
    ] {
        assert_eq!(package.text(to), text(&deploy(from)), "{to}");
    }
    // Every file of /etc is the administrator's: an upgrade asks before it is replaced.
    let conffiles = package.text("DEBIAN/conffiles");
    let etc: Vec<String> = (package.listed().into_keys())
        .filter(|path| path.starts_with("etc/") && !path.ends_with('/'))
        .map(|path| format!("/{path}"))
        .collect();
    assert_eq!(conffiles.lines().collect::<Vec<_>>(), etc);

    control(&package);
    documents(&package);
    scripts(&package);
    run(Command::new("md5sum").current_dir(&package.tree).args([
        "--check",
        "--quiet",
        "DEBIAN/md5sums",
    ]));
    lintian(&package);
    again(&package);
}

fn control(package: &Package) {
    let control = package.text("DEBIAN/control");
    assert!(!control.contains('@'.to_string().as_str()) || control.contains("<siegel@"));
    let field = |name: &str| {
        let line = control
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in\n{control}"))
            .to_owned()
    };
    assert_eq!(field("Package"), "siegel-server");
    assert_eq!(field("Version"), env!("CARGO_PKG_VERSION"));
    assert!(field("Installed-Size").parse::<u64>().unwrap() > 50);
    let depends = field("Depends");
    assert!(depends.starts_with("libc6 (>= 2."), "{depends}");
    let synopsis = field("Description");
    assert!(
        synopsis.len() < 80 && !synopsis.ends_with('.'),
        "{synopsis}"
    );
}

fn documents(package: &Package) {
    let doc = "usr/share/doc/siegel-server";
    let copyright = package.text(&format!("{doc}/copyright"));
    assert!(copyright.contains("License: AGPL-3.0-or-later"));
    assert!(copyright.contains("GNU AFFERO GENERAL PUBLIC LICENSE"));
    assert!(
        copyright
            .lines()
            .skip(12)
            .all(|line| line.is_empty() || line.starts_with(' ') || line.contains(": "))
    );
    let notices = package.unpacked(&format!("{doc}/third-party.gz"));
    for library in ["tokio-", "rustls-", "sqlx-", "ring-", "age-"] {
        assert!(
            notices.lines().any(|line| line.starts_with(library)),
            "{library}"
        );
    }
    assert!(notices.contains("Permission is hereby granted, free of charge"));
    assert!(
        package
            .unpacked(&format!("{doc}/changelog.gz"))
            .starts_with("siegel-server (")
    );
    assert!(
        package
            .unpacked(&format!("{doc}/NEWS.gz"))
            .starts_with("# Changelog")
    );
    for page in ["install.md", "backup.md", "configuration.md", "upgrade.md"] {
        assert!(package.has(&format!("{doc}/operate/{page}")), "{page}");
    }
    for page in [
        "siegel-server",
        "siegel-server-doctor",
        "siegel-server-restore",
    ] {
        let page = package.unpacked(&format!("usr/share/man/man1/{page}.1.gz"));
        assert!(page.contains(".TH siegel-server"), "{page}");
    }
    for completion in [
        "usr/share/bash-completion/completions/siegel-server",
        "usr/share/zsh/vendor-completions/_siegel-server",
        "usr/share/fish/vendor_completions.d/siegel-server.fish",
    ] {
        assert!(package.text(completion).contains("doctor"), "{completion}");
    }
}

fn scripts(package: &Package) {
    for script in ["postinst", "prerm", "postrm"] {
        let path = package.tree.join("DEBIAN").join(script);
        let content = text(&path);
        assert!(
            content.starts_with("#!/bin/sh\n") && content.contains("\nset -e\n"),
            "{script}"
        );
        run(Command::new("sh").arg("-n").arg(&path));
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755, "{script}");
        // People's messages are not deleted by the way, not even at a purge.
        assert!(
            !content.contains("rm -") && !content.contains("deluser"),
            "{script}"
        );
        for unit in content
            .split_whitespace()
            .filter(|word| word.ends_with(".service"))
        {
            assert!(deploy(unit).exists(), "{script}: {unit}");
        }
    }
    // What the script reads is in the package under that name.
    for folder in ["sysusers.d", "tmpfiles.d"] {
        assert!(package.has(&format!("usr/lib/{folder}/siegel-server.conf")));
    }
    assert_eq!(
        package
            .text("DEBIAN/postinst")
            .matches(" siegel-server.conf\n")
            .count(),
        2
    );
}

fn lintian(package: &Package) {
    let mut lintian = Command::new("lintian");
    lintian.args(["--no-cfg", "--allow-root", "--fail-on", "error,warning"]);
    run(lintian.arg(&package.file));
}

/// The same tree gives the same bytes, so that anybody can check a package against the source.
fn again(package: &Package) {
    let name = package.file.file_name().unwrap();
    let first = std::fs::read(&package.file).unwrap();
    let second = Package::build();
    assert_eq!(second.file.file_name().unwrap(), name);
    // The program says where it was built from; everything else must not.
    let differing = differing(&package.tree, &second.tree);
    let program = [
        PathBuf::from("usr/bin/siegel-server"),
        PathBuf::from("DEBIAN/md5sums"),
    ];
    assert!(
        differing.iter().all(|path| program.contains(path)),
        "{differing:?}"
    );
    let bytes = std::fs::read(&second.file).unwrap();
    assert!(
        !differing.is_empty() || first == bytes,
        "the same files in other packages"
    );
}

fn differing(one: &Path, other: &Path) -> Vec<PathBuf> {
    let mut differing = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(one.join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if one.join(&path).is_dir() {
                folders.push(path);
            } else if std::fs::read(one.join(&path)).ok() != std::fs::read(other.join(&path)).ok() {
                differing.push(path);
            }
        }
    }
    differing
}
