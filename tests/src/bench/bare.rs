//! A relay of the same shape that checks nothing: axum WebSockets, one writer, SQLite with
//! `synchronous=FULL`, group commit. It believes everybody, knows no seats, forgets nothing.
//! What Siegel's relay costs beyond this is the price of its promises.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use rusqlite::{Connection, params};
use siegel_proto::account::Challenge;
use siegel_proto::frame::{HelloReply, Reply, Request, encode_reply, parse_request};
use siegel_proto::ids::{Generation, RoomId};
use siegel_proto::organisation::SetUpToken;
use siegel_proto::room::{Append, AppendKind, Appended, Attached, Deliver, EntryKind};
use siegel_proto::version;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::Error;

/// What one transaction takes at most.
const BATCH: usize = 2_048;

/// Runs until told to stop. Says where it listens as the real one does.
///
/// # Errors
/// The database or the port cannot be opened.
#[expect(clippy::print_stdout, reason = "whoever started it reads it here")]
pub async fn serve(listen: &str, data: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(data)?;
    let writer = Writer::open(&data.join("bare.db"))?;
    let (jobs, queue) = mpsc::channel();
    let writing = std::thread::spawn(move || writer.run(&queue));
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| {
        // Without it small packets wait; the measurement goes on.
        stream.set_nodelay(true).ok();
    });
    let token = SetUpToken::new([0; _]);
    let token = data_encoding::BASE64URL_NOPAD.encode(token.as_bytes());
    println!("bare relay (listening on {address})\n\n#setup.{token}");
    let app = Router::new()
        .route("/v1/socket", get(upgrade))
        .with_state(jobs.clone());
    let mut stop = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        _ = stop.recv() => {}
    }
    // The writer ends with the last message it can get.
    if jobs.send(Job::Stop).is_ok() {
        writing
            .join()
            .map_err(|_| std::io::Error::other("the writer failed"))??;
    }
    Ok(())
}

enum Job {
    Append(UnboundedSender<Bytes>, u64, Append),
    Attach(UnboundedSender<Bytes>, u64, RoomId),
    Stop,
}

async fn upgrade(
    State(jobs): State<mpsc::Sender<Job>>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    upgrade
        .read_buffer_size(4 * 1024)
        .write_buffer_size(16 * 1024)
        .on_upgrade(|socket| connection(socket, jobs))
}

async fn connection(mut socket: WebSocket, jobs: mpsc::Sender<Job>) {
    let (frames, mut outgoing) = unbounded_channel::<Bytes>();
    loop {
        let ended = tokio::select! {
            read = socket.recv() => match read {
                Some(Ok(Message::Binary(frame))) => !hear(frame, &frames, &jobs),
                Some(Ok(_)) => false,
                Some(Err(_)) | None => true,
            },
            Some(frame) = outgoing.recv() => !write(&mut socket, frame, &mut outgoing).await,
        };
        if ended {
            return;
        }
    }
}

async fn write(
    socket: &mut WebSocket,
    first: Bytes,
    outgoing: &mut UnboundedReceiver<Bytes>,
) -> bool {
    use futures_util::SinkExt as _;
    let mut frame = Some(first);
    while let Some(bytes) = frame {
        if socket.feed(Message::Binary(bytes)).await.is_err() {
            return false;
        }
        frame = outgoing.try_recv().ok();
    }
    socket.flush().await.is_ok()
}

/// False if there is nobody to go on for.
fn hear(frame: Bytes, frames: &UnboundedSender<Bytes>, jobs: &mpsc::Sender<Job>) -> bool {
    let Ok((number, request)) = parse_request(frame) else {
        return false;
    };
    let reply = match request {
        Request::Append(append) => {
            return jobs
                .send(Job::Append(frames.clone(), number, append))
                .is_ok();
        }
        Request::Attach(attach) => {
            return jobs
                .send(Job::Attach(frames.clone(), number, attach.room))
                .is_ok();
        }
        Request::Ack(_) => return true,
        Request::Hello(_) => Reply::Hello(HelloReply {
            version: version::NEWEST,
            challenge: Challenge::new([0; 32]),
            generation: Generation::new([0; 16]),
            relay_time: 0,
            organisation: None,
        }),
        Request::Enrol(_) | Request::Authenticate(_) => Reply::Authenticated { key_packages: 0 },
        _ => Reply::Done,
    };
    frames.send(encode_reply(number, reply)).is_ok()
}

/// The one thread that writes, and all it knows.
struct Writer {
    db: Connection,
    rooms: HashMap<RoomId, Room>,
}

#[derive(Default)]
struct Room {
    slot: i64,
    last: u64,
    attached: Vec<UnboundedSender<Bytes>>,
}

impl Writer {
    fn open(file: &Path) -> Result<Self, rusqlite::Error> {
        let db = Connection::open(file)?;
        db.execute_batch(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS rooms (slot INTEGER PRIMARY KEY, room BLOB NOT NULL);
             CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, frame BLOB NOT NULL);",
        )?;
        let mut rooms = HashMap::new();
        {
            let mut statement = db.prepare(
                "SELECT r.slot, r.room, coalesce(max(e.id), 0) & 4294967295 FROM rooms r
                 LEFT JOIN entries e ON e.id >> 32 = r.slot GROUP BY r.slot",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let room = Room {
                    slot: row.get(0)?,
                    last: row.get::<_, i64>(2)?.unsigned_abs(),
                    attached: Vec::new(),
                };
                let id: [u8; 16] = row.get(1)?;
                rooms.insert(RoomId::new(id), room);
            }
        }
        Ok(Self { db, rooms })
    }

    fn run(mut self, queue: &mpsc::Receiver<Job>) -> Result<(), rusqlite::Error> {
        while let Ok(first) = queue.recv() {
            let mut jobs = vec![first];
            jobs.extend(queue.try_iter().take(BATCH));
            if !self.batch(jobs)? {
                return self.db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
            }
        }
        Ok(())
    }

    /// One transaction, then its answers. False after the last.
    fn batch(&mut self, jobs: Vec<Job>) -> Result<bool, rusqlite::Error> {
        let mut leaving: Vec<(Bytes, Vec<UnboundedSender<Bytes>>)> = Vec::new();
        let mut goes_on = true;
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        for job in jobs {
            match job {
                Job::Append(by, request, append) => {
                    self.append(&by, request, append, &mut leaving)?
                }
                Job::Attach(by, request, room) => self.attach(&by, request, room, &mut leaving)?,
                Job::Stop => goes_on = false,
            }
        }
        self.db.execute_batch("COMMIT")?;
        for (frame, to) in leaving {
            for connection in to {
                // Whoever has gone misses it.
                drop(connection.send(frame.clone()));
            }
        }
        Ok(goes_on)
    }

    fn append(
        &mut self,
        by: &UnboundedSender<Bytes>,
        request: u64,
        append: Append,
        leaving: &mut Vec<(Bytes, Vec<UnboundedSender<Bytes>>)>,
    ) -> Result<(), rusqlite::Error> {
        let known = self.room(append.room)?;
        known.last += 1;
        let (seq, slot) = (known.last, known.slot);
        let deliver = Deliver {
            room: append.room,
            seq,
            kind: match append.kind {
                AppendKind::Commit(_) => EntryKind::Commit,
                _ => EntryKind::Message,
            },
            epoch: append.epoch,
            payload: append.payload,
            target: 0,
        };
        let frame = encode_reply(0, Reply::Deliver(deliver));
        let others = known.attached.iter().filter(|to| !to.same_channel(by));
        leaving.push((frame.clone(), others.cloned().collect()));
        let appended = Appended {
            room: append.room,
            message: append.message,
            seq,
        };
        let answer = encode_reply(request, Reply::Appended(appended));
        leaving.push((answer, vec![by.clone()]));
        let id = (slot << 32) | seq.cast_signed();
        let mut insert = self
            .db
            .prepare_cached("INSERT INTO entries (id, frame) VALUES (?, ?)")?;
        insert.execute(params![id, &*frame])?;
        Ok(())
    }

    fn attach(
        &mut self,
        by: &UnboundedSender<Bytes>,
        request: u64,
        room: RoomId,
        leaving: &mut Vec<(Bytes, Vec<UnboundedSender<Bytes>>)>,
    ) -> Result<(), rusqlite::Error> {
        let known = self.room(room)?;
        known.attached.retain(|to| !to.is_closed());
        known.attached.push(by.clone());
        let (slot, last) = (known.slot, known.last);
        let attached = Attached {
            epoch: 0,
            next_seq: last + 1,
            cursor: 0,
            expired_up_to: 0,
        };
        leaving.push((
            encode_reply(request, Reply::Attached(attached)),
            vec![by.clone()],
        ));
        let mut select = (self.db)
            .prepare_cached("SELECT frame FROM entries WHERE id > ? AND id <= ? ORDER BY id")?;
        let mut rows = select.query(params![slot << 32, (slot << 32) | last.cast_signed()])?;
        while let Some(row) = rows.next()? {
            let frame: Vec<u8> = row.get(0)?;
            leaving.push((frame.into(), vec![by.clone()]));
        }
        Ok(())
    }

    fn room(&mut self, room: RoomId) -> Result<&mut Room, rusqlite::Error> {
        let slots = self.rooms.len() as i64 + 1;
        if !self.rooms.contains_key(&room) {
            (self.db).execute(
                "INSERT INTO rooms (slot, room) VALUES (?, ?)",
                params![slots, room.as_bytes()],
            )?;
        }
        Ok(self.rooms.entry(room).or_insert_with(|| Room {
            slot: slots,
            ..Room::default()
        }))
    }
}
