//! The chart: values, schema and templates fit together. Helm itself is not in Debian; whoever
//! has it runs `helm lint --strict` as docs/operate/containers.md says.

use std::path::PathBuf;

use serde_json::Value as Json;
use yaml_rust2::Yaml;

use crate::containers::yaml;
use crate::{are_settings, deploy, text};

fn templates() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(deploy("helm/siegel/templates")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What stands between `{{` and `}}`.
fn actions(text: &str) -> Vec<&str> {
    let parts = text.split("{{").skip(1);
    parts
        .map(|part| {
            part.split_once("}}")
                .expect("closed")
                .0
                .trim_matches(['-', ' '])
        })
        .collect()
}

#[test]
fn every_value_that_is_asked_for_is_there_and_every_one_is_asked_for() {
    let values = yaml("helm/siegel/values.yaml");
    let mut asked = Vec::new();
    for file in templates() {
        let template = text(&file);
        for action in actions(&template) {
            for path in action.split(".Values.").skip(1) {
                let end = path.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
                let path = &path[..end.unwrap_or(path.len())];
                let mut value = &values;
                for name in path.split('.') {
                    value = &value[name];
                    assert!(!value.is_badvalue(), "{}: .Values.{path}", file.display());
                }
                asked.push(path.to_owned());
            }
        }
    }
    let mut leaves = Vec::new();
    collect("", &values, &mut leaves);
    for leaf in leaves {
        let used = asked
            .iter()
            .any(|path| leaf == *path || leaf.starts_with(&format!("{path}.")));
        assert!(used, "{leaf} changes nothing");
    }
}

fn collect(prefix: &str, value: &Yaml, leaves: &mut Vec<String>) {
    match value.as_hash() {
        Some(table) if !table.is_empty() => {
            for (name, value) in table {
                let dot = if prefix.is_empty() { "" } else { "." };
                collect(
                    &format!("{prefix}{dot}{}", name.as_str().unwrap()),
                    value,
                    leaves,
                );
            }
        }
        _ => leaves.push(prefix.to_owned()),
    }
}

#[test]
fn the_schema_knows_every_value_and_asks_for_what_must_be_set() {
    let schema: Json =
        serde_json::from_str(&text(&deploy("helm/siegel/values.schema.json"))).unwrap();
    let values = yaml("helm/siegel/values.yaml");
    for (name, value) in values.as_hash().unwrap() {
        let name = name.as_str().unwrap();
        let mut rule = &schema["properties"][name];
        if let Some(reference) = rule["$ref"].as_str() {
            rule = &schema["definitions"][reference.rsplit('/').next().unwrap()];
        }
        let kind = rule["type"]
            .as_str()
            .unwrap_or_else(|| panic!("{name} has no rule"));
        let fits = match kind {
            "string" => value.as_str().is_some(),
            "object" => value.as_hash().is_some(),
            "array" => value.as_vec().is_some(),
            _ => false,
        };
        assert!(fits, "{name} is no {kind}");
        if let (Some(table), Some(rules)) = (value.as_hash(), rule["properties"].as_object()) {
            for inner in table.keys().map(|key| key.as_str().unwrap()) {
                assert!(rules.contains_key(inner), "{name}.{inner} has no rule");
            }
        }
    }
    for must in ["publicUrl", "tls"] {
        assert!(
            schema["required"]
                .as_array()
                .unwrap()
                .contains(&must.into())
        );
    }
}

#[test]
fn blocks_are_closed_and_what_is_included_is_defined() {
    let all: Vec<String> = templates().iter().map(|file| text(file)).collect();
    let defined: Vec<&str> = all
        .iter()
        .flat_map(|template| actions(template))
        .filter_map(|action| action.strip_prefix("define \"")?.split('"').next())
        .collect();
    for (file, template) in templates().iter().zip(&all) {
        let mut open = 0;
        for action in actions(template) {
            let word = action.split_whitespace().next().unwrap();
            match word {
                "if" | "with" | "range" | "define" => open += 1,
                "end" => open -= 1,
                _ => {}
            }
            if let Some(name) = action.split("include \"").nth(1) {
                let name = name.split('"').next().unwrap();
                assert!(defined.contains(&name), "{}: {name}", file.display());
            }
        }
        assert_eq!(open, 0, "{}", file.display());
        are_settings(file);
    }
}

/// The relay's pod is one, is shut in, and its probes and ports meet what the relay serves.
#[test]
fn the_pod_is_shut_in_and_asked_where_it_answers() {
    let relay = text(&deploy("helm/siegel/templates/relay.yaml"));
    for line in [
        "replicas: 1",
        "automountServiceAccountToken: false",
        "path: /readyz",
        "path: /healthz",
        "scheme: HTTPS",
        "containerPort: 8443",
        "value: \"[::]:8443\"",
        "args: [run]",
    ] {
        assert!(relay.contains(line), "{line}");
    }
    let names = text(&deploy("helm/siegel/templates/_names.tpl"));
    for line in [
        "runAsNonRoot: true",
        "runAsUser: 65532",
        "type: RuntimeDefault",
        "allowPrivilegeEscalation: false",
        "readOnlyRootFilesystem: true",
        "drop: [ALL]",
    ] {
        assert!(names.contains(line), "{line}");
    }
    assert!(text(&deploy("Containerfile")).contains("USER 65532:65532"));
    assert!(text(&deploy("helm/siegel/templates/network.yaml")).contains("egress: []"));
    let chart = yaml("helm/siegel/Chart.yaml");
    assert_eq!(
        chart["appVersion"].as_str(),
        Some(env!("CARGO_PKG_VERSION"))
    );
}
