//! Chance decides who is away, who speaks, what changes, and when the relay dies and comes
//! back from which backup. In the end every colleague has read every word once.

use std::collections::BTreeSet;

use siegel_client_core::Command;
use siegel_proto::ids::RoomId;
use siegel_tests::simulation::relay::Backup;
use siegel_tests::simulation::{DeviceNo, World};

use crate::stories::office;

const MOVES: usize = 900;
const WALKS: u64 = 10;
/// Seconds after which devices look again at rooms the relay does not open.
const SOON: i64 = 61;
/// How often everybody comes online anew before a room that is apart counts as stuck.
const PATIENCE: usize = 6;

struct Walk {
    world: World,
    room: RoomId,
    staff: Vec<DeviceNo>,
    guest: DeviceNo,
    backup: Backup,
    lives: u8,
    words: usize,
    said: Vec<(DeviceNo, String)>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let (mut world, staff) = office(seed, &["Bo", "Cem"]);
        let room = world.create_room(staff[0], "Fall", &staff[1..]);
        world.promote(staff[0], room, staff[1]);
        world.invite_guest(staff[0], Some(room), "Klientin");
        world.settle();
        let Some(link) = world.link(staff[0], "Klientin") else {
            panic!("the link is ready");
        };
        let guest = world.join("Klientin", &link);
        world.settle();
        let backup = world.relay.back_up();
        Self {
            world,
            room,
            staff,
            guest,
            backup,
            lives: 0,
            words: 0,
            said: Vec::new(),
        }
    }

    fn step(&mut self) {
        let at = self.world.draw(self.world.devices.len());
        match self.world.draw(100) {
            0..12 => drop(self.world.connect(at)),
            12..40 => drop(self.world.up(at)),
            40..70 => drop(self.world.down(at)),
            70..82 => self.speak(at),
            82..85 => self.rename(),
            85..88 => self.world.offline(at),
            88..92 => self.world.online(at),
            92..94 => self.world.crash(at),
            94..97 => self.backup = self.world.relay.back_up(),
            97 if self.lives < 3 => {
                self.lives += 1;
                let backup = self.backup.clone();
                self.world.put_relay_back(&backup, [100 + self.lives; 16]);
            }
            _ => self.world.cut(at, self.lives.is_multiple_of(2)),
        }
    }

    fn speak(&mut self, at: DeviceNo) {
        self.words += 1;
        let text = format!("Wort {}", self.words);
        let say = Command::Say {
            room: self.room,
            kind: siegel_tests::simulation::people::text_kind(&text),
        };
        // Whose seat is not open at the moment is told so.
        if self.world.try_command(at, say).is_ok() {
            self.said.push((at, text));
        }
    }

    fn rename(&mut self) {
        let at = self.staff[self.world.draw(2)];
        let rename = Command::Rename {
            room: self.room,
            title: format!("Fall {}", self.words),
        };
        drop(self.world.try_command(at, rename));
    }

    /// Everybody is online, until the room is one again.
    fn calm(&mut self) {
        for _ in 0..PATIENCE {
            for at in 0..self.world.devices.len() {
                self.world.online(at);
            }
            self.world.settle();
            self.world.pass(SOON);
            self.world.settle();
            if self.staff.iter().all(|at| self.is_in_step(*at)) {
                return;
            }
            for at in 0..self.world.devices.len() {
                self.world.cut(at, false);
            }
        }
    }

    fn is_in_step(&self, at: DeviceNo) -> bool {
        let view = self.world.view(at, self.room);
        let epoch = self.world.relay.logs[&self.room].room.epoch;
        view.epoch == epoch && !view.out_of_step && !view.shut && view.waiting == 0
    }

    fn judge(&self, seed: u64) {
        let followed = self.is_in_step(self.guest);
        let readers = self.staff.iter().copied();
        let readers: Vec<DeviceNo> = readers.chain(followed.then_some(self.guest)).collect();
        for at in &readers {
            let name = &self.world.devices[*at].name;
            let view = self.world.view(*at, self.room);
            assert!(self.is_in_step(*at), "seed {seed}: {name}: {view:?}");
            assert!(!view.split_view, "seed {seed}: {name}");
            let texts = self.world.texts(*at, self.room);
            let distinct: BTreeSet<&String> = texts.iter().collect();
            assert_eq!(
                texts.len(),
                distinct.len(),
                "seed {seed}: {name} reads twice"
            );
            for (by, text) in &self.said {
                let due = followed || *by != self.guest;
                let author = &self.world.devices[*by].name;
                assert!(
                    !due || texts.contains(text),
                    "seed {seed}: {name} misses {text} of {author}"
                );
            }
            let first = self.world.view(readers[0], self.room);
            assert_eq!(view.state, first.state, "seed {seed}: {name}");
            assert_eq!(view.members, 4, "seed {seed}: {name}");
        }
    }
}

#[test]
fn walks_with_backups_put_back_lose_no_word() {
    let (mut lives, mut words, mut followed) = (0, 0, 0);
    for seed in 0..WALKS {
        let mut walk = Walk::new(6_000 + seed);
        for _ in 0..MOVES {
            walk.step();
        }
        walk.calm();
        walk.judge(6_000 + seed);
        lives += u32::from(walk.lives);
        words += walk.said.len();
        followed += u32::from(walk.is_in_step(walk.guest));
    }
    println!("{WALKS} walks, {lives} backups put back, {words} words, {followed} clients followed");
    assert!(lives > 8 && words > 400, "{lives} backups, {words} words");
}
