//! Which other machines the relay is told to use, and whether data would leave the EU.
//!
//! Every setting that holds an address with `://` is looked at, so that a new one is not
//! forgotten here.

use std::net::IpAddr;

use figment::value::Value;

use super::Finding;
use crate::blobs::settings::BlobStore;
use crate::config::Config;

/// How people reach the relay: its own name, not somebody else's machine.
const OWN: &str = "public_url";

/// Beginnings of a provider's region that lies outside the EU.
const NOT_EU: [&str; 13] = [
    "us",
    "ca",
    "sa",
    "ap",
    "af",
    "me",
    "il",
    "mx",
    "cn",
    "usgov",
    "asia",
    "australia",
    "uk",
];
/// Regions that are called European and are not in the EU: London and Zurich.
const NOT_EU_EITHER: [&str; 4] = ["eu-west-2", "eu-central-2", "europe-west2", "europe-west6"];

/// Beginnings of regions that providers use for countries of the EU.
const EU: [&str; 10] = [
    "eu", "de", "fr-", "nl-", "it-", "pl-", "fsn1", "nbg1", "hel1", "gra",
];

/// Where a host stands, as far as its name or address tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// This machine.
    Here,
    /// A network of one's own.
    Near,
    /// Its name says: outside the EU.
    NotEu,
    /// Anywhere.
    Unknown,
}

pub(super) fn hosts(config: &Config) -> Vec<Finding> {
    let mut addresses = Vec::new();
    if let Ok(all) = Value::serialize(config) {
        collect("", &all, &mut addresses);
    }
    // These may hold a password and are never written out with the others.
    for (key, secret) in [("database", &config.database), ("nats", &config.nats)] {
        if !secret.is_empty() {
            addresses.push((key.to_owned(), secret.reveal().to_owned()));
        }
    }
    let acme = &config.tls.acme;
    if acme.is_set() && acme.directory.is_empty() {
        addresses.push(("tls.acme.directory".to_owned(), acme.directory().to_owned()));
    }
    let mut findings: Vec<Finding> = (addresses.iter())
        .flat_map(|(key, address)| hosts_of(address).map(move |host| (key, host)))
        .filter(|(_, host)| place_of(host) != Place::Here)
        .map(|(key, host)| finding(key, host))
        .collect();
    findings.extend(region(&config.blob_store));
    if findings.is_empty() {
        findings.push(Finding::good(
            "no outside host is configured: nothing leaves this machine but answers",
        ));
    }
    findings
}

fn finding(key: &str, host: &str) -> Finding {
    let told = format!("{key} sends data to {host}");
    match place_of(host) {
        Place::Here => Finding::good(told),
        Place::Near => Finding::look(
            format!("{told}, in a network of your own"),
            "the connection must be encrypted, and the machine in the EU",
        ),
        Place::NotEu => Finding::bad(
            format!("{told}, which by its name is outside the EU"),
            "use a host in the EU: even ciphertext tells when and how much is exchanged, and a \
             transfer to a third country needs a ground of its own (Art. 44 GDPR)",
        ),
        Place::Unknown => Finding::look(
            told,
            "a name does not tell where a machine stands, nor whose law its owner obeys: have \
             the provider confirm in writing that it is in the EU, and keep a contract by \
             Art. 28 GDPR",
        ),
    }
}

/// Where the provider says the bucket lies. Nothing if the store is this machine or near it.
fn region(store: &BlobStore) -> Option<Finding> {
    let host = hosts_of(&store.endpoint).next().unwrap_or_default();
    if !store.is_set() || matches!(place_of(host), Place::Here | Place::Near) {
        return None;
    }
    let region = store.region.to_ascii_lowercase();
    if is_not_eu(&region) || NOT_EU_EITHER.contains(&region.as_str()) {
        return Some(Finding::bad(
            format!(
                "blob_store.region is {}, where data leaves the EU",
                store.region
            ),
            "use a bucket in the EU: attachments are ciphertext, but when, how many and how large \
             is told, and a transfer to a third country needs a ground of its own (Art. 44 GDPR)",
        ));
    }
    let is_named = EU.iter().any(|begins| region.starts_with(begins));
    (!is_named).then(|| {
        Finding::look(
            format!(
                "blob_store.region is {}, which does not tell whether data leaves the EU",
                store.region
            ),
            "have the provider confirm in writing in which country the bucket lies",
        )
    })
}

/// `us-east-1`, `asia-northeast1`: begins with a place outside and goes on.
fn is_not_eu(region: &str) -> bool {
    let begins = region.split_once('-').map(|(begins, _)| begins);
    begins.is_some_and(|begins| NOT_EU.contains(&begins))
        && region.ends_with(|c: char| c.is_ascii_digit())
}

fn collect(prefix: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(_, text) if text.contains("://") && prefix != OWN => {
            found.push((prefix.to_owned(), text.clone()));
        }
        Value::Dict(_, inner) => {
            for (name, value) in inner {
                let dot = if prefix.is_empty() { "" } else { "." };
                collect(&format!("{prefix}{dot}{name}"), value, found);
            }
        }
        Value::Array(_, inner) => inner.iter().for_each(|value| collect(prefix, value, found)),
        _ => {}
    }
}

/// The hosts of an address, which may name several, without users, passwords and ports.
fn hosts_of(address: &str) -> impl Iterator<Item = &str> {
    (address.split(','))
        .map(|part| part.split_once("://").map_or(part, |(_, rest)| rest))
        .filter_map(|rest| rest.split(['/', '?', '#']).next())
        .map(|part| part.rsplit_once('@').map_or(part, |(_, host)| host))
        .map(host_only)
}

fn host_only(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

/// Where a host stands; a port behind it does not matter.
pub(crate) fn place_of(host: &str) -> Place {
    let host = host
        .parse::<IpAddr>()
        .map_or_else(|_| host_only(host), |_| host);
    if let Ok(address) = host.parse::<IpAddr>() {
        return match address.to_canonical() {
            address if address.is_loopback() => Place::Here,
            IpAddr::V4(v4) if v4.is_private() || v4.is_link_local() => Place::Near,
            IpAddr::V6(v6) if v6.is_unique_local() || v6.is_unicast_link_local() => Place::Near,
            _ => Place::Unknown,
        };
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.is_empty() || host == "localhost" || host.ends_with(".localhost") {
        return Place::Here;
    }
    if NOT_EU_EITHER.iter().any(|region| host.contains(region)) {
        return Place::NotEu;
    }
    let own = [".internal", ".local", ".lan", ".home.arpa", ".svc"];
    if !host.contains('.') || own.iter().any(|ending| host.ends_with(ending)) {
        return Place::Near;
    }
    match host.split('.').any(is_not_eu) {
        true => Place::NotEu,
        false => Place::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_of_an_address_is_seen() {
        let of = |address: &str| hosts_of(address).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            of("postgres://u:p@ss@db-1:5432,db-2/siegel?x=y"),
            ["db-1", "db-2"]
        );
        assert_eq!(of("nats://[fd00::1]:4222,nats://b:4222"), ["fd00::1", "b"]);
        assert_eq!(of("postgres:///siegel"), [""]);
    }

    #[test]
    fn names_and_addresses_tell_where_a_host_stands() {
        for (host, place) in [
            ("localhost", Place::Here),
            ("127.0.0.1:5432", Place::Here),
            ("::1", Place::Here),
            ("", Place::Here),
            ("10.1.2.3", Place::Near),
            ("fd00::1", Place::Near),
            ("db", Place::Near),
            ("nats.siegel.svc", Place::Near),
            ("s3.us-east-1.amazonaws.com", Place::NotEu),
            ("s3.eu-west-2.amazonaws.com", Place::NotEu),
            ("storage.asia-northeast1.example", Place::NotEu),
            ("s3.eu-central-1.amazonaws.com", Place::Unknown),
            ("db.example.org", Place::Unknown),
            ("93.184.216.34", Place::Unknown),
        ] {
            assert_eq!(place_of(host), place, "{host}");
        }
    }

    #[test]
    fn a_relay_on_its_own_sends_nothing_anywhere() {
        let config = Config {
            public_url: "https://chat.us-east-1.example".to_owned(),
            ..Config::default()
        };
        let findings = hosts(&config);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].to_string().contains("no outside host"));
    }

    #[test]
    fn a_shared_database_is_told_without_its_password() {
        let config = Config {
            database: crate::secret::Secret::new(
                "postgres://relay:canary@db.us-east-1.example/siegel".to_owned(),
            ),
            ..Config::default()
        };
        let findings = hosts(&config);
        let told = findings[0].to_string();
        assert!(
            findings[0].is_bad() && told.contains("database sends data to db.us-east-1.example")
        );
        assert!(!told.contains("canary"), "{told}");
    }

    #[test]
    fn a_region_outside_the_eu_is_told_and_an_unknown_one_is_for_a_person() {
        let of = |endpoint: &str, name: &str| {
            region(&BlobStore {
                endpoint: endpoint.to_owned(),
                region: name.to_owned(),
                ..BlobStore::default()
            })
        };
        let far = "https://objects.example.org";
        for outside in [
            "us-east-1",
            "eu-west-2",
            "EU-Central-2",
            "asia-south1",
            "ca-central-1",
        ] {
            let told = of(far, outside).expect("a finding");
            assert!(
                told.is_bad() && told.to_string().contains("leaves the EU"),
                "{told}"
            );
        }
        for inside in ["eu-central-1", "europe-west3", "fr-par", "nbg1", "de"] {
            assert_eq!(of(far, inside), None, "{inside}");
        }
        let unknown = of(far, "garage").expect("a finding");
        assert!(!unknown.is_bad() && unknown.to_string().contains("does not tell"));
        assert_eq!(of("https://10.0.0.3:9000", "garage"), None);
        assert_eq!(of("", ""), None);
    }

    #[test]
    fn settings_are_searched_to_their_leaves() {
        let mut found = Vec::new();
        let inner = Value::from(figment::util::map! { "url" => "nats://10.0.0.1:4222" });
        let settings = Value::from(figment::util::map! { "nats" => inner });
        collect("", &settings, &mut found);
        assert_eq!(
            found,
            [("nats.url".to_owned(), "nats://10.0.0.1:4222".to_owned())]
        );
        let (key, address) = &found[0];
        let told: Vec<Finding> = hosts_of(address).map(|host| finding(key, host)).collect();
        assert!(
            told[0]
                .to_string()
                .contains("nats.url sends data to 10.0.0.1")
        );
        assert!(finding("s3.url", "s3.us-east-1.amazonaws.com").is_bad());
    }
}
