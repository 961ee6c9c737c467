//! Why a command ended without doing what was asked: exit code, stable name for scripts,
//! sentence for people.

use std::path::PathBuf;

use siegel_client_core::Error as CoreError;
use siegel_client_core::attachment::AttachmentError;
use siegel_client_core::event::Failure as Undeliverable;
use siegel_client_core::image::ImageError;
use siegel_client_core::link::LinkError;
use siegel_client_core::vault::VaultError;
use siegel_proto::{ErrorCode, Refusal};

use crate::driver::DriverError;
use crate::exit::Exit;
use crate::net::address::AddressError;
use crate::net::blob::BlobError;
use crate::passphrase::PassphraseError;
use crate::profile::ProfileError;
use crate::save_file::SaveError;
use crate::select::Missed;
use crate::show::output::OutputError;
use crate::show::texts::Texts;
use crate::store::StoreError;

/// What ended a command.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The profile cannot be used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// There is no passphrase.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The device cannot go on, or refuses.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// Nobody listens to what is printed.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A received file was not written.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// A file was not transferred.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A file cannot be sealed or opened.
    #[error(transparent)]
    Attachment(#[from] AttachmentError),
    /// A picture may tell more than it shows.
    #[error(transparent)]
    Picture(#[from] ImageError),
    /// The link is not one.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A file of the person's cannot be used.
    #[error("cannot use the file {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A name fits nothing, or several things.
    #[error("no single {kind} is called so")]
    Missed {
        /// What was looked for.
        kind: Kind,
        /// By which name.
        name: String,
        /// What there was instead.
        missed: Missed,
    },
    /// The message carries no file.
    #[error("the message carries no file")]
    NotAFile(String),
    /// The relay was never reached.
    #[error("the relay cannot be reached")]
    Unreachable,
    /// The relay did not answer in time.
    #[error("no answer within {0} seconds")]
    TooSlow(u64),
    /// The invitation cannot be used.
    #[error("the invitation cannot be used")]
    LinkUnavailable,
    /// The relay refused.
    #[error("the relay refused")]
    Refused(Refusal),
    /// A message or change cannot be carried out.
    #[error("it cannot be carried out")]
    Undeliverable(Undeliverable),
    /// The relay is not the organisation's.
    #[error("this is not the organisation's relay")]
    WrongRelay,
    /// The relay does not speak this build's protocol.
    #[error("this program is older than the relay")]
    Outdated,
    /// This device was revoked.
    #[error("this device was revoked")]
    Revoked,
    /// A person behind a changed identity has to be looked at.
    #[error("an identity changed")]
    IdentityChanged(String),
    /// There is nothing to say: standard input was empty.
    #[error("there is nothing to send")]
    Nothing,
    /// The system does not tell of interruptions.
    #[error("cannot listen for interruptions")]
    Signal(#[source] std::io::Error),
    /// One of the two identities is not known here yet.
    #[error("the two have not met")]
    NotMet,
    /// Colleagues need a name.
    #[error("a colleague joins with a name")]
    NoName,
    /// There is no notice to decide about.
    #[error("the room has no notice")]
    NoNotice,
}

/// What a name is looked for among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Rooms.
    Room,
    /// People.
    Person,
    /// Messages.
    Message,
    /// Devices.
    Device,
    /// Invitations.
    Invitation,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Room => "room",
            Self::Person => "person",
            Self::Message => "message",
            Self::Device => "device",
            Self::Invitation => "invitation",
        })
    }
}

impl Failure {
    /// A refusal that names nothing but its code.
    pub fn refused(code: ErrorCode) -> Self {
        Self::Refused(Refusal::new(code))
    }

    /// The exit code, a name for scripts, and a sentence.
    pub fn verdict(&self, texts: Texts) -> (Exit, &'static str, String) {
        match self {
            Self::Profile(error) => profile(error, texts),
            Self::Passphrase(error) => passphrase(error, texts),
            Self::Driver(error) => driver(error, texts),
            Self::Output(_) => (Exit::Internal, "output", texts.no_output()),
            Self::Save(SaveError::Exists(path)) => (
                Exit::Exists,
                "file_exists",
                texts.file_exists(path.display()),
            ),
            Self::Save(SaveError::Io { path, .. }) | Self::File { path, .. } => {
                (Exit::Storage, "file", texts.file_failed(path.display()))
            }
            Self::Blob(BlobError::Http(_)) => (Exit::Network, "network", texts.unreachable()),
            Self::Blob(BlobError::Unavailable) => (Exit::NotFound, "file_gone", texts.file_gone()),
            Self::Blob(BlobError::Refused(code)) => (Exit::Refused, "refused", texts.refused(code)),
            Self::Attachment(AttachmentError::TooLarge) => {
                (Exit::Usage, "file_too_large", texts.file_too_large())
            }
            Self::Attachment(_) => (Exit::Attention, "file_damaged", texts.file_damaged()),
            Self::Picture(_) => (Exit::Attention, "metadata", texts.metadata()),
            Self::Link(LinkError::Form) => (Exit::Usage, "link", texts.link_incomplete()),
            Self::Link(LinkError::Kind) => (Exit::Usage, "link_kind", texts.link_kind()),
            Self::Missed { kind, name, missed } => missed_what(*kind, name, missed, texts),
            Self::NotAFile(name) => (Exit::NotFound, "no_file", texts.not_a_file(name)),
            Self::Unreachable => (Exit::Network, "network", texts.unreachable()),
            Self::TooSlow(seconds) => (Exit::Network, "timeout", texts.too_slow(seconds)),
            Self::LinkUnavailable => (Exit::NotFound, "link_unavailable", texts.link_unavailable()),
            Self::Refused(refusal) => {
                (Exit::Refused, "refused", texts.refused(refusal.code_name()))
            }
            Self::Undeliverable(reason) => undeliverable(*reason, texts),
            Self::WrongRelay => (Exit::Attention, "wrong_relay", texts.wrong_relay()),
            Self::Outdated => (Exit::Attention, "outdated", texts.outdated()),
            Self::Revoked => (Exit::Attention, "revoked", texts.revoked()),
            Self::IdentityChanged(name) => (
                Exit::Attention,
                "identity_changed",
                texts.identity_changed(name),
            ),
            Self::Nothing => (Exit::Usage, "empty", texts.nothing_to_send()),
            Self::Signal(_) => (Exit::Internal, "signal", texts.no_signal()),
            Self::NotMet => (Exit::NotFound, "not_met", texts.not_met()),
            Self::NoName => (Exit::Usage, "no_name", texts.no_name()),
            Self::NoNotice => (Exit::NotFound, "no_notice", texts.no_notice()),
        }
    }
}

fn profile(error: &ProfileError, texts: Texts) -> (Exit, &'static str, String) {
    match error {
        ProfileError::Locked {
            process: Some(process),
        } => (Exit::Locked, "locked", texts.profile_locked_by(process)),
        ProfileError::Locked { process: None } => (Exit::Locked, "locked", texts.profile_locked()),
        ProfileError::NoHome => (Exit::Usage, "no_home", texts.profile_no_home()),
        ProfileError::BadName => (Exit::Usage, "profile_name", texts.not_understood()),
        ProfileError::Directory(_) | ProfileError::Lock(_) => {
            (Exit::Storage, "profile", texts.profile_unusable())
        }
    }
}

fn passphrase(error: &PassphraseError, texts: Texts) -> (Exit, &'static str, String) {
    let sentence = match error {
        PassphraseError::Differ => texts.passphrases_differ(),
        PassphraseError::TooOpen(path) => texts.passphrase_file_open(path.display()),
        PassphraseError::Empty | PassphraseError::Unreadable | PassphraseError::Io(_) => {
            texts.no_passphrase()
        }
    };
    (Exit::Passphrase, "no_passphrase", sentence)
}

fn driver(error: &DriverError, texts: Texts) -> (Exit, &'static str, String) {
    match error {
        DriverError::Client(error) => core(error, texts),
        DriverError::Store(error) => store(error, texts),
        DriverError::NoRelay => (Exit::NotFound, "no_vault", texts.no_vault()),
        DriverError::Address(AddressError::Malformed) => {
            (Exit::Usage, "address", texts.bad_address())
        }
        DriverError::Address(AddressError::Insecure) => {
            (Exit::Usage, "insecure", texts.insecure_address())
        }
        DriverError::Tls(_) => (Exit::Usage, "certificates", texts.bad_certificates()),
        DriverError::Stopped | DriverError::Entropy(_) => {
            (Exit::Internal, "internal", texts.internal())
        }
    }
}

fn core(error: &CoreError, texts: Texts) -> (Exit, &'static str, String) {
    match error {
        CoreError::Vault(VaultError::WrongPassphrase) => (
            Exit::Passphrase,
            "wrong_passphrase",
            texts.wrong_passphrase(),
        ),
        CoreError::Vault(VaultError::NewerFormat { .. }) => {
            (Exit::Storage, "vault_newer", texts.vault_newer())
        }
        CoreError::Vault(_) => (Exit::Storage, "vault_damaged", texts.vault_damaged()),
        CoreError::Link(LinkError::Form) => (Exit::Usage, "link", texts.link_incomplete()),
        CoreError::Link(LinkError::Kind) => (Exit::Usage, "link_kind", texts.link_kind()),
        CoreError::NotJoined => (Exit::NotFound, "not_joined", texts.no_vault()),
        CoreError::AlreadyJoined => (Exit::Exists, "already_joined", texts.vault_exists()),
        CoreError::Unknown(_) => (Exit::NotFound, "unknown", texts.gone()),
        CoreError::NotAllowed(_) | CoreError::Only(_) => {
            (Exit::Refused, "not_allowed", texts.not_allowed())
        }
        CoreError::OutOfBounds(_) => (Exit::Usage, "too_large", texts.too_large()),
        CoreError::Crowded => undeliverable(Undeliverable::Crowded, texts),
        CoreError::Reopen
        | CoreError::Malformed(_)
        | CoreError::Mls(_)
        | CoreError::Chain(_)
        | CoreError::Sealed(_) => (Exit::Internal, "internal", texts.internal()),
    }
}

fn store(error: &StoreError, texts: Texts) -> (Exit, &'static str, String) {
    match error {
        StoreError::Missing(_) => (Exit::NotFound, "no_vault", texts.no_vault()),
        StoreError::Exists(_) => (Exit::Exists, "vault_exists", texts.vault_exists()),
        StoreError::Newer { .. } => (Exit::Storage, "vault_newer", texts.vault_newer()),
        StoreError::NotAVault(_)
        | StoreError::Setting(_)
        | StoreError::Sqlite(_)
        | StoreError::File { .. }
        | StoreError::Scripted => (Exit::Storage, "vault", texts.vault_failed()),
    }
}

fn undeliverable(reason: Undeliverable, texts: Texts) -> (Exit, &'static str, String) {
    match reason {
        Undeliverable::NoKeyPackage => (Exit::Refused, "no_key_package", texts.no_key_package()),
        Undeliverable::NotAllowed => (Exit::Refused, "not_allowed", texts.not_allowed()),
        Undeliverable::Denied => (Exit::Refused, "denied", texts.denied()),
        Undeliverable::TooLarge => (Exit::Usage, "too_large", texts.too_large()),
        Undeliverable::Quota => (Exit::Refused, "quota", texts.quota()),
        Undeliverable::Crowded => (Exit::Refused, "crowded", texts.crowded()),
        Undeliverable::Uninvited => (Exit::Refused, "uninvited", texts.uninvited()),
        Undeliverable::MemberBack => (Exit::Refused, "member_back", texts.member_back()),
    }
}

fn missed_what(
    kind: Kind,
    name: &str,
    missed: &Missed,
    texts: Texts,
) -> (Exit, &'static str, String) {
    match (missed, kind) {
        (Missed::Several(choices), _) => (
            Exit::Usage,
            "ambiguous",
            texts.ambiguous(name, choices.join(", ")),
        ),
        (Missed::Nothing, Kind::Room) => (Exit::NotFound, "no_room", texts.no_such_room(name)),
        (Missed::Nothing, Kind::Person) => {
            (Exit::NotFound, "no_person", texts.no_such_person(name))
        }
        (Missed::Nothing, Kind::Message) => {
            (Exit::NotFound, "no_message", texts.no_such_message(name))
        }
        (Missed::Nothing, Kind::Device) => {
            (Exit::NotFound, "no_device", texts.no_such_device(name))
        }
        (Missed::Nothing, Kind::Invitation) => (
            Exit::NotFound,
            "no_invitation",
            texts.no_such_invitation(name),
        ),
    }
}
