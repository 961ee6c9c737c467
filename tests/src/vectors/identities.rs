//! Who is who: certificates, chains, directory entries, and the bodies the root signs.

use siegel_proto::certificate::{self, Certificate, CertificateBody, PersonRole, Subject};
use siegel_proto::directory::DirectoryEntryBody;
use siegel_proto::organisation::{Policy, Revocation, Revoked, RootSigned};
use siegel_proto::wire;

use super::contents;
use super::samples::*;
use super::wire::Case;

pub fn all() -> Vec<Case> {
    let enrolment = Subject::Enrolment { not_after: TIME };
    let staff_device = Subject::Device {
        device: DEVICE,
        auth_key: Some(siegel_proto::signing::public_key(&auth())),
    };
    let guest_device = Subject::Device {
        device: DEVICE,
        auth_key: None,
    };
    vec![
        stated("enrolment_of_an_admin", PersonRole::Admin, enrolment),
        stated("identity_of_staff", PersonRole::Staff, Subject::Identity),
        stated("device_of_staff", PersonRole::Staff, staff_device),
        stated("device_of_a_guest", PersonRole::Guest, guest_device),
        chain("chain_of_staff", staff_chain()),
        chain("chain_of_a_guest", guest_chain()),
        directory_entry(),
        signed(
            "policy",
            "PolicyBody",
            Policy {
                lock_after_minutes: 0,
                ..Policy::default()
            },
        ),
        signed("policy_that_locks", "PolicyBody", Policy::default()),
        signed("policy_that_says_all", "PolicyBody", full_policy()),
        signed(
            "policy_without_passkeys",
            "PolicyBody",
            Policy {
                forbid_passkeys: true,
                ..Policy::default()
            },
        ),
        signed(
            "revoked_person",
            "RevocationBody",
            revoked(1, Revoked::Person(STAFF)),
        ),
        signed(
            "revoked_device",
            "RevocationBody",
            revoked(2, Revoked::Device(DEVICE)),
        ),
    ]
}

fn full_policy() -> Policy {
    Policy {
        passphrase_characters: 8,
        wipe_after_tries: 10,
        neutral_title: "Notizen".into(),
        emergency: contents::emergency(),
        hours: contents::hours(),
        time_zone: "Europe/Berlin".into(),
        notices: vec![contents::notice()],
        ..Policy::default()
    }
}

fn stated(name: &str, role: PersonRole, subject: Subject) -> Case {
    let person = if role == PersonRole::Guest {
        GUEST
    } else {
        STAFF
    };
    let stated = body((person, role), &identity(), subject);
    let to_wire = |stated: &CertificateBody| wire::CertificateBody::from(stated);
    Case::wired(
        format!("certificate/{name}"),
        "CertificateBody",
        stated,
        to_wire,
    )
}

fn chain(name: &str, chain: Vec<Certificate>) -> Case {
    Case::new(
        format!("certificate/{name}"),
        "CertificateChain",
        chain,
        |chain| certificate::encode_chain(chain),
        certificate::decode_chain,
    )
}

fn directory_entry() -> Case {
    let mut chain = staff_chain();
    chain.pop();
    let entry = DirectoryEntryBody {
        display_name: "Anna Albrecht".into(),
        position: "Wohnhilfe Nord".into(),
        chain,
        written_at: TIME,
    };
    Case::new(
        "directory/entry",
        "DirectoryEntryBody",
        entry,
        DirectoryEntryBody::encode,
        DirectoryEntryBody::decode,
    )
}

fn signed<T>(name: &str, message: &'static str, value: T) -> Case
where
    T: RootSigned + PartialEq + std::fmt::Debug + Send + Sync + 'static,
{
    let name = format!("organisation/{name}");
    Case::new(name, message, value, T::encode_body, T::decode_body)
}

const fn revoked(number: u64, revoked: Revoked) -> Revocation {
    Revocation { number, revoked }
}
