//! What a received file may be called when it is saved.
//!
//! A file's name is text somebody else wrote. Nothing of it may choose a folder, a device
//! or a stream, or hide what the file will open as.

use crate::unicode::{cut, is_hidden, single_spaced};

/// Leaves room for what a browser appends: "name (1).pdf.crdownload".
const MAX_BYTES: usize = 160;
const MAX_EXTENSION_BYTES: usize = 20;
const UNNAMED: &str = "Datei";

/// Names Windows takes for devices, with any extension; beside `com` and `lpt` with a digit.
const DEVICES: [&str; 7] = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];

/// Extensions that run, install, mount or script when opened.
const ACTIVE: [&str; 69] = [
    "apk",
    "app",
    "appimage",
    "appref-ms",
    "application",
    "bat",
    "cab",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "deb",
    "desktop",
    "diagcab",
    "dmg",
    "docm",
    "dotm",
    "exe",
    "gadget",
    "hta",
    "htm",
    "html",
    "img",
    "inf",
    "ins",
    "iqy",
    "iso",
    "jar",
    "jnlp",
    "js",
    "jse",
    "library-ms",
    "lnk",
    "mht",
    "msc",
    "msi",
    "msix",
    "msp",
    "one",
    "pif",
    "pkg",
    "pptm",
    "ps1",
    "ps1xml",
    "py",
    "reg",
    "rpm",
    "run",
    "scf",
    "scr",
    "search-ms",
    "settingcontent-ms",
    "sh",
    "slk",
    "svg",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "webloc",
    "wsf",
    "wsh",
    "xhtml",
    "xll",
    "xlsm",
    "xml",
];

/// A name that is safe to save under, in whatever folder the person chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// Makes a safe name of whatever was sent. Never fails and never gives an empty name.
    #[must_use]
    pub fn clean(sent: &str) -> Self {
        let shown: String = sent.chars().filter(|c| !is_hidden(*c)).map(plain).collect();
        let last = shown.rsplit(['/', '\\']).next().unwrap_or_default();
        let spelled: String = last.chars().map(spell).collect();
        let name = trim(&single_spaced(&spelled));
        let name = if name.is_empty() {
            UNNAMED.to_owned()
        } else {
            name
        };
        Self(avoid_devices(shorten(&name)))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the system will open the file by: show it apart from the name.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        split(&self.0).1
    }

    /// Whether opening the file may run something. Warn, and never open it inside the app.
    #[must_use]
    pub fn is_active(&self) -> bool {
        let extension = self.extension().map(str::to_lowercase);
        extension.is_some_and(|extension| ACTIVE.contains(&extension.as_str()))
    }
}

impl std::fmt::Display for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Full-width forms and look-alikes of separators, which some systems map to the plain
/// ones after everybody has checked the name.
fn plain(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => '/',
        '\u{2216}' | '\u{29f5}' | '\u{29f9}' => '\\',
        '\u{2024}' => '.',
        '\u{a789}' | '\u{2236}' => ':',
        other => other,
    }
}

/// What Windows forbids; the colon would name an alternate data stream.
fn spell(character: char) -> char {
    if matches!(character, '<' | '>' | ':' | '"' | '|' | '?' | '*') {
        '_'
    } else {
        character
    }
}

/// No hidden file, no option of a command, no end that Windows cuts off.
fn trim(name: &str) -> String {
    let name = name
        .trim_start_matches(['.', ' ', '-', '~'])
        .trim_end_matches(['.', ' ']);
    name.to_owned()
}

/// Shortens the stem, so that the extension stays what it is.
fn shorten(name: &str) -> String {
    if name.len() <= MAX_BYTES {
        return name.to_owned();
    }
    match split(name) {
        (stem, Some(extension)) => {
            let stem = trim(cut(stem, MAX_BYTES - 1 - extension.len()));
            format!("{stem}.{extension}")
        }
        (stem, None) => trim(cut(stem, MAX_BYTES)),
    }
}

fn split(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && !extension.is_empty()
                && extension.len() <= MAX_EXTENSION_BYTES =>
        {
            (stem, Some(extension))
        }
        _ => (name, None),
    }
}

fn avoid_devices(name: String) -> String {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_lowercase();
    let port = stem.strip_prefix("com").or(stem.strip_prefix("lpt"));
    // The superscripts count as digits there.
    let is_port = port.is_some_and(|number| {
        let mut digits = number.chars();
        digits
            .next()
            .is_some_and(|digit| digit.is_ascii_digit() || "¹²³".contains(digit))
            && digits.next().is_none()
    });
    if is_port || DEVICES.contains(&stem.as_str()) {
        format!("_{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(sent: &str) -> String {
        FileName::clean(sent).to_string()
    }

    #[test]
    fn ordinary_names_stay() {
        for name in [
            "Hilfeplan 2026.pdf",
            "Müller, Anna – Bescheid (1).docx",
            "صورة.jpg",
            "写真.png",
        ] {
            assert_eq!(clean(name), name);
        }
    }

    #[test]
    fn attack_59_no_name_leaves_its_folder() {
        for sent in [
            "../../etc/passwd",
            "..\\..\\passwd",
            "C:\\Windows\\passwd",
            "/passwd",
            "\u{ff0e}\u{ff0e}\u{ff0f}passwd",
            "..\u{2215}passwd",
            "a/b\\passwd",
            "\\\\server\\share\\passwd",
        ] {
            assert_eq!(clean(sent), "passwd", "{sent}");
        }
        assert_eq!(clean(".."), "Datei");
        assert_eq!(clean("a/.."), "Datei");
        assert_eq!(clean("a/"), "Datei");
    }

    #[test]
    fn attack_59_nothing_is_hidden_in_a_name() {
        assert_eq!(clean("a\0b.pdf"), "ab.pdf");
        assert_eq!(clean("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(clean("a\u{200b}\u{feff}\u{2066}b\r\n.pdf"), "ab.pdf");
        assert_eq!(
            clean("rechnung.pdf          \u{a0}\u{2003}   .exe"),
            "rechnung.pdf .exe"
        );
        assert_eq!(clean(".htaccess"), "htaccess");
        assert_eq!(clean("-rf"), "rf");
        assert_eq!(clean(""), "Datei");
        assert_eq!(clean("\u{200b}. ."), "Datei");
    }

    #[test]
    fn attack_59_windows_devices_streams_and_endings() {
        for device in [
            "con",
            "NUL",
            "Aux.txt",
            "com1.tar.gz",
            "LPT1 .pdf",
            "COM\u{b9}.txt",
        ] {
            assert!(clean(device).starts_with('_'), "{device}");
        }
        for other in ["console.txt", "com.txt", "com10.txt", "computer.pdf"] {
            assert_eq!(clean(other), other);
        }
        assert_eq!(clean("a.txt:evil.exe"), "a.txt_evil.exe");
        assert_eq!(clean("a.txt::$DATA"), "a.txt__$DATA");
        assert_eq!(clean("a.exe. . ."), "a.exe");
        assert_eq!(clean("a<b>|c?*\".pdf"), "a_b__c___.pdf");
    }

    #[test]
    fn attack_59_a_long_name_keeps_its_extension() {
        let long = FileName::clean(&format!("{}.pdf", "ä".repeat(2048)));
        assert!(long.as_str().len() <= MAX_BYTES);
        assert_eq!(long.extension(), Some("pdf"));
        let no_extension = clean(&"x".repeat(4096));
        assert_eq!(no_extension.len(), MAX_BYTES);
        assert!(clean(&format!("a.{}", "e".repeat(4096))).len() <= MAX_BYTES);
    }

    #[test]
    fn attack_59_the_extension_is_the_one_that_opens() {
        let double = FileName::clean("urlaub.jpg.exe");
        assert_eq!(double.extension(), Some("exe"));
        assert!(double.is_active());
        for active in [
            "a.EXE",
            "a.svg",
            "a.html",
            "a.lnk",
            "a.docm",
            "a.pdf.js",
            "a.\u{ff45}xe",
        ] {
            assert!(FileName::clean(active).is_active(), "{active}");
        }
        for passive in ["a.pdf", "a.jpg", "exe", "a.txt", "a"] {
            assert!(!FileName::clean(passive).is_active(), "{passive}");
        }
    }

    proptest! {
        #[test]
        fn attack_59_whatever_is_sent(sent in "(\\PC|[./\\\\:~ -]|con|\u{202e}){0,300}") {
            let name = FileName::clean(&sent);
            let text = name.as_str();
            prop_assert!(!text.is_empty() && text.len() <= MAX_BYTES + 1);
            prop_assert!(!text.contains(['/', '\\', ':', '\0', '<', '>', '|', '?', '*', '"']));
            prop_assert!(!text.starts_with(['.', '-', '~', ' ']));
            prop_assert!(!text.ends_with(['.', ' ']));
            prop_assert!(!text.chars().any(is_hidden));
            prop_assert_eq!(FileName::clean(text).to_string(), text);
        }
    }
}
