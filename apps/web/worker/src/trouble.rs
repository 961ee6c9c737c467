//! What the core, the store and the relay refuse, in the page's words.

use siegel_client_core::event::Failure;
use siegel_client_core::link::LinkError;
use siegel_client_core::vault::VaultError;
use siegel_client_core::{self as core, Error, Hindrance, Holder};
use siegel_proto::{ErrorCode, OutOfBounds, Part};
use siegel_web_bridge::{FailReason, Limit, LinkTrouble, StoreTrouble, Thing, Trouble};

use crate::store::StoreError;

/// What the core refuses.
pub fn of_core(error: &Error) -> Trouble {
    match error {
        Error::Vault(error) => of_vault(error),
        Error::Link(error) => of_link(*error),
        Error::NotJoined => Trouble::NotJoined,
        Error::AlreadyJoined => Trouble::AlreadyJoined,
        Error::Unknown(core::Thing::Room) => Trouble::Unknown(Thing::Room),
        Error::Unknown(core::Thing::Person) => Trouble::Unknown(Thing::Person),
        Error::Unknown(core::Thing::Invitation) => Trouble::Unknown(Thing::Invitation),
        Error::Unknown(core::Thing::Message) => Trouble::Unknown(Thing::Message),
        Error::Unknown(core::Thing::Own) => Trouble::Internal("own".to_owned()),
        Error::Only(Holder::Staff) => Trouble::OnlyStaff,
        Error::Only(Holder::Admin) => Trouble::OnlyAdmin,
        Error::NotAllowed(Hindrance::NotArrived) => Trouble::NotArrived,
        Error::NotAllowed(_) => Trouble::NotAllowed,
        Error::OutOfBounds(part) => Trouble::TooLarge(limit(*part)),
        Error::Malformed(what) => Trouble::Internal(what.0.to_owned()),
        Error::Crowded => Trouble::Failed(FailReason::Crowded),
        Error::Reopen => Trouble::Internal("reopen".to_owned()),
        Error::Mls(_) => Trouble::Internal("mls".to_owned()),
        Error::Chain(_) => Trouble::Internal("chain".to_owned()),
        Error::Sealed(_) => Trouble::Internal("sealed".to_owned()),
    }
}

/// What a person would have to shorten.
fn limit(OutOfBounds(part): OutOfBounds) -> Limit {
    match part {
        Part::Name => Limit::Name,
        Part::Policy | Part::Retention | Part::Hours | Part::EmergencyNumbers => Limit::Setting,
        Part::Text
        | Part::Reaction
        | Part::File
        | Part::VoiceNote
        | Part::Mentions
        | Part::Reason
        | Part::Card
        | Part::Notice
        | Part::Setting
        | Part::Whole => Limit::Size,
    }
}

/// Why a vault does not open.
pub fn of_vault(error: &VaultError) -> Trouble {
    match error {
        VaultError::WrongPassphrase => Trouble::WrongSecret {
            wait_seconds: 0,
            tries_left: None,
        },
        VaultError::PasskeyUnfit => Trouble::PasskeyUnfit,
        VaultError::NewerFormat { .. } => Trouble::Store(StoreTrouble::Newer),
        VaultError::RowMissing { .. } => Trouble::Store(StoreTrouble::Lost),
        VaultError::Damaged
        | VaultError::Parameters
        | VaultError::RowDamaged
        | VaultError::RolledBack { .. }
        | VaultError::Encoding
        | VaultError::Unprotected => Trouble::Store(StoreTrouble::Damaged),
    }
}

/// What is wrong with a link's text.
pub fn of_link(error: LinkError) -> Trouble {
    Trouble::Link(match error {
        LinkError::Form => LinkTrouble::Incomplete,
        LinkError::Kind => LinkTrouble::OtherKind,
    })
}

/// Why something cannot be delivered.
pub fn of_failure(failure: Failure) -> FailReason {
    match failure {
        Failure::NoKeyPackage => FailReason::NoKeyPackage,
        Failure::NotAllowed => FailReason::NotAllowed,
        Failure::Denied => FailReason::Denied,
        Failure::TooLarge => FailReason::TooLarge,
        Failure::Quota => FailReason::Quota,
        Failure::Crowded => FailReason::Crowded,
        Failure::Uninvited => FailReason::Uninvited,
        Failure::MemberBack => FailReason::MemberBack,
    }
}

/// What the relay refuses.
pub fn of_relay(code: ErrorCode) -> Trouble {
    match code {
        ErrorCode::Revoked => Trouble::Revoked,
        ErrorCode::QuotaExceeded | ErrorCode::StorageFull => Trouble::Failed(FailReason::Quota),
        ErrorCode::TooLarge => Trouble::Failed(FailReason::TooLarge),
        ErrorCode::Unavailable | ErrorCode::RateLimited => Trouble::Offline,
        other => Trouble::Refused(siegel_proto::Refusal::new(other).code_name()),
    }
}

/// Why nothing was stored.
pub fn of_store(error: StoreError) -> Trouble {
    Trouble::Store(error.trouble())
}
