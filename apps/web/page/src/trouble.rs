//! One sentence for every refusal and failure: what happened, and what to do next.

use siegel_web_bridge::{FailReason, Limit, LinkTrouble, StoreTrouble, Trouble};
use siegel_web_texts::Texts;

/// The sentence in the person's language.
pub(crate) fn sentence(texts: Texts, trouble: &Trouble) -> String {
    match trouble {
        Trouble::WrongSecret {
            wait_seconds,
            tries_left,
        } => wrong_secret(texts, *wait_seconds, *tries_left),
        Trouble::TooSoon { wait_seconds } => texts.wrong_passphrase_wait(u64::from(*wait_seconds)),
        Trouble::WeakSecret { least, pin: true } => texts.pin_short(&least.to_string()),
        Trouble::WeakSecret { least, pin: false } => texts.passphrase_short(&least.to_string()),
        Trouble::PasskeyUnfit => texts.passkey_unfit().to_owned(),
        Trouble::AlreadyJoined | Trouble::AlreadyCreated => texts.error_already_joined().to_owned(),
        Trouble::Link(link) => link_sentence(texts, *link).to_owned(),
        Trouble::WrongRelay => texts.error_wrong_relay().to_owned(),
        Trouble::Outdated => texts.error_outdated().to_owned(),
        Trouble::Revoked => texts.revoked_text().to_owned(),
        Trouble::Offline => texts.error_unreachable().to_owned(),
        Trouble::TooLarge(Limit::Size) | Trouble::Failed(FailReason::TooLarge) => {
            texts.error_too_large().to_owned()
        }
        Trouble::TooLarge(Limit::Name) => texts.error_name_too_long().to_owned(),
        Trouble::TooLarge(Limit::Setting) => texts.error_setting_out_of_range().to_owned(),
        Trouble::OnlyAdmin => texts.error_only_admin().to_owned(),
        Trouble::OnlyStaff => texts.error_only_staff().to_owned(),
        Trouble::NotAllowed | Trouble::Failed(FailReason::NotAllowed) => {
            texts.error_not_allowed().to_owned()
        }
        Trouble::Failed(FailReason::NoKeyPackage) => texts.error_no_key_package().to_owned(),
        Trouble::Failed(FailReason::Denied) => texts.error_removed().to_owned(),
        Trouble::Failed(FailReason::Crowded) => texts.error_crowded().to_owned(),
        Trouble::Failed(FailReason::Uninvited) => texts.error_uninvited().to_owned(),
        Trouble::Failed(FailReason::MemberBack) => texts.error_member_back().to_owned(),
        Trouble::Failed(FailReason::Quota) => texts.error_quota().to_owned(),
        Trouble::NotArrived => texts.verify_not_yet().to_owned(),
        Trouble::Metadata => texts.error_metadata().to_owned(),
        Trouble::FileDamaged => texts.error_file_damaged().to_owned(),
        Trouble::FileGone => texts.error_file_gone().to_owned(),
        Trouble::Store(StoreTrouble::Full) => texts.error_store_full().to_owned(),
        Trouble::Store(StoreTrouble::Lost) => texts.lost_text().to_owned(),
        Trouble::Store(StoreTrouble::Damaged) => texts.damaged_text().to_owned(),
        Trouble::Store(StoreTrouble::Newer) => texts.newer_text().to_owned(),
        Trouble::Refused(code) | Trouble::Internal(code) => {
            format!("{} ({code})", texts.error_internal())
        }
        Trouble::Locked
        | Trouble::NotJoined
        | Trouble::Empty
        | Trouble::Unknown(_)
        | Trouble::Cancelled
        | Trouble::Interrupted
        | Trouble::Store(StoreTrouble::Broken) => texts.error_internal().to_owned(),
    }
}

fn wrong_secret(texts: Texts, wait_seconds: u32, tries_left: Option<u32>) -> String {
    let mut parts = vec![texts.wrong_passphrase().to_owned()];
    if wait_seconds > 0 {
        parts = vec![texts.wrong_passphrase_wait(u64::from(wait_seconds))];
    }
    if let Some(left) = tries_left {
        parts.push(texts.tries_left(u64::from(left)));
    }
    parts.join(" ")
}

fn link_sentence(texts: Texts, link: LinkTrouble) -> &'static str {
    match link {
        LinkTrouble::Incomplete => texts.error_link_form(),
        LinkTrouble::OtherKind => texts.error_link_kind(),
        LinkTrouble::OtherRelay => texts.error_link_other_relay(),
        LinkTrouble::Unavailable | LinkTrouble::Refused => texts.error_link_unavailable(),
    }
}
