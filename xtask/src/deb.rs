//! `cargo xtask deb`: the relay as a Debian package.
//!
//! The files come from `deploy`; nothing is written down twice. `dpkg-deb` builds the package,
//! and the same tree gives the same bytes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Outcome};
use crate::{notices, web};

/// What `cargo xtask help` says about this task.
pub const USAGE: &str = "  deb [--binary FILE] [--out DIR]
      Builds the Debian package siegel-server, from a release build with the web app, or
      around a relay's program that is there already. Prints where the package lies.
";

const NAME: &str = "siegel-server";
const MAINTAINER: &str = "The Siegel authors <siegel@siegel.example>";

/// Source below the root, destination in the package; everything here has mode 0644.
const FILES: &[(&str, &str)] = &[
    (
        "deploy/siegel-server.service",
        "usr/lib/systemd/system/siegel-server.service",
    ),
    (
        "deploy/siegel-backup.service",
        "usr/lib/systemd/system/siegel-backup.service",
    ),
    (
        "deploy/siegel-backup.timer",
        "usr/lib/systemd/system/siegel-backup.timer",
    ),
    (
        "deploy/siegel-server.sysusers",
        "usr/lib/sysusers.d/siegel-server.conf",
    ),
    (
        "deploy/siegel-server.tmpfiles",
        "usr/lib/tmpfiles.d/siegel-server.conf",
    ),
    ("deploy/relay.example.toml", "etc/siegel/relay.toml"),
    (
        "deploy/nginx.conf",
        "usr/share/doc/siegel-server/examples/nginx.conf",
    ),
    (
        "deploy/Caddyfile",
        "usr/share/doc/siegel-server/examples/Caddyfile",
    ),
    (
        "deploy/tls.conf",
        "usr/share/doc/siegel-server/examples/tls.conf",
    ),
    (
        "deploy/acme.conf",
        "usr/share/doc/siegel-server/examples/acme.conf",
    ),
    (
        "deploy/object-storage.conf",
        "usr/share/doc/siegel-server/examples/object-storage.conf",
    ),
    (
        "deploy/alerts.yaml",
        "usr/share/doc/siegel-server/examples/alerts.yaml",
    ),
];
const COMPLETIONS: &[(&str, &str)] = &[
    (
        "bash",
        "usr/share/bash-completion/completions/siegel-server",
    ),
    ("zsh", "usr/share/zsh/vendor-completions/_siegel-server"),
    (
        "fish",
        "usr/share/fish/vendor_completions.d/siegel-server.fish",
    ),
];
const SCRIPTS: &[&str] = &["postinst", "prerm", "postrm"];

/// Builds the package.
pub fn deb(args: &[String]) -> Outcome {
    let mut binary = None;
    let mut out = None;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let value = args.next().map(PathBuf::from);
        match (arg.as_str(), value) {
            ("--binary", Some(path)) => binary = Some(path),
            ("--out", Some(path)) => out = Some(path),
            _ => {
                return Err(format!(
                    "unknown option `{arg}`, or its value is missing\n\n{USAGE}"
                ));
            }
        }
    }
    let binary = binary.map_or_else(release, Ok)?;
    let out = out.map_or_else(|| shell::target().map(|target| target.join("deb")), Ok)?;
    let package = build(&binary, &out)?;
    println!("{}", package.display());
    Ok(())
}

fn release() -> Result<PathBuf, String> {
    web::bundle()?;
    let words = [
        "build",
        "--locked",
        "--release",
        "--package",
        NAME,
        "--bin",
        NAME,
    ];
    shell::execute(&mut shell::cargo(&words))?;
    Ok(shell::target()?.join("release").join(NAME))
}

fn build(binary: &Path, out: &Path) -> Result<PathBuf, String> {
    let version = env!("CARGO_PKG_VERSION");
    let architecture = said("dpkg", &["--print-architecture"])?;
    let libc = said("getconf", &["GNU_LIBC_VERSION"])?.replace("glibc ", "");
    let time = time_of_source();
    let tree = out.join(format!("{NAME}_{version}_{architecture}"));
    if tree.exists() {
        fs::remove_dir_all(&tree).map_err(on(&tree))?;
    }
    let root = shell::root();
    let doc = tree.join("usr/share/doc").join(NAME);
    let program = tree.join("usr/bin").join(NAME);
    put(&program, &fs::read(binary).map_err(on(binary))?, 0o755)?;
    for (from, to) in FILES {
        let from = root.join(from);
        put(&tree.join(to), &fs::read(&from).map_err(on(&from))?, 0o644)?;
    }
    manual(binary, &tree.join("usr/share/man/man1"))?;
    for (shell, to) in COMPLETIONS {
        let script = said_by(binary, &["completions", shell])?;
        put(&tree.join(to), script.as_bytes(), 0o644)?;
    }
    pages(&root.join("docs/operate"), &doc.join("operate"))?;
    let header = text(&root.join("deploy/debian/copyright"))?;
    let licence = text(&root.join("LICENSE"))?;
    put(
        &doc.join("copyright"),
        (header + &indented(&licence)).as_bytes(),
        0o644,
    )?;
    let date = said(
        "date",
        &["--utc", "--rfc-email", &format!("--date=@{time}")],
    )?;
    let changelog = format!(
        "{NAME} ({version}) stable; urgency=medium\n\n  * What changes for operators stands in \
         NEWS.gz.\n\n -- {MAINTAINER}  {date}\n"
    );
    for (name, content) in [
        ("changelog", changelog),
        ("NEWS", text(&root.join("CHANGELOG.md"))?),
        ("third-party", notices::of(NAME)?),
    ] {
        let file = doc.join(name);
        put(&file, content.as_bytes(), 0o644)?;
        compress(&file)?;
    }
    control(&tree, version, &architecture, &libc)?;
    date_everything(&tree, &time)?;
    let package = out.join(format!("{NAME}_{version}_{architecture}.deb"));
    let mut command = Command::new("dpkg-deb");
    command.env("SOURCE_DATE_EPOCH", &time);
    command.args(["--root-owner-group", "-Zxz", "--build"]);
    shell::execute(command.arg(&tree).arg(&package))?;
    Ok(package)
}

/// The control files: made last, because they tell size and sums of everything else.
fn control(tree: &Path, version: &str, architecture: &str, libc: &str) -> Outcome {
    let mut files = Vec::new();
    walk(tree, &mut files)?;
    let mut bytes = 0;
    let mut sums = Command::new("md5sum");
    sums.current_dir(tree);
    for file in &files {
        bytes += fs::metadata(file).map_err(on(file))?.len();
        let name = file.strip_prefix(tree).unwrap_or(file);
        if !name.starts_with("etc") {
            sums.arg(name);
        }
    }
    let sums = sums.output().map_err(|error| format!("md5sum: {error}"))?;
    let templates = shell::root().join("deploy/debian");
    let mut control = text(&templates.join("control"))?;
    for (mark, value) in [
        ("@VERSION@", version),
        ("@ARCHITECTURE@", architecture),
        ("@LIBC@", libc),
        ("@MAINTAINER@", MAINTAINER),
        ("@SIZE@", &bytes.div_ceil(1024).to_string()),
    ] {
        control = control.replace(mark, value);
    }
    let folder = tree.join("DEBIAN");
    put(&folder.join("control"), control.as_bytes(), 0o644)?;
    put(&folder.join("md5sums"), &sums.stdout, 0o644)?;
    let conffiles = text(&templates.join("conffiles"))?;
    put(&folder.join("conffiles"), conffiles.as_bytes(), 0o644)?;
    for script in SCRIPTS {
        let content = text(&templates.join(script))?;
        put(&folder.join(script), content.as_bytes(), 0o755)?;
    }
    Ok(())
}

fn manual(binary: &Path, folder: &Path) -> Outcome {
    make(folder)?;
    let mut command = Command::new(binary);
    shell::execute(command.arg("man").arg(folder))?;
    let mut pages = Vec::new();
    walk(folder, &mut pages)?;
    for page in pages {
        fs::set_permissions(&page, fs::Permissions::from_mode(0o644)).map_err(on(&page))?;
        compress(&page)?;
    }
    Ok(())
}

/// The pages for operators, without those that only link elsewhere in the source.
fn pages(from: &Path, to: &Path) -> Outcome {
    for entry in fs::read_dir(from).map_err(on(from))? {
        let path = entry.map_err(on(from))?.path();
        if let (Some("md"), Some(name)) = (ending(&path), path.file_name()) {
            put(&to.join(name), &fs::read(&path).map_err(on(&path))?, 0o644)?;
        }
    }
    Ok(())
}

fn ending(path: &Path) -> Option<&str> {
    path.extension()?.to_str()
}

/// A text as the licence of a copyright file: one space before each line, a dot for none.
fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| match line.trim_end() {
        "" => " .\n".to_owned(),
        line => format!(" {line}\n"),
    });
    lines.collect()
}

/// Seconds since 1970 of the last commit, or the first day of a year where there is no git.
fn time_of_source() -> String {
    let root = shell::root();
    let root = root.to_string_lossy();
    let time = shell::output_of("git", &["-C", &root, "log", "-1", "--format=%ct"]);
    time.map_or_else(|| "1767225600".to_owned(), |time| time.trim().to_owned())
}

fn put(path: &Path, content: &[u8], mode: u32) -> Outcome {
    if let Some(folder) = path.parent() {
        make(folder)?;
    }
    fs::write(path, content).map_err(on(path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(on(path))
}

/// Makes a folder and those above it, readable for all whatever the umask of the caller.
fn make(folder: &Path) -> Outcome {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|path| !path.exists())
        .collect();
    for path in missing.into_iter().rev() {
        fs::create_dir(path).map_err(on(path))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(on(path))?;
    }
    Ok(())
}

fn compress(file: &Path) -> Outcome {
    // Without name and time, so that the same text gives the same bytes.
    shell::execute(Command::new("gzip").args(["-9nf"]).arg(file))
}

fn date_everything(tree: &Path, time: &str) -> Outcome {
    let mut find = Command::new("find");
    find.arg(tree).args(["-exec", "touch", "--no-dereference"]);
    shell::execute(find.arg(format!("--date=@{time}")).args(["{}", "+"]))
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    let entries = fs::read_dir(folder).map_err(on(folder))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(on(folder))?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(on(path))
}

fn said(program: &str, args: &[&str]) -> Result<String, String> {
    said_by(Path::new(program), args).map(|text| text.trim().to_owned())
}

fn said_by(program: &Path, args: &[&str]) -> Result<String, String> {
    let program = program.to_string_lossy();
    let output = shell::output_of(&program, args);
    output.ok_or_else(|| format!("`{program} {}` failed", args.join(" ")))
}

fn on(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}
