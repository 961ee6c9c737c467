//! What somebody on the line sees: every byte of every connection, and the same with the
//! masks of WebSocket frames taken off, which hide nothing from whoever reads along.

use std::cell::RefCell;
use std::rc::Rc;

/// Everything that went over a recorded network.
#[derive(Clone, Default)]
pub struct Capture(Rc<RefCell<Vec<Tape>>>);

/// One direction of one connection.
#[derive(Clone, Default)]
pub struct Tape(Rc<RefCell<Vec<u8>>>);

impl Capture {
    /// A tape for another direction of a connection.
    pub fn tape(&self) -> Tape {
        let tape = Tape::default();
        self.0.borrow_mut().push(tape.clone());
        tape
    }

    /// Every stream, as it was and unmasked.
    pub fn streams(&self) -> Vec<Vec<u8>> {
        let tapes = self.0.borrow();
        let raw = tapes.iter().map(|tape| tape.0.borrow().clone());
        raw.flat_map(|stream| {
            let unmasked = unmask(&stream);
            [stream, unmasked]
        })
        .filter(|stream| !stream.is_empty())
        .collect()
    }
}

impl Tape {
    /// Takes down what passes.
    pub fn record(&self, bytes: &[u8]) {
        self.0.borrow_mut().extend_from_slice(bytes);
    }
}

/// The payloads of a stream's WebSocket frames (RFC 6455, section 5.2), one behind the
/// other; nothing if the stream does not begin with a handshake.
fn unmask(stream: &[u8]) -> Vec<u8> {
    const END: &[u8] = b"\r\n\r\n";
    let Some(end) = stream.windows(END.len()).position(|window| window == END) else {
        return Vec::new();
    };
    let head = String::from_utf8_lossy(&stream[..end]).to_lowercase();
    if !head.contains("upgrade: websocket") {
        return Vec::new();
    }
    let mut rest = &stream[end + END.len()..];
    let mut payloads = Vec::new();
    while let Some((payload, behind)) = frame(rest) {
        payloads.extend_from_slice(&payload);
        rest = behind;
    }
    payloads
}

/// The first frame's payload and what is behind it; `None` if it is not complete.
fn frame(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (head, mut rest) = bytes.split_first_chunk::<2>()?;
    let mut length = usize::from(head[1] & 0x7f);
    if length == 126 {
        let (long, behind) = rest.split_first_chunk::<2>()?;
        (length, rest) = (usize::from(u16::from_be_bytes(*long)), behind);
    } else if length == 127 {
        let (long, behind) = rest.split_first_chunk::<8>()?;
        (length, rest) = (usize::try_from(u64::from_be_bytes(*long)).ok()?, behind);
    }
    let mut mask = [0; 4];
    if head[1] & 0x80 != 0 {
        let (key, behind) = rest.split_first_chunk::<4>()?;
        (mask, rest) = (*key, behind);
    }
    let (masked, behind) = rest.split_at_checked(length)?;
    let payload = masked.iter().zip(mask.iter().cycle());
    Some((payload.map(|(byte, key)| byte ^ key).collect(), behind))
}
