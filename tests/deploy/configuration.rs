//! The reference and the example of the relay's settings follow the code.

use siegel_server::config::Config;
use siegel_server::settings::{SETTINGS, table};

use crate::{deploy, root, text};

const BEGIN: &str = "<!-- written by: siegel-server settings -->\n\n";
const END: &str = "\n<!-- end -->";

#[test]
fn the_reference_is_what_the_code_says() {
    let page = text(&root().join("docs/operate/configuration.md"));
    let (_, rest) = page.split_once(BEGIN).expect("the mark before the table");
    let (written, _) = rest.split_once(END).expect("the mark behind the table");
    assert!(
        written == table(),
        "docs/operate/configuration.md is behind the code. Put the output of\n    \
         cargo run --package siegel-server -- settings\nbetween its marks:\n{}",
        table()
    );
}

#[test]
fn the_example_has_every_setting_and_is_in_order() {
    let path = deploy("relay.example.toml");
    Config::load(Some(&path), Default::default()).expect("in order as it is");
    let example = text(&path);
    let mut table = String::new();
    let mut named = Vec::new();
    for line in example.lines() {
        // `#key = value` is a setting that is off; a comment has a space behind its mark.
        let line = line.strip_prefix('#').unwrap_or(line);
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            table = format!("{name}.");
        } else if let Some((key, _)) = line.split_once(" = ")
            && key
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            named.push(format!("{table}{key}"));
        }
    }
    named.sort_unstable();
    let mut all: Vec<&str> = SETTINGS.iter().map(|(key, _)| *key).collect();
    all.sort_unstable();
    assert_eq!(named, all);
}

#[test]
fn what_is_switched_off_in_the_example_can_be_switched_on() {
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("x.pem");
    std::fs::write(&pem, "").unwrap();
    let address = folder.path().join("address");
    std::fs::write(&address, "postgres://siegel:word@database/siegel").unwrap();
    let broker = folder.path().join("broker");
    std::fs::write(&broker, "nats://siegel:word@broker:4222").unwrap();
    let half = folder.path().join("half");
    std::fs::write(&half, "half of a key").unwrap();
    let key = siegel_server::backup::new_key().recipient;
    let on: String = text(&deploy("relay.example.toml"))
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let on = on
        .replace("/etc/siegel/tls/fullchain.pem", pem.to_str().unwrap())
        .replace("/etc/siegel/tls/privkey.pem", pem.to_str().unwrap())
        .replace("unix:/run/siegel/relay.sock", "127.0.0.1:8460")
        .replace("/etc/siegel/database", address.to_str().unwrap())
        .replace("/etc/siegel/nats", broker.to_str().unwrap())
        .replace("/etc/siegel/acme-ca.pem", pem.to_str().unwrap())
        .replace("/etc/siegel/blob-access-key", half.to_str().unwrap())
        .replace("/etc/siegel/blob-secret-key", half.to_str().unwrap())
        .replace("age1…", &key);
    // Certificates come from files or are ordered.
    let (before, rest) = on.split_once("[tls]\n").expect("files");
    let (files, rest) = rest.split_once("[tls.acme]\n").expect("orders");
    let (orders, after) = rest.split_once("\n\n").expect("a next section");
    for tls in [
        format!("[tls]\n{files}"),
        format!("[tls.acme]\n{orders}\n\n"),
    ] {
        let file = folder.path().join("relay.toml");
        std::fs::write(&file, format!("{before}{tls}{after}")).unwrap();
        let config = Config::load(Some(&file), Default::default()).expect("in order");
        assert!(config.has_tls() && config.blob_store.is_set());
        assert_eq!(config.backup.recipients, [key.as_str()]);
        assert_eq!(config.tls.acme.is_set(), tls.starts_with("[tls.acme]"));
    }
}
