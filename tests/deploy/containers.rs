//! Container, compose file and alerts, read as their tools read them. No container is built
//! here: that takes the bases from a registry. What was tried by hand with others in their
//! place docs/operate/containers.md tells.

use std::collections::BTreeMap;

use yaml_rust2::{Yaml, YamlLoader};

use crate::{are_settings, deploy, root, text};

/// The one document of a file of `deploy`.
pub fn yaml(name: &str) -> Yaml {
    let documents = YamlLoader::load_from_str(&text(&deploy(name)));
    let documents = documents.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(documents.len(), 1, "{name}");
    documents.into_iter().next().unwrap()
}

fn names(table: &Yaml) -> Vec<&str> {
    let table = table
        .as_hash()
        .map(|table| table.keys().filter_map(Yaml::as_str).collect());
    table.unwrap_or_default()
}

fn strings(list: &Yaml) -> Vec<&str> {
    let list = list
        .as_vec()
        .map(|list| list.iter().filter_map(Yaml::as_str).collect());
    list.unwrap_or_default()
}

/// What a service says, with what it takes over from an anchor.
fn said<'y>(service: &'y Yaml, name: &str) -> &'y Yaml {
    let own = &service[name];
    if own.is_badvalue() {
        &service["<<"][name]
    } else {
        own
    }
}

/// Variables of a service, with those it takes over.
fn environment(service: &Yaml) -> BTreeMap<&str, &str> {
    let own = &service["environment"];
    let tables = [&own["<<"], own].into_iter().filter_map(Yaml::as_hash);
    let pairs = tables.flat_map(|table| table.iter());
    pairs
        .filter_map(|(name, value)| Some((name.as_str()?, value.as_str()?)))
        .collect()
}

/// Names that are used and declared, each of them both.
fn are_the_same(what: &str, mut used: Vec<&str>, mut declared: Vec<&str>) {
    used.sort_unstable();
    used.dedup();
    declared.sort_unstable();
    assert_eq!(used, declared, "{what}");
}

#[test]
fn the_compose_files_shut_their_containers_in_and_refer_to_what_there_is() {
    for (file, caddyfile, relays) in [
        ("compose.yaml", "Caddyfile", vec!["relay"]),
        (
            "compose.postgres.yaml",
            "Caddyfile.several",
            vec!["one", "two"],
        ),
    ] {
        let compose = yaml(file);
        are_settings(&deploy(file));
        let services = &compose["services"];
        let (mut volumes, mut secrets, mut networks) = (Vec::new(), Vec::new(), Vec::new());
        for name in names(services) {
            let service = &services[name];
            assert_eq!(said(service, "read_only").as_bool(), Some(true), "{name}");
            assert_eq!(strings(said(service, "cap_drop")), ["ALL"], "{name}");
            let security = strings(said(service, "security_opt"));
            assert_eq!(security, ["no-new-privileges:true"], "{name}");
            // The policy with which every podman-restart starts them again with the machine.
            assert_eq!(said(service, "restart").as_str(), Some("always"), "{name}");
            for mount in strings(said(service, "volumes")) {
                let from = mount.split(':').next().unwrap();
                match from.strip_prefix("./") {
                    Some(file) => assert!(deploy(file).is_file(), "{mount}"),
                    None => volumes.push(from),
                }
            }
            secrets.extend(strings(said(service, "secrets")));
            networks.extend(strings(said(service, "networks")));
            for other in strings(said(service, "depends_on")) {
                assert!(names(services).contains(&other), "{name} waits for {other}");
            }
        }
        are_the_same("volumes", volumes, names(&compose["volumes"]));
        are_the_same("secrets", secrets, names(&compose["secrets"]));
        let left_out = text(&root().join(".dockerignore"));
        for secret in names(&compose["secrets"]) {
            let line = format!("deploy/{secret}");
            assert!(left_out.lines().any(|left| left == line), "{line}");
            // Each has to be readable for the one user of its container, and for nobody else.
            let head = text(&deploy(file));
            for begins in ["#     chown ", "#     chmod 400 "] {
                let told = head.lines().find(|line| line.starts_with(begins));
                let told = told.is_some_and(|line| line.split_whitespace().any(|w| w == secret));
                assert!(told, "{file}: {secret}");
            }
        }
        are_the_same("networks", networks, names(&compose["networks"]));

        let caddy = text(&deploy(caddyfile));
        let proxy = &services["proxy"];
        let mounted = strings(&proxy["volumes"]);
        assert!(mounted.contains(&format!("./{caddyfile}:/etc/caddy/Caddyfile:ro").as_str()));
        // What its program is marked with, or it would not start; nothing that opens the socket's
        // folder to it.
        assert_eq!(strings(&proxy["cap_add"]), ["NET_BIND_SERVICE"]);
        for name in relays {
            let relay = &services[name];
            let settings = environment(relay);
            // Both ends of the socket are in one place, and its group is the relay's.
            let socket = settings["SIEGEL_LISTEN"].strip_prefix("unix:").unwrap();
            assert!(caddy.contains(&format!(" unix/{socket}")), "{socket}");
            assert!(strings(&relay["volumes"]).contains(&"socket:/run/siegel"));
            assert!(mounted.contains(&"socket:/run/siegel"));
            let user = said(relay, "user").as_str().unwrap();
            assert_eq!(
                user.split_once(':').unwrap().1,
                strings(&proxy["group_add"])[0]
            );
            // The name in the settings is the proxy's.
            let host = settings["SIEGEL_PUBLIC_URL"]
                .strip_prefix("https://")
                .unwrap();
            assert!(caddy.contains(&format!("\n{host} {{\n")), "{host}");
            // Out of here leads nothing, or the way to database and broker alone.
            let alone = said(relay, "network_mode").as_str() == Some("none");
            let database = strings(said(relay, "networks")) == ["data"]
                && compose["networks"]["data"]["internal"].as_bool() == Some(true);
            assert!(alone || database, "{name}");
            let build = said(relay, "build")["dockerfile"].as_str();
            assert_eq!(build, Some("deploy/Containerfile"));
        }
    }
}

#[test]
fn the_settings_of_the_compose_files_start_a_relay() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("database-address");
    std::fs::write(&address, "postgres://siegel:word@database/siegel\n").unwrap();
    let broker = folder.path().join("broker-address");
    std::fs::write(&broker, "nats://relay:word@broker:4222\n").unwrap();
    let (alone, several) = (yaml("compose.yaml"), yaml("compose.postgres.yaml"));
    for relay in [
        &alone["services"]["relay"],
        &several["services"]["one"],
        &several["services"]["two"],
    ] {
        let mut lines = String::new();
        for (name, value) in environment(relay) {
            let key = name
                .strip_prefix("SIEGEL_")
                .unwrap()
                .to_lowercase()
                .replace("__", ".");
            // As the environment: every value is text, and numbers are read out of it.
            lines.push_str(&match value.parse::<u32>() {
                Ok(number) => format!("{key} = {number}\n"),
                Err(_) => format!("{key} = \"{value}\"\n"),
            });
        }
        let lines = (lines.replace("/run/secrets/database-address", address.to_str().unwrap()))
            .replace("/run/secrets/broker-address", broker.to_str().unwrap());
        let file = folder.path().join("relay.toml");
        std::fs::write(&file, lines).unwrap();
        let config = siegel_server::config::Config::load(Some(&file), Default::default());
        let config = config.expect("in order");
        assert_eq!(
            config.limits.connections_per_source,
            config.limits.connections
        );
    }
}

#[test]
fn the_container_is_made_of_what_there_is_and_runs_as_nobody() {
    let file = text(&deploy("Containerfile"));
    let lines: Vec<&str> = (file.lines())
        .filter(|line| !line.starts_with('#'))
        .collect();
    let words = |begins: &str| -> Vec<&str> {
        let found = lines.iter().filter_map(|line| line.strip_prefix(begins));
        found.flat_map(str::split_whitespace).collect()
    };
    assert_eq!(words("USER "), ["65532:65532"]);
    assert_eq!(words("ENTRYPOINT "), ["[\"/usr/bin/siegel-server\"]"]);
    for path in file
        .split_whitespace()
        .filter(|word| word.starts_with("deploy/"))
    {
        assert!(root().join(path).is_file(), "{path}");
    }
    // Owners are those of the folder that is copied: what is the relay's own is where its volumes
    // lie, and no more.
    assert!(!file.contains("--chown"));
    let makes = file.replace("\\\n", " ");
    let own: Vec<&str> = (makes.split("&&"))
        .filter_map(|part| part.trim().strip_prefix("install -d -o 65532 -g 65532 -m "))
        .flat_map(|part| part.lines().next().unwrap().split_whitespace().skip(1))
        .collect();
    for compose in [yaml("compose.yaml"), yaml("compose.postgres.yaml")] {
        for service in names(&compose["services"]) {
            let service = &compose["services"][service];
            if said(service, "user").as_str() != Some("65532:65532") {
                continue;
            }
            for mount in strings(&service["volumes"]) {
                let folder = format!("/out{}", mount.split(':').nth(1).unwrap());
                assert!(own.contains(&folder.as_str()), "{folder}: {own:?}");
            }
        }
    }
    // The toolchain is the workspace's.
    let toolchain = text(&root().join("rust-toolchain.toml"));
    let base = words("FROM ")[0];
    let version = base.split([':', '-']).nth(1).unwrap();
    assert!(
        toolchain.contains(&format!("\"{version}")),
        "{base}: {toolchain}"
    );
    // Nothing of a developer's machine gets in.
    let left_out = text(&root().join(".dockerignore"));
    for name in ["target", ".git", "data", "deploy/*.key"] {
        assert!(left_out.lines().any(|line| line == name), "{name}");
    }
}

#[test]
fn the_alerts_are_rules_and_the_page_explains_them() {
    let alerts = yaml("alerts.yaml");
    let rules = alerts["groups"][0]["rules"].as_vec().unwrap();
    assert!(rules.len() >= 10);
    let page = text(&root().join("docs/operate/monitoring.md"));
    let explained = page.lines().filter(|line| {
        let mut cells = line.split('|').map(str::trim);
        cells.nth(3).is_some_and(|why| why.len() > 20) && !line.contains("`siegel_ready` |")
    });
    assert!(explained.count() >= rules.len());
    let metrics: Vec<String> = (siegel_server::metrics::NAMES.iter())
        .flat_map(|(name, _)| ["", "_total", "_bucket", "_info"].map(|end| format!("{name}{end}")))
        .collect();
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        let expression = rule["expr"].as_str().unwrap();
        let severity = rule["labels"]["severity"].as_str();
        assert!(matches!(severity, Some("page" | "mail")), "{name}");
        assert!(
            rule["annotations"]["summary"]
                .as_str()
                .unwrap()
                .ends_with(['.', 'p']),
            "{name}"
        );
        let open = expression.matches('(').count();
        assert_eq!(open, expression.matches(')').count(), "{name}");
        let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let mut asked = words.filter(|word| word.starts_with("siegel_")).peekable();
        assert!(asked.peek().is_some(), "{name} asks for no metric");
        for metric in asked {
            assert!(
                metrics.iter().any(|known| known == metric),
                "{name}: {metric}"
            );
        }
    }
}
