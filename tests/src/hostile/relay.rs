//! How a hostile relay perverts what it says, frame by frame.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use siegel_proto::frame::{self, Reply};
use siegel_proto::ids::{MessageId, RoomId};
use siegel_proto::room::{Deliver, EntryKind};
use siegel_proto::seat::SeatClass;
use siegel_server::delivery::Seated;

use crate::simulation::organisation::Organisation;
use crate::simulation::relay::{Relay, Tamper};
use crate::simulation::{DeviceNo, World};

/// Entries that were held back, in the order in which they were sent.
pub type Held = Rc<RefCell<Vec<Deliver>>>;

/// Lies about each answer and push: nothing, itself, others.
pub fn replies(mut lie: impl FnMut(DeviceNo, Reply) -> Vec<Reply> + 'static) -> Tamper {
    Box::new(move |device, frame| {
        let Ok((number, reply)) = frame::parse_reply(frame.clone()) else {
            panic!("the double speaks the protocol");
        };
        let lies = lie(device, reply).into_iter();
        lies.map(|reply| frame::encode_reply(number, reply))
            .collect()
    })
}

/// Lies about entries, and about nothing else.
pub fn entries(mut lie: impl FnMut(DeviceNo, Deliver) -> Vec<Deliver> + 'static) -> Tamper {
    replies(move |device, reply| match reply {
        Reply::Deliver(entry) => {
            let lies = lie(device, entry).into_iter();
            lies.map(Reply::Deliver).collect()
        }
        other => vec![other],
    })
}

/// Withholds from one device every entry it picks.
pub fn hold(victim: DeviceNo, pick: impl Fn(&Deliver) -> bool + 'static) -> (Tamper, Held) {
    let held = Held::default();
    let store = Rc::clone(&held);
    let tamper = entries(move |device, entry| {
        if device == victim && pick(&entry) {
            store.borrow_mut().push(entry);
            return Vec::new();
        }
        vec![entry]
    });
    (tamper, held)
}

/// Withholds messages from one device, and lets the rest pass.
pub fn hold_messages(victim: DeviceNo) -> (Tamper, Held) {
    hold(victim, |entry| entry.kind == EntryKind::Message)
}

impl World {
    /// The relay hands a device an entry, whatever its log says.
    pub fn slip(&mut self, to: DeviceNo, entry: Deliver) {
        self.relay
            .inject(to, &frame::encode_reply(0, Reply::Deliver(entry)));
    }

    /// The relay says something to a device that is no answer to anything.
    pub fn slip_reply(&mut self, to: DeviceNo, reply: Reply) {
        self.relay.inject(to, &frame::encode_reply(0, reply));
    }

    /// The relay sends a device these bytes.
    pub fn slip_bytes(&mut self, to: DeviceNo, bytes: &[u8]) {
        self.relay.inject(to, &Bytes::copy_from_slice(bytes));
    }
}

impl Relay {
    /// Takes the latest commit of a room back although nobody asked for it, by the very
    /// rules by which a colleague could.
    pub fn take_back(&mut self, room: RoomId) {
        let log = &self.logs[&room];
        let mut seats = log.room.seats.iter();
        let seat = seats.find(|(_, seat)| seat.is_active()).expect("a seat").0;
        let by = Seated {
            seat: *seat,
            class: SeatClass::Staff,
        };
        let void = log.room.decide_void(by, log.room.commit_seq);
        let void = void.expect("the latest commit stands");
        let message = MessageId::new([0xee; 16]);
        self.store(room, &void, message, &Bytes::new(), None, by);
    }
}

impl Organisation {
    /// Forgets when key packages expire: the relay hands them out whatever their day.
    pub fn outlive(&mut self) {
        for package in self.pools.values_mut().flatten() {
            package.expires_day = u32::MAX;
        }
        for package in self.last_resorts.values_mut() {
            package.expires_day = u32::MAX;
        }
    }
}

/// All orders of `0..n`, the natural one first.
pub fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in 0..n {
        for rest in orders(n - 1) {
            let rest = rest.into_iter().map(|at| at + usize::from(at >= first));
            all.push(std::iter::once(first).chain(rest).collect());
        }
    }
    all
}
