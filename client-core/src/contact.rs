//! Contacts: who colleagues and clients are, as this device knows them.

use serde::{Deserialize, Serialize};
use siegel_proto::certificate::{PersonRole, VerifiedChain};
use siegel_proto::ids::{PersonId, PublicKey};

use crate::error::Error;
use crate::vault::{Scope, Table, Vault};

const CONTACT: Table = Table::new("contact");

/// A person this device knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who.
    pub person: PersonId,
    /// What they are.
    #[serde(with = "crate::identity::role")]
    pub role: PersonRole,
    /// From the directory; empty for guests.
    pub name: String,
    /// From the directory.
    pub position: String,
    /// When its writer wrote the entry these come from, seconds since 1970.
    #[serde(default)]
    pub written_at: i64,
    /// What this account calls a client; never leaves the account's devices.
    pub label: String,
    /// The identity that is believed.
    pub identity_key: PublicKey,
    /// The key that was certified for joining; stays for life.
    pub enrolment_key: PublicKey,
    /// A guest that has not opened its link.
    pub provisional: bool,
    /// Safety words or QR were compared.
    pub verified: bool,
    /// Another identity that was seen and waits for a person's word.
    pub changed: Option<PublicKey>,
}

/// What meeting an identity means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// Known, or new and certified by the organisation.
    Fine,
    /// Not the identity that is believed: stop sending.
    Changed,
}

impl Contact {
    /// What to call the person.
    pub fn display_name(&self) -> &str {
        if self.label.is_empty() {
            &self.name
        } else {
            &self.label
        }
    }

    pub(crate) fn load(vault: &Vault, person: PersonId) -> Result<Option<Self>, Error> {
        Ok(vault.get(Scope::Device, CONTACT, person.as_bytes())?)
    }

    pub(crate) fn save(&self, vault: &Vault) -> Result<(), Error> {
        Ok(vault.put(Scope::Device, CONTACT, self.person.as_bytes(), self)?)
    }

    pub(crate) fn all(vault: &Vault) -> Result<Vec<Self>, Error> {
        let rows = vault.scan(Scope::Device, CONTACT, &[])?;
        Ok(rows.into_iter().map(|(_, contact)| contact).collect())
    }
}

/// Remembers a person by a verified chain, or notices that the identity is another one.
/// A guest that makes keys of its own for the first time, certified by the key its
/// inviter gave it, is still itself.
pub(crate) fn meet(vault: &Vault, chain: &VerifiedChain) -> Result<Meeting, Error> {
    let Some(mut known) = Contact::load(vault, chain.person)? else {
        let contact = Contact {
            person: chain.person,
            role: chain.role,
            name: String::new(),
            position: String::new(),
            written_at: 0,
            label: String::new(),
            identity_key: chain.identity_key,
            enrolment_key: chain.enrolment_key,
            provisional: chain.provisional,
            verified: false,
            changed: None,
        };
        contact.save(vault)?;
        return Ok(Meeting::Fine);
    };
    if known.identity_key == chain.identity_key {
        return Ok(Meeting::Fine);
    }
    let settled = known.provisional
        && !chain.provisional
        && known.role == PersonRole::Guest
        && known.enrolment_key == chain.enrolment_key;
    if settled {
        known.identity_key = chain.identity_key;
        known.provisional = false;
        known.save(vault)?;
        return Ok(Meeting::Fine);
    }
    if known.changed != Some(chain.identity_key) {
        known.changed = Some(chain.identity_key);
        known.verified = false;
        known.save(vault)?;
    }
    Ok(Meeting::Changed)
}
