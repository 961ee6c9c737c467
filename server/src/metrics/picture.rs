//! All numbers of one moment, and how they are written down.

use std::fmt;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::metrics::{MetricType, TypedMetric};

use super::STEP;
use crate::blobs::Health;
use crate::machine;
use crate::readiness::Readiness;
use crate::state::AppState;
use crate::store::SCHEMA_VERSION;

/// Sizes move in steps of this many bytes: no single attachment can be read off.
const SIZE_STEP: u64 = 16 * 1024 * 1024;
const MEMORY_STEP: u64 = 1024 * 1024;

/// Every metric and its explanation, as `docs/operate/monitoring.md` lists them. Counters
/// get `_total` behind their name when they are written.
pub const NAMES: [(&str, &str); 21] = [
    ("siegel_ready", "1 while entries can be stored and read"),
    ("siegel_connections", "Open connections, in steps of ten"),
    (
        "siegel_connections_limit",
        "Connections at once at the most",
    ),
    ("siegel_attached_seats", "Attached seats, in steps of ten"),
    (
        "siegel_entries_stored",
        "Entries committed since the start, in steps of ten",
    ),
    (
        "siegel_entries_delivered",
        "Entries queued to attached seats since the start, in steps of ten",
    ),
    (
        "siegel_commit_seconds",
        "Time from taking a batch to its sync, shown ten commits at a time",
    ),
    (
        "siegel_commit_jobs",
        "Jobs of a committed batch, shown ten commits at a time",
    ),
    (
        "siegel_queue_jobs",
        "Jobs that wait for the writer, in steps of ten",
    ),
    (
        "siegel_storage_errors",
        "Failures of the storage since the start",
    ),
    (
        "siegel_storage_full",
        "1 while nothing can be stored for want of space",
    ),
    (
        "siegel_refused",
        "Requests and connections refused since the start, in steps of ten",
    ),
    (
        "siegel_blob_bytes",
        "Declared bytes of all attachments, in steps of 16 MiB",
    ),
    (
        "siegel_blob_store_reachable",
        "1 while the bucket of the attachments lets the relay in; absent without one",
    ),
    (
        "siegel_disk_free_bytes",
        "Free bytes on the disk of the data, in steps of 16 MiB",
    ),
    (
        "siegel_backup_age_seconds",
        "Age of the newest backup; absent without one",
    ),
    (
        "siegel_certificate_end_seconds",
        "End of the served certificate, seconds since 1970; absent without TLS of its own",
    ),
    (
        "siegel_clock_jump_seconds",
        "How far the clock has moved against its own counting since the start",
    ),
    (
        "siegel_memory_bytes",
        "Resident memory of the relay, in steps of 1 MiB",
    ),
    ("siegel_uptime_seconds", "Seconds since the start"),
    ("siegel_build", "Version of the relay and of its schema"),
];

/// All numbers of one moment.
#[derive(Debug)]
pub struct Picture {
    ready: bool,
    connections: u64,
    connections_limit: u64,
    seats: u64,
    stored: u64,
    delivered: u64,
    commit_seconds: Histogram,
    commit_jobs: Histogram,
    queue: u64,
    storage_errors: Vec<(&'static str, u64)>,
    full: bool,
    refused: Vec<(&'static str, u64)>,
    blob_bytes: Option<u64>,
    blob_store_reachable: Option<bool>,
    disk_free: Option<u64>,
    backup_age: Option<i64>,
    certificate_ends: Option<i64>,
    clock_jump: i64,
    memory: Option<u64>,
    uptime: Duration,
}

impl Picture {
    /// Looks at everything once.
    pub async fn take(state: &AppState, uptime: Duration) -> Self {
        let counts = state.hub.counts();
        let (stored, delivered) = counts.entries();
        let (commit_seconds, commit_jobs) = counts.commits();
        let readiness = Readiness::of(state).await;
        Self {
            ready: readiness.serves(),
            connections: step(state.connections.open().into(), STEP),
            connections_limit: state.config.limits.connections.into(),
            seats: step(state.hub.attached() as u64, STEP),
            stored: step(stored, STEP),
            delivered: step(delivered, STEP),
            commit_seconds,
            commit_jobs,
            queue: step(state.store.queued() as u64, STEP),
            storage_errors: counts.by_kind(),
            full: state.store.is_full(),
            refused: stepped(counts.by_reason()),
            blob_bytes: (state.store.blob_bytes().await.ok()).map(|bytes| step(bytes, SIZE_STEP)),
            blob_store_reachable: (state.blobs.bucket())
                .map(|bucket| bucket.health() == Health::Good),
            disk_free: readiness.disk_free().map(|bytes| step(bytes, SIZE_STEP)),
            backup_age: readiness.backup_age(),
            certificate_ends: state.transport.validity().map(|life| life.ends),
            clock_jump: state.clock.jump(),
            memory: machine::resident_bytes().map(|bytes| step(bytes, MEMORY_STEP)),
            uptime,
        }
    }
}

impl Collector for Picture {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page { encoder, next: 0 };
        page.gauge(Some(u64::from(self.ready)))?;
        page.gauge(Some(self.connections))?;
        page.gauge(Some(self.connections_limit))?;
        page.gauge(Some(self.seats))?;
        page.metric(&ConstCounter::new(self.stored))?;
        page.metric(&ConstCounter::new(self.delivered))?;
        page.metric(&self.commit_seconds)?;
        page.metric(&self.commit_jobs)?;
        page.gauge(Some(self.queue))?;
        page.counters("kind", &self.storage_errors)?;
        page.gauge(Some(u64::from(self.full)))?;
        page.counters("reason", &self.refused)?;
        page.gauge(self.blob_bytes)?;
        page.gauge(self.blob_store_reachable.map(u64::from))?;
        page.gauge(self.disk_free)?;
        page.signed(self.backup_age)?;
        page.signed(self.certificate_ends)?;
        page.signed(Some(self.clock_jump))?;
        page.gauge(self.memory)?;
        page.gauge(Some(self.uptime.as_secs()))?;
        page.metric(&Info::new([
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("schema", SCHEMA_VERSION.to_string()),
        ]))
    }
}

/// Writes the metrics in the order of [`NAMES`].
struct Page<'a> {
    encoder: DescriptorEncoder<'a>,
    next: usize,
}

impl Page<'_> {
    fn name(&mut self) -> Result<(&'static str, &'static str), fmt::Error> {
        let name = NAMES.get(self.next).copied();
        self.next += 1;
        name.ok_or(fmt::Error)
    }

    fn metric(&mut self, metric: &impl EncodeMetric) -> fmt::Result {
        let (name, help) = self.name()?;
        let to = (self.encoder).encode_descriptor(name, help, None, metric.metric_type())?;
        metric.encode(to)
    }

    /// Nothing is written where there is nothing to say, so that an alert can tell.
    fn gauge(&mut self, value: Option<u64>) -> fmt::Result {
        self.signed(value.map(|value| i64::try_from(value).unwrap_or(i64::MAX)))
    }

    fn signed(&mut self, value: Option<i64>) -> fmt::Result {
        match value {
            Some(value) => self.metric(&ConstGauge::new(value)),
            None => self.name().map(drop),
        }
    }

    fn counters(&mut self, label: &str, values: &[(&'static str, u64)]) -> fmt::Result {
        let (name, help) = self.name()?;
        let kind: MetricType = ConstCounter::<u64>::TYPE;
        let mut family = self.encoder.encode_descriptor(name, help, None, kind)?;
        for (value, count) in values {
            let labels = [(label, *value)];
            ConstCounter::new(*count).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

/// The last full step.
fn step(value: u64, size: u64) -> u64 {
    value / size * size
}

fn stepped(values: Vec<(&'static str, u64)>) -> Vec<(&'static str, u64)> {
    let values = values.into_iter();
    values
        .map(|(name, value)| (name, step(value, STEP)))
        .collect()
}
