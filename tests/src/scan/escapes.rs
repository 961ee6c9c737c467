//! How text is escaped in addresses, logs, mail and web formats.

/// Each way of escaping the text, by name.
pub fn of(text: &str) -> Vec<(&'static str, String)> {
    let list: Vec<String> = text.bytes().map(|byte| byte.to_string()).collect();
    let percent = bytewise(text, unreserved, |byte| format!("%{byte:02X}"));
    vec![
        (
            "percent, lower case",
            bytewise(text, unreserved, |byte| format!("%{byte:02x}")),
        ),
        ("percent, twice", percent.replace('%', "%25")),
        ("form", percent.replace("%20", "+")),
        ("percent", percent),
        (
            "percent, every byte",
            bytewise(text, none, |byte| format!("%{byte:02X}")),
        ),
        (
            "percent, every byte, lower case",
            bytewise(text, none, |byte| format!("%{byte:02x}")),
        ),
        (
            "json",
            unitwise(text, plain, |unit| format!("\\u{unit:04x}")),
        ),
        (
            "JSON",
            unitwise(text, plain, |unit| format!("\\u{unit:04X}")),
        ),
        (
            "json, every letter",
            unitwise(text, none, |unit| format!("\\u{unit:04x}")),
        ),
        (
            "JSON, every letter",
            unitwise(text, none, |unit| format!("\\u{unit:04X}")),
        ),
        (
            "rust debug",
            charwise(text, plain, |c| format!("\\u{{{c:x}}}")),
        ),
        ("html decimal", charwise(text, plain, |c| format!("&#{c};"))),
        ("html hex", charwise(text, plain, |c| format!("&#x{c:x};"))),
        ("html HEX", charwise(text, plain, |c| format!("&#x{c:X};"))),
        (
            "html decimal, every letter",
            charwise(text, none, |c| format!("&#{c};")),
        ),
        (
            "html hex, every letter",
            charwise(text, none, |c| format!("&#x{c:x};")),
        ),
        (
            "html HEX, every letter",
            charwise(text, none, |c| format!("&#x{c:X};")),
        ),
        (
            "quoted-printable",
            bytewise(text, plain, |byte| format!("={byte:02X}")),
        ),
        (
            "quoted-printable, every byte",
            bytewise(text, none, |byte| format!("={byte:02X}")),
        ),
        (
            "header",
            bytewise(text, plain, |byte| format!("={byte:02X}")).replace(' ', "_"),
        ),
        (
            "\\x",
            bytewise(text, plain, |byte| format!("\\x{byte:02x}")),
        ),
        (
            "\\X",
            bytewise(text, plain, |byte| format!("\\x{byte:02X}")),
        ),
        (
            "\\x, every byte",
            bytewise(text, none, |byte| format!("\\x{byte:02x}")),
        ),
        (
            "octal",
            bytewise(text, plain, |byte| format!("\\{byte:03o}")),
        ),
        ("list of numbers", list.join(", ")),
        ("list of numbers, tight", list.join(",")),
    ]
}

fn none(_: u8) -> bool {
    false
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte == b' '
}

fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)
}

fn bytewise(text: &str, keep: fn(u8) -> bool, escape: impl Fn(u8) -> String) -> String {
    let pieces = text.bytes().map(|byte| {
        if keep(byte) {
            char::from(byte).into()
        } else {
            escape(byte)
        }
    });
    pieces.collect()
}

fn charwise(text: &str, keep: fn(u8) -> bool, escape: impl Fn(u32) -> String) -> String {
    let pieces = text.chars().map(|c| match u8::try_from(u32::from(c)) {
        Ok(byte) if c.is_ascii() && keep(byte) => c.into(),
        _ => escape(u32::from(c)),
    });
    pieces.collect()
}

/// Characters beyond the basic plane are two escapes.
fn unitwise(text: &str, keep: fn(u8) -> bool, escape: impl Fn(u16) -> String) -> String {
    let mut escaped = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() && keep(byte) => escaped.push(char::from(byte)),
            _ => escaped.push_str(&escape(unit)),
        }
    }
    escaped
}
