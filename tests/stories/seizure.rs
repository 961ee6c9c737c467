//! Somebody seizes the relay's disk after a week of fifty colleagues and two hundred
//! clients and tries to tell which seats belong to one device, which rooms of clients have
//! colleagues in common, and who is a client.
//!
//! What the thief gets out of it is held against guessing, and the bound is stated here
//! and in `docs/threat-model.md`.
#![expect(
    clippy::print_stdout,
    reason = "the figures behind the bound; shown with --nocapture and when it breaks"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aho_corasick::AhoCorasick;
use siegel_proto::ids::{RoomId, SeatHash};
use siegel_tests::seizure::thief::{self, Loot};
use siegel_tests::seizure::week::{Owner, Scale, Truth, Week};

use super::{World, story};

const WEEK: Scale = Scale {
    staff: 50,
    clients: 200,
    rooms: 40,
};

/// Whatever way the thief chooses, of the pairs it names at most so many times as many are
/// right as of pairs drawn by lot, and so much more.
const TIMES_CHANCE: f64 = 2.0;
const AND: f64 = 0.03;
/// Of the seats it names as a client's, in rooms of which it is told that one is and in
/// which a commit came after the client. Before that commit the thief knows: the seat the
/// client replaced stands beside the new one. What remains afterwards is habits: the week
/// ends on a Sunday, on which clients read and colleagues do not.
const CLIENTS_AT_MOST: f64 = 0.85;

/// How often the thief was right, and how often chance would have been.
#[derive(Clone, Copy, Default)]
struct Score {
    named: f64,
    right: f64,
    by_chance: f64,
}

impl Score {
    fn add(&mut self, right: bool, chance: f64) {
        self.named += 1.0;
        self.right += f64::from(u8::from(right));
        self.by_chance += chance;
    }

    fn share(self) -> f64 {
        self.right / self.named.max(1.0)
    }

    fn is_hardly_better_than_chance(self, way: &str) {
        let bound = TIMES_CHANCE * self.chance() + AND;
        assert!(self.share() <= bound, "{way}: {}", self.share());
    }

    fn chance(self) -> f64 {
        self.by_chance / self.named.max(1.0)
    }
}

#[test]
fn a_week_on_a_seized_disk_ties_no_seats_together_and_names_no_client() {
    story(async {
        let world = World::with(|config| config.limits.ballast_bytes = 0).await;
        let token = world.set_up_token();
        let mut week = Week::begin(world.address(), world.clock.clone(), token, WEEK, 50_200).await;
        week.pass().await;
        // The disk is taken while the relay runs, with its log of writes.
        let running = copy_of(&world.relay_directory());
        world.stop_relay().await;
        let stopped = copy_of(&world.relay_directory());
        let truth = &week.truth;
        for folder in [&running, &stopped] {
            let loot = Loot::take(folder.path());
            assert_eq!(loot.rooms.len(), WEEK.clients + WEEK.rooms);
            nothing_only_devices_know_is_there(&loot, truth);
            no_page_holds_people_and_rooms(&loot, truth);
            seats_are_not_tied(&loot, truth);
            rooms_of_clients_are_not_tied(&loot, truth);
            clients_are_not_told(&loot, truth);
        }
        replaced_seats_are_gone(&Loot::take(stopped.path()), truth);
    });
}

fn copy_of(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::TempDir::new().expect("a folder");
    let entries = std::fs::read_dir(folder).expect("reads").flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut names: Vec<_> = files.map(|entry| entry.file_name()).collect();
    // The log first: what the relay moves from it into the database meanwhile is in both
    // then, and not in neither.
    names.sort_by_key(|name| !name.to_string_lossy().ends_with("-wal"));
    for name in names {
        std::fs::copy(folder.join(&name), copy.path().join(&name)).expect("copies");
    }
    copy
}

/// No token, whole or as a piece of it, in any file.
fn nothing_only_devices_know_is_there(loot: &Loot, truth: &Truth) {
    let pieces: Vec<&[u8]> = truth.secrets.iter().map(|secret| &secret[..16]).collect();
    assert!(pieces.len() > 500);
    let tokens = any_of(&pieces);
    for (name, bytes) in &loot.files {
        assert!(!tokens.is_match(bytes), "{name} holds a seat's token");
    }
}

fn any_of(wanted: &[&[u8]]) -> AhoCorasick {
    AhoCorasick::new(wanted).expect("few and short")
}

/// Accounts and devices lie in pages of their own, in the database and in its log: no
/// page ties a person to a room by neighbourhood.
fn no_page_holds_people_and_rooms(loot: &Loot, truth: &Truth) {
    const PAGE: usize = 4_096;
    let people: Vec<&[u8]> = truth.people.iter().map(Vec::as_slice).collect();
    let rooms = loot.rooms.iter().map(|room| &room.id.as_bytes()[..]);
    let seats = truth.seats.keys().map(|hash| &hash.as_bytes()[..16]);
    let rooms: Vec<&[u8]> = rooms.chain(seats).collect();
    let (people, rooms) = (any_of(&people), any_of(&rooms));
    let (mut with_people, mut with_rooms) = (0, 0);
    for (name, bytes) in &loot.files {
        // Frames of the log carry 24 bytes before each page and 32 at the beginning.
        let (start, step) = match name.ends_with("-wal") {
            true => (32 + 24, PAGE + 24),
            false => (0, PAGE),
        };
        for at in (start..bytes.len()).step_by(step) {
            let page = &bytes[at..bytes.len().min(at + PAGE)];
            let (person, room) = (people.is_match(page), rooms.is_match(page));
            assert!(!(person && room), "a page of {name} ties people to rooms");
            with_people += usize::from(person);
            with_rooms += usize::from(room);
        }
    }
    assert!(with_people > 0 && with_rooms > 0, "the search sees both");
}

/// Which seats belong to one device. Clients have one seat; the thief is told which those
/// are and leaves them out.
fn seats_are_not_tied(loot: &Loot, truth: &Truth) {
    let owner = |hash: &SeatHash| truth.seats[hash].1;
    let all: Vec<_> = (loot.seats().into_iter())
        .filter(|(_, seat)| matches!(owner(&seat.hash), Owner::Staff(_)))
        .collect();
    let chances: Vec<f64> = (all.iter())
        .map(|own| {
            let others = all.iter().filter(|(room, _)| room.id != own.0.id);
            let same = |hash: &SeatHash| owner(hash) == owner(&own.1.hash);
            let right = others.clone().filter(|(_, seat)| same(&seat.hash)).count();
            right as f64 / others.count() as f64
        })
        .collect();
    for (way, attack) in thief::ATTACKS {
        let mut score = Score::default();
        for (own, chance) in all.iter().zip(&chances) {
            let named = thief::most_alike(*attack, *own, &all).expect("there are others");
            score.add(owner(&named.1.hash) == owner(&own.1.hash), *chance);
        }
        report("one device", way, score);
        score.is_hardly_better_than_chance(way);
    }
}

/// Which rooms of clients have colleagues in common. The thief is told which rooms those
/// are.
fn rooms_of_clients_are_not_tied(loot: &Loot, truth: &Truth) {
    let mut colleagues: BTreeMap<RoomId, BTreeSet<Owner>> = BTreeMap::new();
    let mut with_client = BTreeSet::new();
    for (room, owner) in truth.seats.values() {
        match owner {
            Owner::Staff(_) => _ = colleagues.entry(*room).or_default().insert(*owner),
            Owner::Client(_) => _ = with_client.insert(*room),
        }
    }
    let share = |a: &RoomId, b: &RoomId| !colleagues[a].is_disjoint(&colleagues[b]);
    let chance = |own: &RoomId| {
        let others = with_client.iter().filter(|room| *room != own);
        let right = others.clone().filter(|room| share(own, room)).count();
        right as f64 / others.count() as f64
    };
    let chances: BTreeMap<RoomId, f64> = with_client.iter().map(|r| (*r, chance(r))).collect();
    let all: Vec<_> = (loot.seats().into_iter())
        .filter(|(room, _)| with_client.contains(&room.id))
        .collect();
    for (way, attack) in thief::ATTACKS {
        let mut score = Score::default();
        for own in &all {
            let named = thief::most_alike(*attack, *own, &all).expect("there are others");
            score.add(share(&own.0.id, &named.0.id), chances[&own.0.id]);
        }
        report("common colleagues", way, score);
        score.is_hardly_better_than_chance(way);
    }
}

/// Who is a client: which seat of a room of which the thief is told that one is.
fn clients_are_not_told(loot: &Loot, truth: &Truth) {
    let is_client = |hash: &SeatHash| matches!(truth.seats[hash].1, Owner::Client(_));
    for (way, pick) in thief::PICKS {
        let (mut fresh, mut settled) = (Score::default(), Score::default());
        for room in &loot.rooms {
            let Some(arrived) = truth.arrived.get(&room.id) else {
                continue;
            };
            let named = pick(room).expect("a room has seats");
            let score = match u64::try_from(room.epoch).expect("not negative") > *arrived {
                true => &mut settled,
                false => &mut fresh,
            };
            score.add(is_client(&named), 1.0 / room.seats.len() as f64);
        }
        report("a client's seat after another commit", way, settled);
        report("a client's seat before", way, fresh);
        assert!(settled.named > 30.0, "enough to tell");
        assert!(
            settled.share() <= CLIENTS_AT_MOST,
            "{way}: {}",
            settled.share()
        );
    }
}

/// What a client's device replaced is no longer on the disk once another commit came.
fn replaced_seats_are_gone(loot: &Loot, truth: &Truth) {
    let database = loot.files.iter().find(|(name, _)| name == "siegel.db");
    let (_, bytes) = database.expect("the database");
    let replaced: Vec<&[u8]> = truth.replaced.iter().map(|h| &h.as_bytes()[..]).collect();
    let standing = any_of(&replaced);
    let left: BTreeSet<_> = standing.find_iter(bytes).map(|m| m.pattern()).collect();
    let settled = loot.rooms.iter().filter(|room| {
        let arrived = truth.arrived.get(&room.id);
        arrived.is_some_and(|epoch| u64::try_from(room.epoch).is_ok_and(|now| now > *epoch))
    });
    assert_eq!(left.len(), replaced.len() - settled.count());
}

fn report(what: &str, way: &str, score: Score) {
    println!(
        "{what}, {way}: {:.1} % right of {} named, by chance {:.1} %",
        100.0 * score.share(),
        score.named,
        100.0 * score.chance()
    );
}
