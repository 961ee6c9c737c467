//! Stops and starts the relay under its writers, and looks after each start.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use rustix::process::Signal;
use siegel_proto::ids::SeatHash;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::reader::Reading;
use super::writer::{Progress, Writer};
use super::{Error, Log, Plan, Report};
use crate::harness::patiently;
use crate::wire::entry::Mark;
use crate::wire::organisation::{create_room, open_seat, room, staff_seat, token};
use crate::wire::{self, Organisation, Program, RelayProcess};

/// Seats of readers, above every writer's number.
const READER: u32 = 1_000_000;
/// New entries a relay lives for at most.
const ENTRIES_PER_LIFE: u64 = 400;
/// How long a relay lives on after that, at most.
const EXTRA: Duration = Duration::from_millis(5);
/// Only an experiment that has failed waits this long, also on a machine that stands still now
/// and then.
const PATIENCE: Duration = Duration::from_secs(300);

/// Carries the plan out on a new relay. `program` takes the relay's arguments.
///
/// # Errors
/// [`Error::Broken`] names the promise; everything else ended the experiment.
pub async fn run(program: &Program, plan: Plan) -> Result<Report, Error> {
    let folder = TempDir::new().map_err(Error::Folder)?;
    // The limits stay on, above what so few people can do.
    let program = (program.clone())
        .with("SIEGEL_LIMITS__SEAT__PER_SECOND", "100000")
        .with("SIEGEL_LIMITS__SEAT__BURST", "100000")
        .with("SIEGEL_LIMITS__SOURCE__PER_SECOND", "100000")
        .with("SIEGEL_LIMITS__SOURCE__BURST", "100000")
        .with("SIEGEL_LOG__LEVEL", "error");
    let mut experiment = Experiment {
        program,
        data: folder.path().join("data"),
        random: ChaCha8Rng::seed_from_u64(plan.seed),
        writers: (0..plan.writers)
            .map(|number| Writer::new(number, room(number % plan.rooms)))
            .collect(),
        logs: (0..plan.rooms).map(|_| Log::default()).collect(),
        acknowledged: vec![0; plan.rooms as usize],
        known: Arc::default(),
        report: Report::default(),
        stop: 0,
        plan,
    };
    experiment.set_up().await?;
    while experiment.stop < plan.stops {
        experiment.life().await?;
    }
    experiment.last_life().await
}

struct Experiment {
    plan: Plan,
    program: Program,
    data: std::path::PathBuf,
    random: ChaCha8Rng,
    writers: Vec<Writer>,
    logs: Vec<Log>,
    /// Up to where each room's reader has acknowledged: what everybody has may be gone.
    acknowledged: Vec<u64>,
    /// Answers of the last life to entries that still stand in the log.
    known: Arc<HashMap<Mark, u64>>,
    report: Report,
    stop: u32,
}

impl Experiment {
    async fn set_up(&self) -> Result<(), Error> {
        let mut relay = start(&self.program, &self.data).await?;
        let organisation = Organisation::default();
        let set_up = relay.set_up_token().await?;
        organisation.set_up(relay.address(), set_up).await?;
        let mut admin = relay.connect().await?;
        organisation.staff(READER).enrol(&mut admin).await?;
        for number in 0..self.plan.writers {
            let mut connection = relay.connect().await?;
            organisation.staff(number).enrol(&mut connection).await?;
        }
        for number in 0..self.plan.rooms {
            let id = room(number);
            let seats: Vec<SeatHash> = (0..self.plan.writers)
                .filter(|writer| writer % self.plan.rooms == number)
                .map(|writer| staff_seat(id, writer))
                .chain([open_seat(id, READER)])
                .collect();
            admin.done(create_room(id, seats)).await?;
        }
        relay.signal(Signal::TERM)?;
        let status = relay.ended().await?;
        if status.success() {
            Ok(())
        } else {
            Err(self.broken(format!(
                "the relay was told to stop and ended with {status}"
            )))
        }
    }

    /// Starts, looks, lets people write, and stops in the middle.
    async fn life(&mut self) -> Result<(), Error> {
        let relay = self.start().await?;
        let readings = self.look(&relay).await?;
        let progress = Arc::new(Progress::default());
        let mut lives = self.let_write(&relay, &progress);
        let writers = u64::from(self.plan.writers);
        self.wait(
            &mut lives,
            "their answers again",
            progress.until_settled(writers),
        )
        .await?;
        for (reading, acknowledged) in readings.into_iter().zip(&mut self.acknowledged) {
            *acknowledged = reading.acknowledge().await?;
        }
        let entries = 1 + self.random.next_u64() % ENTRIES_PER_LIFE;
        self.wait(&mut lives, "answers", progress.until_answered(entries))
            .await?;
        if (self.stop + 1).is_multiple_of(self.plan.frozen_every) {
            self.freeze(&relay).await?;
            let more = progress.answers() + writers;
            self.wait(
                &mut lives,
                "answers after a freeze",
                progress.until_answered(more),
            )
            .await?;
        }
        let extra = EXTRA.as_micros() as u64;
        let extra = Duration::from_micros(self.random.next_u64() % extra);
        // Sleeps because the moment of the stop is what is tried.
        tokio::time::sleep(extra).await;
        self.stop += 1;
        let orderly = self.stop.is_multiple_of(self.plan.orderly_every);
        let signal = if orderly { Signal::TERM } else { Signal::KILL };
        relay.signal(signal)?;
        let status = relay.ended().await?;
        if orderly && !status.success() {
            return Err(self.broken(format!(
                "the relay was told to stop and ended with {status}"
            )));
        }
        let counter = if orderly {
            &mut self.report.orderly
        } else {
            &mut self.report.kills
        };
        *counter += 1;
        self.gather(lives).await
    }

    /// Starts once more; everything ever sent is there in the end.
    async fn last_life(mut self) -> Result<Report, Error> {
        let relay = self.start().await?;
        drop(self.look(&relay).await?);
        let progress = Arc::new(Progress::default());
        progress.close();
        let lives = self.let_write(&relay, &progress);
        self.gather(lives).await?;
        drop(self.look(&relay).await?);
        for writer in &self.writers {
            for number in 0..writer.sent() {
                let mark = Mark {
                    writer: writer.number(),
                    number,
                };
                if !self.logs[writer.room_number(self.plan.rooms)].has(&mark) {
                    return Err(
                        self.broken(format!("{mark:?} was sent until answered, and is lost"))
                    );
                }
            }
        }
        self.report.repeated = self.writers.iter().map(|writer| writer.repeated).sum();
        relay.signal(Signal::TERM)?;
        let status = relay.ended().await?;
        if status.success() {
            Ok(self.report)
        } else {
            Err(self.broken(format!(
                "the relay was told to stop and ended with {status}"
            )))
        }
    }

    async fn start(&mut self) -> Result<RelayProcess, Error> {
        let relay = start(&self.program, &self.data).await?;
        let took = relay.ready_after();
        self.report.slowest_start = self.report.slowest_start.max(took);
        Ok(relay)
    }

    /// Reads every room to its end, and compares.
    async fn look(&mut self, relay: &RelayProcess) -> Result<Vec<Reading>, Error> {
        let mut readings = Vec::new();
        for number in 0..self.plan.rooms {
            let reading = async {
                let mut ticks = tokio::time::interval(Duration::from_millis(20));
                loop {
                    ticks.tick().await;
                    let address = relay.address();
                    match Reading::to_the_end(address, room(number), token(READER)).await {
                        // A machine that stands still makes the relay take people for gone.
                        Err(wire::Error::Gone(_)) => {}
                        read => return read,
                    }
                }
            };
            let reading = patiently("a reader reaches the end", reading).await?;
            let log = &mut self.logs[number as usize];
            let found = log.read(reading.cursor, &reading.given);
            log.forget(reading.cursor);
            self.report.acknowledged += found.map_err(|what| self.broken(what))?;
            readings.push(reading);
        }
        for writer in &self.writers {
            let log = &self.logs[writer.room_number(self.plan.rooms)];
            let stored = writer.open().filter(|mark| log.has(mark)).count() as u64;
            self.report.answer_lost += stored;
            self.report.not_stored += writer.open().count() as u64 - stored;
        }
        Ok(readings)
    }

    fn let_write(&mut self, relay: &RelayProcess, progress: &Arc<Progress>) -> Lives {
        let mut lives = JoinSet::new();
        for mut writer in self.writers.drain(..) {
            let (address, known, progress) =
                (relay.address(), self.known.clone(), progress.clone());
            lives.spawn(async move {
                let ended = writer.live(address, &known, &progress).await;
                (writer, ended)
            });
        }
        lives
    }

    /// Waits for the writers; none of them may end before.
    async fn wait(
        &self,
        lives: &mut Lives,
        what: &str,
        progress: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        tokio::select! {
            biased;
            ended = lives.join_next() => match ended {
                Some(Ok((_, Err(error)))) => Err(self.broken(error.to_string())),
                Some(Err(error)) => Err(error.into()),
                Some(Ok((_, Ok(())))) | None => {
                    Err(self.broken("the relay hung up on a writer".into()))
                }
            },
            waited = tokio::time::timeout(PATIENCE, progress) => {
                waited.map_err(|_| self.broken(format!("the writers wait for {what}")))
            }
        }
    }

    /// Takes the writers and their answers back after the relay has ended.
    async fn gather(&mut self, mut lives: Lives) -> Result<(), Error> {
        let mut known = HashMap::new();
        while let Some(life) = patiently("the writers notice", lives.join_next()).await {
            let (mut writer, ended) = life?;
            ended.map_err(|error| self.broken(error.to_string()))?;
            let answered = writer.take_answered();
            let room = writer.room_number(self.plan.rooms);
            let standing = (answered.iter()).filter(|place| place.seq > self.acknowledged[room]);
            known.extend(standing.map(|place| (place.mark, place.seq)));
            self.logs[room].answered(answered);
            self.writers.push(writer);
        }
        self.known = Arc::new(known);
        Ok(())
    }

    async fn freeze(&mut self, relay: &RelayProcess) -> Result<(), Error> {
        relay.signal(Signal::STOP)?;
        // Sleeps because the length of the freeze is what is tried.
        tokio::time::sleep(self.plan.freeze).await;
        relay.signal(Signal::CONT)?;
        self.report.frozen += 1;
        Ok(())
    }

    fn broken(&self, what: String) -> Error {
        Error::Broken {
            stop: self.stop,
            seed: self.plan.seed,
            what,
        }
    }
}

type Lives = JoinSet<(Writer, Result<(), wire::Error>)>;

async fn start(program: &Program, data: &Path) -> Result<RelayProcess, wire::Error> {
    patiently("the relay starts", RelayProcess::start(program, data)).await
}
