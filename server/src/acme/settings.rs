//! For which names certificates are ordered, and where: the section `tls.acme`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where certificates are ordered unless another place is named.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Certificates that the relay orders and renews by itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Acme {
    /// The names people type; empty: none are ordered.
    pub domains: Vec<String>,
    /// A mail address the authority may write to; empty: none.
    pub contact: String,
    /// The authority's directory; empty: Let's Encrypt.
    pub directory: String,
    /// Whom to trust for the directory itself, PEM, besides those the machine trusts.
    pub ca_file: PathBuf,
}

impl Acme {
    /// Whether certificates are ordered.
    pub fn is_set(&self) -> bool {
        !self.domains.is_empty()
    }

    /// The authority's directory.
    pub fn directory(&self) -> &str {
        match self.directory.as_str() {
            "" => LETS_ENCRYPT,
            given => given,
        }
    }

    /// What does not fit in itself: the setting, and what to do.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut wrong = |key, text: String| problems.push((key, text));
        let rest = [
            ("tls.acme.contact", self.contact.is_empty()),
            ("tls.acme.directory", self.directory.is_empty()),
            ("tls.acme.ca_file", self.ca_file.as_os_str().is_empty()),
        ];
        if !self.is_set() {
            for (key, is_empty) in rest {
                if !is_empty {
                    wrong(key, "set it together with tls.acme.domains".to_owned());
                }
            }
            return problems;
        }
        for domain in &self.domains {
            if !is_name(domain) {
                let text = format!(
                    "\"{domain}\" is no name that can be proved: write chat.example.org, in small \
                     letters, without port or asterisk"
                );
                wrong("tls.acme.domains", text);
            }
        }
        if !self.contact.is_empty() && (!self.contact.contains('@') || self.contact.contains(':')) {
            let text = "write a mail address, it@example.org".to_owned();
            wrong("tls.acme.contact", text);
        }
        if !self.directory().starts_with("https://") {
            let text = "write https:// and the address of the directory".to_owned();
            wrong("tls.acme.directory", text);
        }
        if !self.ca_file.as_os_str().is_empty() && !self.ca_file.is_file() {
            let text = format!("{} is not a file: give a PEM file", self.ca_file.display());
            wrong("tls.acme.ca_file", text);
        }
        problems
    }
}

/// A name in the public tree: two labels or more.
fn is_name(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && (label.bytes())
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let has_letters = domain.bytes().any(|byte| byte.is_ascii_lowercase());
    has_letters && domain.contains('.') && domain.len() <= 253 && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_can_be_proved_are_taken() {
        for name in ["chat.example.org", "a-b.example", "xn--bcher-kva.example"] {
            assert!(is_name(name), "{name}");
        }
        for other in [
            "localhost",
            "*.example.org",
            "Chat.example.org",
            "chat.example.org:443",
            "https://chat.example.org",
            "192.0.2.1",
            "chat..example.org",
            "-chat.example.org",
            "",
        ] {
            assert!(!is_name(other), "{other}");
        }
    }
}
