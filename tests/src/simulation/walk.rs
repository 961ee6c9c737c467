//! A random walk: people do what they like, everything that can go wrong does, and from
//! time to time, when it is calm, the reference model says what has to have come of it.
//!
//! One number makes the whole walk; the same number makes the same walk.

use std::collections::{BTreeMap, BTreeSet};

use siegel_client_core::Command;
use siegel_client_core::room::Stage;
use siegel_proto::certificate::PersonRole;
use siegel_proto::ids::RoomId;
use siegel_proto::limits;
use siegel_proto::organisation::Policy;

use super::device::Disk;
use super::model::Model;
use super::people::text_kind;
use super::verdict::Broken;
use super::world::{DeviceNo, World};

/// Devices a walk ends up with at most.
pub const MOST_DEVICES: usize = 12;
/// Rooms it ends up with at most.
pub const MOST_ROOMS: usize = 5;
/// Moves between two moments of calm, about.
const CALM_EVERY: usize = 250;
/// How often a calm world is asked again before what is left counts as stuck.
const PATIENCE: usize = 6;

/// What can go wrong beside lines, answers and crashes, which always do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Clocks are wrong by up to ninety days.
    Clocks,
    /// Disks are put back to an earlier time.
    Disks,
    /// Entries run out at the relay before everybody has them.
    Expiry,
}

/// One walk.
pub struct Walk {
    /// The seed it came from.
    pub seed: u64,
    /// What goes wrong in it.
    pub trouble: Trouble,
    /// Where it is.
    pub world: World,
    /// What has to come of it.
    pub model: Model,
    /// What was done and what went wrong, counted.
    pub counts: BTreeMap<&'static str, u64>,
    pub(super) joining: Vec<Joining>,
    pub(super) held: BTreeMap<DeviceNo, usize>,
    pub(super) backups: BTreeMap<DeviceNo, Disk>,
    pub(super) revoked: BTreeSet<DeviceNo>,
    pub(super) words: u64,
    pub(super) now: usize,
    pub(super) passed: i64,
}

/// Somebody with a link who is not in yet.
pub(super) struct Joining {
    pub(super) at: DeviceNo,
    pub(super) link: String,
}

/// How a walk ended early.
#[derive(Debug)]
pub struct Failure {
    /// The seed to walk it again.
    pub seed: u64,
    /// After how many moves.
    pub moves: usize,
    /// What was not as it has to be.
    pub broken: Broken,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            seed,
            moves,
            broken,
        } = self;
        write!(f, "seed {seed} after {moves} moves: {broken}")
    }
}

impl std::error::Error for Failure {}

impl Walk {
    /// An office of two to four colleagues with a room.
    pub fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let trouble = match seed % 4 {
            0 => Trouble::None,
            1 => Trouble::Clocks,
            2 => Trouble::Disks,
            _ => Trouble::Expiry,
        };
        let admin = world.set_up("P0");
        // Nothing runs out on a device whose clock jumps from one end to the other.
        world.command(admin, || {
            Command::SetPolicy(Policy {
                retention_days: limits::EXPIRY_DAYS,
                ..Policy::default()
            })
        });
        world.settle();
        let colleagues = 1 + world.draw(3);
        for n in 1..=colleagues {
            world.join_staff(admin, &format!("P{n}"));
        }
        let others: Vec<DeviceNo> = (1..world.devices.len()).collect();
        world.create_room(admin, "Raum", &others);
        Self {
            seed,
            trouble,
            world,
            model: Model::default(),
            counts: BTreeMap::new(),
            joining: Vec::new(),
            held: BTreeMap::new(),
            backups: BTreeMap::new(),
            revoked: BTreeSet::new(),
            words: 0,
            now: 0,
            passed: 0,
        }
    }

    /// Makes so many moves and ends calmly.
    ///
    /// # Errors
    /// The first broken promise.
    pub fn walk(&mut self, moves: usize) -> Result<(), Failure> {
        self.moves(moves).map_err(|broken| Failure {
            seed: self.seed,
            moves: self.now,
            broken,
        })
    }

    fn moves(&mut self, moves: usize) -> Result<(), Broken> {
        for _ in 0..moves {
            self.now += 1;
            match self.world.draw(1_000) {
                0..700 => self.network()?,
                700..900 => self.somebody_acts()?,
                900..996 => self.something_breaks(),
                _ if self.world.draw(CALM_EVERY) == 0 => self.calm()?,
                _ => {}
            }
            if self.now.is_multiple_of(CALM_EVERY) {
                self.calm()?;
            }
        }
        self.heal()
    }

    pub(super) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    pub(super) fn any_device(&mut self) -> DeviceNo {
        let devices = self.world.devices.len();
        self.world.draw(devices)
    }

    /// Something moves on one wire.
    fn network(&mut self) -> Result<(), Broken> {
        let at = self.any_device();
        if self.held.get(&at).is_some_and(|until| *until > self.now) {
            return Ok(());
        }
        let moved = match self.world.draw(8) {
            0 => self.world.connect(at),
            1 => {
                let lost = self.world.draw(4) == 0;
                let answered = self.world.http(at, lost);
                if answered && lost {
                    self.count("fault: an answer over HTTP is lost");
                }
                answered
            }
            2 => self.world.stray(),
            3 | 4 => self.world.up(at),
            _ => self.world.down(at),
        };
        if moved && self.world.draw(4) == 0 {
            for view in self.world.devices[at].client.rooms().unwrap_or_default() {
                self.model.look(&self.world, at, view.room)?;
            }
        }
        Ok(())
    }

    /// Everybody is online, nothing breaks, everything arrives: now it must be right.
    pub(super) fn calm(&mut self) -> Result<(), Broken> {
        self.count("moments of calm");
        self.world.crash_at = None;
        self.held.clear();
        for at in 0..self.world.devices.len() {
            self.world.online(at);
        }
        self.world.settle();
        self.join_again();
        for at in 0..self.world.devices.len() {
            self.world.tick(at);
            self.note_said(at);
        }
        self.world.settle();
        self.let_back_in()?;
        self.judge_revocations()?;
        self.model.judge(&self.world)
    }

    /// Whoever had bad luck with a link tries again until it works or the link is dead.
    fn join_again(&mut self) {
        for _ in 0..PATIENCE {
            self.retry_joins();
            self.world.settle();
        }
    }

    pub(super) fn retry_joins(&mut self) {
        let world = &mut self.world;
        self.joining.retain(|joining| {
            let client = &world.devices[joining.at].client;
            client.profile().is_err() && client.is_joining()
        });
        for joining in &self.joining {
            // A refusal is told by the link, which is tried until it is said to be dead.
            let again = Command::Join {
                link: joining.link.parse().expect("a link"),
                name: world.devices[joining.at].name.clone(),
                position: String::new(),
            };
            world
                .try_command(joining.at, again)
                .expect("a new device may join");
        }
    }

    /// Whoever lost a commit or a Welcome for good cannot follow and is let in again by a
    /// manager.
    fn let_back_in(&mut self) -> Result<(), Broken> {
        for _ in 0..PATIENCE {
            let mut lost = Vec::new();
            for room in self.world.all_rooms() {
                let (seated, _) = self.world.seated(room);
                let behind = seated.into_iter().filter(|at| self.is_behind(*at, room));
                lost.extend(behind.map(|at| (at, room)));
                lost.extend(self.awaited(room).map(|at| (at, room)));
            }
            if lost.is_empty() {
                return Ok(());
            }
            // Before anything is repaired: a room beyond it has no seats any more.
            for (at, room) in &lost {
                if !self.lost_something(*at, *room) {
                    let name = &self.world.devices[*at].name;
                    return Err(format!("{name} cannot follow and has lost nothing"));
                }
            }
            for (at, room) in lost {
                self.replace(at, room);
            }
        }
        Err("whoever was lost does not find back".into())
    }

    fn is_behind(&self, at: DeviceNo, room: RoomId) -> bool {
        let epoch = self.world.relay.logs.get(&room).map(|log| log.room.epoch);
        let view = self.world.devices[at].client.room(room);
        let follows = view.is_ok_and(|view| {
            view.stage == Stage::Active && !view.shut && Some(view.epoch) == epoch
        });
        self.world.takes_part(at) && !follows
    }

    /// Devices that were added to a room and have not taken their seat.
    fn awaited(&self, room: RoomId) -> impl Iterator<Item = DeviceNo> {
        let (seated, _) = self.world.seated(room);
        let follows = |at: &&DeviceNo| self.world.takes_part(**at) && !self.is_behind(**at, room);
        let members = match seated.iter().find(follows) {
            Some(at) => self.world.members(*at, room),
            None => Vec::new(),
        };
        (0..self.world.devices.len()).filter(move |at| {
            let is_member = |at| members.iter().any(|m| m.person == self.world.person(at));
            !seated.contains(at) && self.world.takes_part(*at) && is_member(*at)
        })
    }

    fn lost_something(&self, at: DeviceNo, room: RoomId) -> bool {
        // A Welcome does not run out with what is said in the room.
        let (seated, _) = self.world.seated(room);
        let missed = seated.contains(&at) && self.model.expired.contains_key(&room);
        self.model.put_back.contains(&at) || missed
    }

    fn replace(&mut self, at: DeviceNo, room: RoomId) {
        let (seated, _) = self.world.seated(room);
        let person = self.world.person(at);
        let manager = seated.into_iter().find(|other| {
            let members = self.world.devices[*other].client.members(room);
            *other != at
                && !self.is_behind(*other, room)
                && self.world.takes_part(*other)
                && members.is_ok_and(|members| members.iter().any(|m| m.own && m.manager))
        });
        let Some(manager) = manager else {
            // Nobody can repair the room any more; a reset is not made by this version.
            self.count("rooms beyond repair");
            if let Some(log) = self.world.relay.logs.get_mut(&room) {
                log.room.seats.clear();
            }
            return;
        };
        self.count("let in again after a loss");
        self.world.remove(manager, room, at);
        self.world.settle();
        let profile = self.world.devices[at].client.profile();
        if profile.is_ok_and(|profile| profile.role != PersonRole::Guest) {
            let add = Command::Add {
                room,
                people: vec![person],
            };
            if self.world.try_command(manager, add).is_ok() {
                self.world.settle();
            }
        }
    }

    /// At the end clocks are right again, and everybody can speak and is heard.
    fn heal(&mut self) -> Result<(), Broken> {
        for device in &mut self.world.devices {
            device.skew = 0;
        }
        self.calm()?;
        for room in self.world.all_rooms() {
            let (seated, _) = self.world.seated(room);
            for at in seated {
                let stuck = self.world.is_stuck_with_leavers(room);
                if self.world.takes_part(at) && !stuck {
                    self.words += 1;
                    let text = format!("Wort {}", self.words);
                    self.world.say_kind(at, room, &text_kind(&text));
                    self.note_said(at);
                }
            }
        }
        self.calm()
    }
}
