//! What goes wrong in a random walk.

use super::actions::ADMIN;
use super::walk::{Trouble, Walk};
use super::world::CrashPoint;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// How wrong a clock may be.
const SKEW_DAYS: usize = 90;
/// A walk lasts so long at most: published key packages live for two weeks.
const MOST_DAYS: i64 = 12;

impl Walk {
    pub(super) fn something_breaks(&mut self) {
        let at = self.any_device();
        match self.world.draw(100) {
            0..10 => {
                self.count("fault: a device goes offline");
                self.world.offline(at);
            }
            10..30 => self.world.online(at),
            30..42 => {
                self.count("fault: a line is cut");
                self.world.cut(at, false);
            }
            42..54 => {
                self.count("fault: a line is cut, frames still arrive");
                self.world.cut(at, true);
            }
            54..60 => {
                self.count("fault: a crash between two steps");
                self.world.crash(at);
            }
            60..76 => self.crash_soon(),
            76..84 => {
                self.count("fault: frames are held back");
                let until = self.now + 5 + self.world.draw(60);
                self.held.insert(at, until);
            }
            84..92 => self.time_passes(),
            92..94 => {
                self.count("fault: the relay comes back from a backup");
                let generation = self.now.to_be_bytes().repeat(2);
                let generation = generation.try_into().expect("sixteen bytes");
                self.world.restart_relay(generation);
            }
            _ => self.special_trouble(at),
        }
    }

    fn crash_soon(&mut self) {
        if self.world.crash_at.is_some() {
            return;
        }
        let point = match self.world.draw(2) {
            0 => {
                self.count("fault: a crash before a store");
                CrashPoint::Before
            }
            _ => {
                self.count("fault: a crash after a store");
                CrashPoint::After
            }
        };
        let in_so_many = 1 + self.world.draw(6) as u64;
        self.world.crash_at = Some((self.world.batches + in_so_many, point));
    }

    fn time_passes(&mut self) {
        let long = self.world.draw(6) == 0;
        let seconds = match long {
            true => DAY,
            false => 60 + self.world.draw(2 * HOUR as usize) as i64,
        };
        if self.passed + seconds > MOST_DAYS * DAY {
            return;
        }
        self.passed += seconds;
        self.world.relay.now += seconds;
        let at = self.any_device();
        self.count("ticks");
        self.world.tick(at);
    }

    fn special_trouble(&mut self, at: usize) {
        match self.trouble {
            Trouble::None => {}
            Trouble::Clocks => {
                self.count("fault: a clock is wrong");
                let days = self.world.draw(2 * SKEW_DAYS + 1) as i64 - SKEW_DAYS as i64;
                self.world.devices[at].skew = days * DAY;
            }
            Trouble::Disks => match self.backups.remove(&at) {
                None => {
                    let disk = self.world.devices[at].disk.clone();
                    if self.world.takes_part(at) {
                        self.backups.insert(at, disk);
                    }
                }
                Some(disk) => self.put_back(at, disk),
            },
            Trouble::Expiry => self.expire(),
        }
    }

    fn put_back(&mut self, at: usize, disk: super::device::Disk) {
        self.count("fault: a disk is put back");
        self.note_said(at);
        self.world.put_back(at, disk);
        self.model.put_back.insert(at);
        if at == ADMIN {
            // What had not reached the relay is gone with the disk.
            let (world, relay) = (&self.world, &self.world.relay);
            let known = |who: &usize| relay.organisation.is_revoked(world.person(*who));
            self.revoked.retain(known);
        }
        let client = &self.world.devices[at].client;
        let taken = &self.world.relay.accepted;
        for (id, said) in &mut self.model.said {
            let there = client.outbox(said.room).unwrap_or_default();
            let kept = there.iter().any(|line| line.message == *id)
                || taken.iter().any(|entry| entry.message == *id);
            if said.by == at && !kept {
                said.gone_with_the_disk = true;
            }
        }
    }

    fn expire(&mut self) {
        let rooms = self.world.all_rooms();
        let place = self.world.draw(rooms.len());
        let Some(room) = rooms.get(place).copied() else {
            return;
        };
        let Some(log) = self.world.relay.logs.get_mut(&room) else {
            return;
        };
        log.expire(log.room.next_seq - 1);
        let expired = log.room.expired_up_to;
        if expired > 0 {
            self.model.expired.insert(room, expired);
            self.count("fault: entries ran out");
        }
    }
}
