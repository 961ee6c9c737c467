//! `policy`: what the organisation enforces.

use serde::Serialize;
use siegel_client_core::Command;
use siegel_proto::organisation;

use super::context::Context;
use crate::args::Policy;
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::show::output::Show;
use crate::show::printable;
use crate::show::texts::Texts;

#[derive(Serialize)]
struct Shown {
    version: u64,
    retention_days: u32,
    lock_after_minutes: u32,
    invitation_hours: u32,
    passphrase_characters: u32,
    wipe_after_tries: u32,
    forbid_passkeys: bool,
    neutral_title: String,
    emergency: Vec<Number>,
    notices: Vec<Notice>,
}

#[derive(Serialize)]
struct Number {
    label: String,
    number: String,
}

#[derive(Serialize)]
struct Notice {
    version: String,
    language: String,
}

impl Show for Shown {
    fn text(&self, texts: Texts) -> String {
        let mut lines = vec![
            texts.policy_retention(self.retention_days),
            texts.policy_lock(self.lock_after_minutes),
            texts.policy_invitations(self.invitation_hours),
            texts.policy_passphrase(self.passphrase_characters),
            texts.policy_wipe(self.wipe_after_tries),
        ];
        if self.forbid_passkeys {
            lines.push(texts.policy_without_passkeys());
        }
        if !self.neutral_title.is_empty() {
            lines.push(texts.policy_title(printable::line(&self.neutral_title)));
        }
        for entry in &self.emergency {
            let number = printable::line(&entry.number);
            lines.push(format!("{}: {number}", printable::line(&entry.label)));
        }
        for notice in &self.notices {
            let version = printable::line(&notice.version);
            lines.push(format!(
                "{} {}",
                texts.notice(version),
                printable::line(&notice.language)
            ));
        }
        lines.join("\n")
    }
}

/// `siegel policy [--…]`: shows it, after changing what is given.
pub async fn run(context: &Context, wish: Policy) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let policy = session.driver.client()?.policy();
    let standing = policy.map_err(DriverError::from)?;
    let wished = changed(standing.clone(), wish);
    if wished != standing {
        session.command(Command::SetPolicy(wished))?;
        session.confirmed().await?;
    }
    let policy = session.driver.client()?.policy();
    session
        .output
        .show(&shown(policy.map_err(DriverError::from)?))?;
    session.close()
}

fn changed(mut policy: organisation::Policy, wish: Policy) -> organisation::Policy {
    let numbers = [
        (&mut policy.retention_days, wish.retention_days),
        (&mut policy.lock_after_minutes, wish.lock_minutes),
        (&mut policy.invitation_hours, wish.invitation_hours),
        (
            &mut policy.passphrase_characters,
            wish.passphrase_characters,
        ),
        (&mut policy.wipe_after_tries, wish.wipe_after_tries),
    ];
    for (field, wish) in numbers {
        *field = wish.unwrap_or(*field);
    }
    policy.forbid_passkeys = wish.forbid_passkeys.unwrap_or(policy.forbid_passkeys);
    if let Some(title) = wish.neutral_title {
        policy.neutral_title = title;
    }
    policy
}

fn shown(policy: organisation::Policy) -> Shown {
    let emergency = policy.emergency.into_iter();
    let notices = policy.notices.into_iter();
    Shown {
        version: policy.version,
        retention_days: policy.retention_days,
        lock_after_minutes: policy.lock_after_minutes,
        invitation_hours: policy.invitation_hours,
        passphrase_characters: policy.passphrase_characters,
        wipe_after_tries: policy.wipe_after_tries,
        forbid_passkeys: policy.forbid_passkeys,
        neutral_title: policy.neutral_title,
        emergency: emergency
            .map(|entry| Number {
                label: entry.label,
                number: entry.number,
            })
            .collect(),
        notices: notices
            .map(|notice| Notice {
                version: notice.version,
                language: notice.language,
            })
            .collect(),
    }
}
