//! Starting, and a relay that nobody uses.

use super::{Error, Figure, Subject};

/// Starts; the median counts.
const STARTS: usize = 11;

/// Starts an existing relay several times.
pub async fn measure(subject: &Subject) -> Result<Vec<Figure>, Error> {
    let mut stopped = subject.start().await?.stop().await?;
    let mut ready = Vec::new();
    let mut resident = Vec::new();
    for _ in 0..STARTS {
        let relay = stopped.start(subject).await?;
        ready.push(relay.process.ready_after());
        resident.push(relay.resident()?);
        stopped = relay.stop().await?;
    }
    ready.sort_unstable();
    resident.sort_unstable();
    Ok(vec![
        Figure::new(
            "start to first hello, ms",
            ready[STARTS / 2].as_secs_f64() * 1e3,
        ),
        Figure::new(
            "memory at rest, MiB",
            resident[STARTS / 2] as f64 / 1_048_576.0,
        ),
    ])
}
