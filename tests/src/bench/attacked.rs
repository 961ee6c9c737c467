//! Two people write to each other, in peace and while others attack.

use std::time::Duration;

use super::{Error, Figure, Subject};
use crate::abuse::{self, Plan};

const MESSAGES: usize = 1_000;

/// How long people wait, what memory the relay takes, and how soon it is rid of the attackers.
pub async fn measure(subject: &Subject, seconds: u64) -> Result<Vec<Figure>, Error> {
    let settings = abuse::SETTINGS.map(|(name, value)| (name, value.into()));
    let relay = subject.start_with(settings.into(), None).await?;
    let plan = Plan {
        messages: MESSAGES,
        time: Duration::from_secs(seconds),
        turned_away: MESSAGES,
        huge_refused: 0,
    };
    let mut report = abuse::run(&relay.process, &relay.organisation, plan).await?;
    Ok(vec![
        Figure::new("p50 in peace, ms", report.in_peace.at(0.5)),
        Figure::new("p99 in peace, ms", report.in_peace.at(0.99)),
        Figure::new("p50 under attack, ms", report.under_attack.at(0.5)),
        Figure::new("p99 under attack, ms", report.under_attack.at(0.99)),
        Figure::new("slowest under attack, ms", report.under_attack.at(1.0)),
        Figure::new("most memory, bytes", report.most_memory as f64),
        Figure::new(
            "rid of the attackers after, ms",
            report.recovered.as_secs_f64() * 1000.0,
        ),
    ])
}
