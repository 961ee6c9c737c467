//! The certificate the relay orders by itself: its age, and how the last order went.

use super::{DAY, Finding};
use crate::acme::{self, Failure, Folder};
use crate::config::Config;

/// Time in which a running relay renews what is due.
const GRACE: i64 = 2 * DAY;
const NOT_RUNNING: &str = "see that the relay runs; its log says certificate_not_renewed and why";

pub(super) fn ordered(config: &Config, now: i64) -> Finding {
    let folder = Folder::of(&config.data_dir);
    let failure = folder.failure();
    let failed = failure.as_ref().map(|failure| told(failure, now));
    let kept = match acme::kept(&config.tls.acme, &folder) {
        Ok(kept) => kept,
        Err(error) => {
            return Finding::bad(
                format!(
                    "the certificate in the folder acme cannot be read ({})",
                    error.kind()
                ),
                "run this as the relay's user, to whom the folder must belong",
            );
        }
    };
    let remedy = failure.map_or(NOT_RUNNING.to_owned(), |failure| failure.remedy);
    let names = config.tls.acme.domains.join(", ");
    let Some(certificate) = kept else {
        return match failed {
            Some(failed) => Finding::bad(format!("no certificate for {names}: {failed}"), remedy),
            None => Finding::look(
                format!("no certificate for {names} has been ordered yet"),
                "the relay orders one when it starts: each name must lead to this machine, and \
                 port 443 to the relay",
            ),
        };
    };
    let life = certificate.validity;
    let (old, left) = ((now - life.begins) / DAY, (life.ends - now) / DAY);
    let dates = match life.ends <= now {
        true => "the certificate has ended: nobody can connect".to_owned(),
        false => format!("the certificate is {old} days old and has {left} days left"),
    };
    match failed {
        Some(failed) => Finding::bad(format!("{dates}; {failed}"), remedy),
        None if now > certificate.due() + GRACE => Finding::bad(
            format!("{dates}; it should have been renewed by now"),
            remedy,
        ),
        None => Finding::good(format!("{dates}; the relay renews it by itself")),
    }
}

fn told(failure: &Failure, now: i64) -> String {
    let hours = (now - failure.at) / 3_600;
    format!(
        "the last order, {hours} hours ago, failed: {}",
        failure.what
    )
}
