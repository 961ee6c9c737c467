//! Hostile bytes for everything that reads bytes.
//!
//! A [`Target`] reads input and says whether it took it; it panics when a promise is
//! broken. [`run`] feeds it first the corpus as it is, then [mutations](mutate) of it from
//! one seed, and watches time and memory: of time what the processor spends on the input,
//! on the thread that reads it. What a target took goes into the pool the next
//! mutations start from.
//!
//! | form | how | how long |
//! | --- | --- | --- |
//! | short | `cargo test -p siegel-tests --test fuzz` | a fixed number of inputs per target |
//! | long | `cargo xtask fuzz --seconds 3600` | as long as it is told |
//!
//! Both are on the stable toolchain and know nothing of coverage; the corpus has to bring
//! the structure: the vectors of `proto`, recorded sessions and groups, and the files in
//! `tests/fuzz/corpus`, one folder per target. An input that once broke something goes
//! there and is played again for ever.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a target stops at the first broken promise"
)]

pub mod corpus;
mod device;
mod files;
mod groups;
mod messages;
pub mod mutate;
mod texts;
mod vaults;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use mutate::Mutator;
use rustix::time::{ClockId, clock_gettime};

/// Inputs a target may keep as ground for further mutations, beside its corpus.
const POOL: usize = 256;

/// Something that reads bytes from outside.
pub struct Target {
    /// What it is called on the command line; also its folder in the corpus.
    pub name: &'static str,
    /// Inputs of the short form.
    pub inputs: u64,
    /// Bytes one input may cost beyond 64 for each of its own.
    pub memory: usize,
    /// What one input may take in the long form, which is optimised.
    pub time: Duration,
    /// Prepares it.
    pub make: fn() -> Harness,
}

/// A target that is ready.
pub struct Harness {
    /// Sound inputs to start from.
    pub corpus: Vec<Vec<u8>>,
    /// Reads an input; whether it was taken. Panics when a promise is broken.
    pub read: Box<Read>,
}

/// Whether an input is taken.
pub type Read = dyn FnMut(&[u8]) -> bool;

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub enum Budget {
    /// So many mutated inputs.
    Inputs(u64),
    /// So long.
    Time(Duration),
}

/// Measures memory: the program's allocator, which only a program can set.
#[derive(Clone, Copy)]
pub struct Meter {
    /// Forgets the highest mark and returns what is in use.
    pub reset: fn() -> usize,
    /// The highest mark since.
    pub peak: fn() -> usize,
}

/// What a run saw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Inputs read.
    pub inputs: u64,
    /// Mutated inputs that were taken.
    pub taken: u64,
    /// The most one input took.
    pub slowest: Duration,
    /// The most bytes one input cost.
    pub largest: usize,
}

/// A broken promise.
#[derive(Debug)]
pub struct Finding {
    /// What happened.
    pub what: String,
    /// The input that did it.
    pub input: Vec<u8>,
    /// Which input of the run it was.
    pub number: u64,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            inputs,
            taken,
            slowest,
            largest,
        } = self;
        let kib = largest / 1024;
        write!(
            f,
            "{inputs} inputs, {taken} taken, at most {slowest:.1?} and {kib} KiB"
        )
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = &self.input[..self.input.len().min(512)];
        let hex = data_encoding::HEXLOWER.encode(shown);
        let (what, number, length) = (&self.what, self.number, self.input.len());
        write!(f, "{what}: input {number}, {length} bytes: {hex}")
    }
}

/// Every target.
pub fn targets() -> Vec<Target> {
    let mut targets = messages::targets();
    targets.extend(texts::targets());
    targets.extend(files::targets());
    targets.extend(groups::targets());
    targets.extend(vaults::targets());
    targets.extend(device::targets());
    targets
}

impl Target {
    /// A target with the usual bounds.
    const fn new(name: &'static str, inputs: u64, make: fn() -> Harness) -> Self {
        Self {
            name,
            inputs,
            memory: 1024 * 1024,
            time: Duration::from_millis(50),
            make,
        }
    }

    /// What is dearer than usual by design.
    const fn bounds(mut self, memory: usize, time: Duration) -> Self {
        self.memory = memory;
        self.time = time;
        self
    }
}

/// Feeds a target. `slack` multiplies the time an input may take: unoptimised and on a
/// slow machine everything takes longer.
///
/// # Errors
/// The first broken promise.
pub fn run(
    target: &Target,
    budget: Budget,
    seed: u64,
    slack: u32,
    meter: Meter,
) -> Result<Report, Box<Finding>> {
    let mut harness = (target.make)();
    harness.corpus.extend(corpus::files(target.name));
    let mut watch = Watch {
        target,
        slack,
        meter,
        report: Report::default(),
    };
    for input in harness.corpus.clone() {
        watch.feed(&mut harness, &input)?;
    }
    let mut mutator = Mutator::new(seed, target.name);
    let mut pool = harness.corpus.clone();
    let corpus = pool.len();
    let begin = now();
    let mut number = 0;
    while match budget {
        Budget::Inputs(inputs) => number < inputs,
        Budget::Time(time) => begin.elapsed() < time,
    } {
        number += 1;
        let input = mutator.mutate(&pool);
        if watch.feed(&mut harness, &input)? {
            watch.report.taken += 1;
            if pool.len() < corpus + POOL {
                pool.push(input);
            } else {
                let place = corpus + mutator.below(POOL);
                pool[place] = input;
            }
        }
    }
    Ok(watch.report)
}

struct Watch<'a> {
    target: &'a Target,
    slack: u32,
    meter: Meter,
    report: Report,
}

impl Watch<'_> {
    fn feed(&mut self, harness: &mut Harness, input: &[u8]) -> Result<bool, Box<Finding>> {
        self.report.inputs += 1;
        let number = self.report.inputs;
        let broken = |what: String| {
            let input = input.to_vec();
            Box::new(Finding {
                what,
                input,
                number,
            })
        };
        let before = (self.meter.reset)();
        let start = spent();
        let outcome = catch_unwind(AssertUnwindSafe(|| (harness.read)(input)));
        let took = spent().saturating_sub(start);
        let cost = (self.meter.peak)().saturating_sub(before);
        let taken = outcome.map_err(|panic| broken(text_of(&*panic)))?;
        self.report.slowest = self.report.slowest.max(took);
        self.report.largest = self.report.largest.max(cost);
        if took > self.target.time * self.slack {
            return Err(broken(format!("took {took:?}")));
        }
        if cost > self.target.memory + 64 * input.len() {
            return Err(broken(format!("cost {cost} bytes of memory")));
        }
        Ok(taken)
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

/// What the processor has spent on this thread: others, and a machine that stands still, do
/// not count.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("never before its beginning")
}

#[expect(clippy::disallowed_methods, reason = "how long to go on is real time")]
fn now() -> Instant {
    Instant::now()
}
