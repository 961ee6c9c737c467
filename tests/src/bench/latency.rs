//! Times from sending to arrival.

use tokio::time::Instant;

use super::Figure;

/// Every time that was measured.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    micros: Vec<u32>,
}

impl Latencies {
    /// Something that began then has ended now.
    pub fn since(&mut self, began: Instant) {
        let micros = began.elapsed().as_micros();
        self.micros.push(u32::try_from(micros).unwrap_or(u32::MAX));
    }

    /// The time that this share of all took at most, in milliseconds.
    pub fn at(&mut self, share: f64) -> f64 {
        self.micros.sort_unstable();
        let last = self.micros.len().saturating_sub(1);
        let at = (share * last as f64).round() as usize;
        self.micros
            .get(at)
            .map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    /// Median, the slow tail, and the slowest, in milliseconds.
    pub fn figures(mut self) -> [Figure; 4] {
        [
            Figure::new("p50, ms", self.at(0.5)),
            Figure::new("p90, ms", self.at(0.9)),
            Figure::new("p99, ms", self.at(0.99)),
            Figure::new("slowest, ms", self.at(1.0)),
        ]
    }
}
