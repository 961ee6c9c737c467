//! Texts people type, paste and send: links, ids, names, addresses, settings.

use siegel_cli::net::address::RelayAddress;
use siegel_client_core::display_name;
use siegel_client_core::file_name::FileName;
use siegel_client_core::link::Link;
use siegel_proto::ids::RoomId;
use siegel_proto::limits;
use siegel_server::config::Config;

use super::{Harness, Target};

const SECRET: &str = "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo";

pub fn targets() -> Vec<Target> {
    vec![
        Target::new("link", 2_500, link),
        Target::new("id_text", 3_000, id_text),
        Target::new("file_name", 2_000, file_name),
        Target::new("display_name", 2_000, display_names),
        Target::new("relay_address", 2_500, relay_address),
        Target::new("relay_config", 200, relay_config),
    ]
}

fn harness(corpus: &[&str], read: impl FnMut(&[u8]) -> bool + 'static) -> Harness {
    Harness {
        corpus: corpus.iter().map(|text| text.as_bytes().to_vec()).collect(),
        read: Box::new(read),
    }
}

fn link() -> Harness {
    let links = ["setup", "staff", "guest", "device"]
        .map(|kind| format!("https://chat.example.org:8443/#{kind}.{SECRET}"));
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    harness(&links, |input| {
        let text = String::from_utf8_lossy(input);
        let Ok(link) = text.parse::<Link>() else {
            return false;
        };
        assert_eq!(link.to_string().parse().as_ref(), Ok(&link));
        assert!(!format!("{link:?}").contains(SECRET));
        true
    })
}

fn id_text() -> Harness {
    let id = RoomId::new([0xab; 16]).to_string();
    harness(&[&id, "AAAAAAAAAAAAAAAAAAAAAA"], |input| {
        let text = String::from_utf8_lossy(input);
        let id = text.parse::<RoomId>();
        // One text per id: two would be two names of one thing in an address.
        assert!(id.is_err() || id.is_ok_and(|id| id.to_string() == text));
        id.is_ok()
    })
}

fn file_name() -> Harness {
    let names = [
        "Bescheid vom 3. Mai.pdf",
        "../../etc/passwd",
        "C:\\windows\\con.txt",
        "photo.jpg\u{202e}gnp.exe",
        "Über\u{0308} die Brücke.tar.gz",
        "a\0b.txt:stream",
        " . .. ",
    ];
    harness(&names, |input| {
        let sent = String::from_utf8_lossy(input);
        let name = FileName::clean(&sent);
        let text = name.as_str();
        assert!(
            !text.is_empty() && text.len() <= limits::NAME_BYTES,
            "{text:?}"
        );
        assert!(!text.contains(['/', '\\', '\0', ':', '\n']), "{text:?}");
        assert!(
            text != "." && text != ".." && !text.starts_with('~'),
            "{text:?}"
        );
        assert_eq!(FileName::clean(text), name, "cleaning twice cleans more");
        text == sent
    })
}

fn display_names() -> Harness {
    let names = [
        "Anna Albrecht",
        "Frau K.",
        "Аnna",
        "Zoë\u{0301}\u{0302}\u{0303}",
        "\u{202e}annA \u{200b}✓",
        "محمد",
    ];
    harness(&names, |input| {
        let sent = String::from_utf8_lossy(input);
        let warns = display_name::mixes_alphabets(&sent);
        assert!(!warns || !sent.is_ascii(), "{sent:?}");
        let Some(name) = display_name::clean(&sent) else {
            return false;
        };
        assert!(
            !name.is_empty() && name.len() <= limits::NAME_BYTES,
            "{name:?}"
        );
        assert!(!name.chars().any(char::is_control), "{name:?}");
        assert_eq!(
            display_name::clean(&name).as_ref(),
            Some(&name),
            "cleaning twice cleans more"
        );
        name == sent
    })
}

fn relay_address() -> Harness {
    let addresses = [
        "https://chat.example.org",
        "https://chat.example.org:8443/",
        "http://127.0.0.1:8460",
        "http://[::1]:8460",
        "https://user@host",
    ];
    harness(&addresses, |input| {
        let text = String::from_utf8_lossy(input);
        let Ok(address) = RelayAddress::parse(&text) else {
            return false;
        };
        let scheme = if address.is_secure() { "https" } else { "http" };
        let again = RelayAddress::parse(&format!("{scheme}://{}", address.authority()));
        assert_eq!(again.as_ref(), Ok(&address), "{text:?}");
        true
    })
}

fn relay_config() -> Harness {
    let example = std::fs::read_to_string(crate::vectors::root().join("deploy/relay.example.toml"));
    let example = example.expect("the example");
    let open: String = example
        .lines()
        .map(|line| format!("{}\n", line.trim_start_matches("# ")))
        .collect();
    let small = "[limits.seat]\nburst = 7\n[log]\nlevel = 'info'\n";
    let folder = tempfile::tempdir().expect("a folder");
    harness(&[&example, &open, small], move |input| {
        let file = folder.path().join("relay.toml");
        std::fs::write(&file, input).expect("written");
        match Config::load(Some(&file), Default::default()) {
            Ok(config) => {
                assert_eq!(config.problems(), []);
                true
            }
            Err(error) => {
                assert!(error.0.iter().all(|problem| !problem.text.is_empty()));
                false
            }
        }
    })
}
