//! What each setting means: the reference for operators is written from here.

use std::fmt::Write as _;

use figment::value::Value;

use crate::config::Config;

/// Every setting and its meaning, in the order of the reference. Defaults and variables are
/// not repeated here: they follow from [`Config::default`] and the key.
pub const SETTINGS: [(&str, &str); 39] = [
    (
        "data_dir",
        "Where database, blobs and ballast lie. Made with mode 0700 if missing. One relay at a \
         time.",
    ),
    (
        "database",
        "`postgres://user:password@host/name`; empty: SQLite in `data_dir`. See \
         [scale.md](scale.md). Printed and logged nowhere.",
    ),
    (
        "database_file",
        "A file that holds `database`, instead of it; for systemd's credentials.",
    ),
    (
        "nats",
        "`nats://user:password@host:4222` or `tls://…`: relays on one database wake each other \
         through this broker; empty: through the database. See [scale.md](scale.md). Printed \
         and logged nowhere.",
    ),
    ("nats_file", "A file that holds `nats`, instead of it."),
    (
        "blob_dir",
        "Where attachments lie; empty: `blobs` in `data_dir`. Several relays on one database \
         share it. Beside `blob_store` only what `migrate-blobs` reads.",
    ),
    (
        "blob_store.endpoint",
        "`https://s3.example.org`: attachments lie in a bucket of this object store, which speaks \
         S3; empty: in a folder. See [object-storage.md](object-storage.md).",
    ),
    (
        "blob_store.region",
        "The region of the bucket, as the provider calls it.",
    ),
    (
        "blob_store.bucket",
        "The bucket. It is the relay's alone, or of all relays on one database.",
    ),
    (
        "blob_store.access_key",
        "The name of the key. Printed and logged nowhere.",
    ),
    (
        "blob_store.access_key_file",
        "A file that holds `blob_store.access_key`, instead of it.",
    ),
    (
        "blob_store.secret_key",
        "The secret half of the key. Printed and logged nowhere.",
    ),
    (
        "blob_store.secret_key_file",
        "A file that holds `blob_store.secret_key`, instead of it.",
    ),
    (
        "listen",
        "Address and port, or `unix:` and the full path of a socket for a reverse proxy. Without \
         TLS only loopback or a socket is allowed. The socket gets mode 0660; its folder must \
         exist; one that a dead relay left is replaced.",
    ),
    (
        "public_url",
        "How people reach the relay: scheme and host, no slash at the end. Stands in links; \
         browsers' sockets must come from it. Empty: the listen address; with a Unix socket it \
         must be set.",
    ),
    (
        "tls.certificate",
        "Certificate chain, PEM. Together with the key or not at all.",
    ),
    ("tls.key", "Its private key, PEM."),
    (
        "tls.acme.domains",
        "Names for which the relay orders certificates by itself, and renews them; instead of \
         `tls.certificate`. Setting them agrees to the authority's terms. See \
         [install.md](install.md).",
    ),
    (
        "tls.acme.contact",
        "A mail address the authority may write to; empty: none.",
    ),
    (
        "tls.acme.directory",
        "The authority's ACME directory; empty: that of Let's Encrypt, which is in the USA.",
    ),
    (
        "tls.acme.ca_file",
        "Whom to trust for that directory, PEM, besides those the machine trusts; for an authority \
         of your own.",
    ),
    ("limits.connections", "Connections at once, at least 1."),
    (
        "limits.connections_per_source",
        "Connections at once from an IPv4 address or an IPv6 /64, at least 1. Behind a proxy all \
         come from one.",
    ),
    (
        "limits.seat.per_second",
        "Entries per second of one seat, in the long run; also other requests of a guest. At \
         least 1, as all rates.",
    ),
    ("limits.seat.burst", "Entries at once after a pause."),
    (
        "limits.account.per_second",
        "Other requests per second of one staff account.",
    ),
    ("limits.account.burst", "Requests at once after a pause."),
    (
        "limits.source.per_second",
        "Requests per second of one source that has proved nothing; also new sockets and \
         everything over HTTP: claims and attachments.",
    ),
    ("limits.source.burst", "Requests at once after a pause."),
    (
        "limits.queued_bytes",
        "Bytes of payload that wait in memory to be stored. At least 1 MiB.",
    ),
    ("limits.blob_bytes", "Bytes of all attachments together."),
    (
        "limits.database_bytes",
        "Bytes of the database; 0: what the disk holds.",
    ),
    (
        "limits.ballast_bytes",
        "A file of nothing that is given back when the disk is full, because deleting needs \
         space too. 0: none.",
    ),
    (
        "retention.sweep_minutes",
        "Minutes between two deletions of what has expired, at least 1.",
    ),
    (
        "backup.dir",
        "The folder backups go to, best on another disk. Empty: none are made.",
    ),
    (
        "backup.recipients",
        "Public keys of backups, `age1…`; any one's secret half opens them. See \
         [backup.md](backup.md).",
    ),
    (
        "metrics.listen",
        "Address and port of the operator's numbers, on loopback alone. Empty: not served. See \
         [monitoring.md](monitoring.md).",
    ),
    (
        "log.level",
        "`error`, `warn`, `info`, `debug` or `trace`. No level names people, rooms or addresses.",
    ),
    ("log.json", "One JSON object per line instead of text."),
];

/// The reference as a table in Markdown.
pub fn table() -> String {
    let mut table =
        String::from("| key | variable | default | meaning |\n| --- | --- | --- | --- |\n");
    let defaults = Value::serialize(Config::default()).ok();
    for (key, meaning) in SETTINGS {
        let default = defaults.as_ref().and_then(|all| all.find_ref(key));
        let default = default.map_or_else(String::new, written);
        // Writing to a string does not fail.
        writeln!(
            table,
            "| `{key}` | `{}` | {default} | {meaning} |",
            variable(key)
        )
        .ok();
    }
    table
}

/// The name of the environment's variable for a setting.
pub fn variable(key: &str) -> String {
    format!("SIEGEL_{}", key.replace('.', "__").to_uppercase())
}

fn written(value: &Value) -> String {
    const UNITS: [(u128, &str); 2] = [(1 << 30, "GiB"), (1 << 20, "MiB")];
    match value {
        Value::String(_, text) if text.is_empty() => "empty".to_owned(),
        Value::String(_, text) => format!("`{text}`"),
        Value::Array(_, all) if all.is_empty() => "`[]`".to_owned(),
        Value::Bool(_, value) => value.to_string(),
        Value::Num(_, number) => {
            let number = number.to_u128().unwrap_or(0);
            let unit = UNITS
                .iter()
                .find(|(size, _)| number > 0 && number % size == 0);
            unit.map_or_else(
                || number.to_string(),
                |(size, name)| format!("{number} ({} {name})", number / size),
            )
        }
        _ => String::new(),
    }
}
