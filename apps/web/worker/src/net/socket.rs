//! The WebSocket to the relay: kept open, and dialled again after a loss.
//!
//! The browser answers pings by itself and tells nobody; a line that died without a word
//! is noticed by the silence after something was sent, or by the system's word that the
//! network came or went.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use futures_channel::oneshot;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

use super::pause;
use crate::moment;

const PATH: &str = "/v1/socket";
/// Nothing came this long after something was sent: the line is dead.
const LONGEST_SILENCE_MS: f64 = 20_000.0;

/// What the socket tells.
pub enum Signal {
    /// A new connection stands; nothing was sent on it yet.
    Up,
    /// One whole frame arrived.
    Frame(Bytes),
    /// The connection is lost, or could not be made. Another attempt follows by itself.
    Down,
}

/// A WebSocket that comes back. Dropping it closes the connection.
pub struct Socket(Rc<Keeper>);

struct Keeper {
    tell: Box<dyn Fn(Signal)>,
    line: RefCell<Option<Line>>,
    closed: Cell<bool>,
    failures: Cell<u32>,
    nudge: RefCell<Option<oneshot::Sender<()>>>,
    /// When something was sent that nothing came after.
    unanswered_since: Cell<Option<f64>>,
}

struct Line {
    socket: WebSocket,
    up: bool,
    _listeners: [Closure<dyn FnMut(Event)>; 3],
}

impl Socket {
    /// Starts dialling.
    pub fn open(tell: impl Fn(Signal) + 'static) -> Self {
        let keeper = Rc::new(Keeper {
            tell: Box::new(tell),
            line: RefCell::new(None),
            closed: Cell::new(false),
            failures: Cell::new(0),
            nudge: RefCell::new(None),
            unanswered_since: Cell::new(None),
        });
        dial(&keeper);
        Self(keeper)
    }

    /// Sends one frame on the connection that stands, if one does. One that has begun to close
    /// takes nothing more, though its end is told later: what was asked is asked again on the next.
    pub fn send(&self, frame: &[u8]) {
        if let Some(line) = self.0.line.borrow().as_ref()
            && line.up
            && line.socket.ready_state() == WebSocket::OPEN
            && line.socket.send_with_u8_array(frame).is_ok()
            && self.0.unanswered_since.get().is_none()
        {
            self.0.unanswered_since.set(Some(moment::now_ms()));
        }
    }

    /// Closes the connection; another attempt follows.
    pub fn hang_up(&self) {
        lost(&self.0);
    }

    /// The network came back: do not wait out the pause, and do not trust the old line.
    pub fn dial_now(&self) {
        if let Some(nudge) = self.0.nudge.borrow_mut().take() {
            // The waiting task may be past its pause.
            nudge.send(()).ok();
        }
    }

    /// Gives a line up that has been silent for too long after something was sent, if an answer
    /// is due.
    pub fn check(&self, is_owed_an_answer: bool) {
        if !is_owed_an_answer {
            self.0.unanswered_since.set(None);
        }
        if let Some(since) = self.0.unanswered_since.get()
            && moment::now_ms() - since > LONGEST_SILENCE_MS
        {
            lost(&self.0);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.closed.set(true);
        hang_up(&self.0);
        self.dial_now();
    }
}

fn dial(keeper: &Rc<Keeper>) {
    let location = moment::worker().location();
    let scheme = match location.protocol().as_str() {
        "http:" => "ws",
        _ => "wss",
    };
    let url = format!("{scheme}://{}{PATH}", location.host());
    let Ok(socket) = WebSocket::new(&url) else {
        return again(keeper);
    };
    socket.set_binary_type(BinaryType::Arraybuffer);
    let listener = |act: fn(&Rc<Keeper>, &Event)| {
        let keeper = Rc::downgrade(keeper);
        Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            if let Some(keeper) = keeper.upgrade() {
                act(&keeper, &event);
            }
        })
    };
    let open = listener(|keeper, _| {
        if let Some(line) = keeper.line.borrow_mut().as_mut() {
            line.up = true;
        }
        keeper.unanswered_since.set(None);
        (keeper.tell)(Signal::Up);
    });
    let message = listener(heard);
    let close = listener(|keeper, _| lost(keeper));
    socket.set_onopen(Some(open.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(close.as_ref().unchecked_ref()));
    keeper.line.replace(Some(Line {
        socket,
        up: false,
        _listeners: [open, message, close],
    }));
}

fn heard(keeper: &Rc<Keeper>, event: &Event) {
    keeper.unanswered_since.set(None);
    let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
    match data.and_then(|data| data.dyn_into::<ArrayBuffer>().ok()) {
        Some(frame) => {
            keeper.failures.set(0);
            let frame = Uint8Array::new(&frame).to_vec();
            (keeper.tell)(Signal::Frame(frame.into()));
        }
        // Text is not the protocol.
        None => lost(keeper),
    }
}

fn hang_up(keeper: &Rc<Keeper>) -> bool {
    let Some(line) = keeper.line.take() else {
        return false;
    };
    line.socket.set_onopen(None);
    line.socket.set_onmessage(None);
    line.socket.set_onclose(None);
    if line.socket.ready_state() == WebSocket::CONNECTING {
        // The browser complains of a line that is closed before it stands.
        let socket = line.socket.clone();
        let close = Closure::once_into_js(move || {
            socket.close().ok();
        });
        line.socket.set_onopen(Some(close.unchecked_ref()));
    } else {
        line.socket.close().ok();
    }
    // The listener that led here may be the one that runs.
    spawn_local(async move { drop(line) });
    true
}

fn lost(keeper: &Rc<Keeper>) {
    keeper.unanswered_since.set(None);
    if !hang_up(keeper) || keeper.closed.get() {
        return;
    }
    again(keeper);
}

/// Tells of the loss, waits and dials.
fn again(keeper: &Rc<Keeper>) {
    (keeper.tell)(Signal::Down);
    let failures = keeper.failures.get() + 1;
    keeper.failures.set(failures);
    let (nudge, nudged) = oneshot::channel();
    keeper.nudge.replace(Some(nudge));
    let keeper = keeper.clone();
    spawn_local(async move {
        let wait = std::pin::pin!(moment::sleep(pause(failures)));
        futures_util::future::select(wait, nudged).await;
        if !keeper.closed.get() {
            dial(&keeper);
        }
    });
}
