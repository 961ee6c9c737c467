//! One live connection: reads frames, writes what is queued, keeps alive.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::SplitStream;
use futures_util::{Sink, SinkExt as _, StreamExt as _};
use siegel_proto::{ErrorCode, Refusal, limits};
use tokio::time::{Instant, timeout, timeout_at};

use crate::accept::Peer;
use crate::connection::Connection;
use crate::error::ApiError;
use crate::session::Caller;
use crate::state::{AppState, stopped};

/// How often the relay pings: a client that only reads shows by its pong that it is there.
const PING_EVERY: Duration = Duration::from_secs(30);
/// A client that is silent this long, pongs included, is gone.
const IDLE: Duration = Duration::from_secs(75);
/// A reader that does not take a chunk within this time is dropped; it comes back and
/// reads from its cursor.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes handed to the socket between two looks at the time.
const CHUNK: usize = 64 * 1024;
/// Kept per idle connection.
const READ_BUFFER: usize = 4 * 1024;
/// Never given back: every reconnect fills it from the backlog.
const WRITE_BUFFER: usize = 4 * 1024;

/// `GET /v1/socket`.
///
/// # Errors
/// Denied for a page of another origin; rate limited.
pub async fn upgrade(
    State(state): State<AppState>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    if let Some(origin) = headers.get(header::ORIGIN)
        && !is_own(origin.as_bytes(), &state, &headers)
    {
        return Err(Refusal::new(ErrorCode::Denied).into());
    }
    state.count_source(peer.source)?;
    Ok(upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER + 2 * limits::FRAME_BYTES)
        .max_message_size(limits::FRAME_BYTES)
        .max_frame_size(limits::FRAME_BYTES)
        .on_upgrade(move |socket| run(state, peer, socket)))
}

/// The page is this relay's: its public address, or the very host it was asked for.
fn is_own(origin: &[u8], state: &AppState, headers: &HeaderMap) -> bool {
    if origin == state.origin.as_bytes() {
        return true;
    }
    let scheme: &[u8] = if state.config.has_tls() {
        b"https://"
    } else {
        b"http://"
    };
    headers
        .get(header::HOST)
        .is_some_and(|host| origin.strip_prefix(scheme) == Some(host.as_bytes()))
}

async fn run(state: AppState, peer: Peer, socket: WebSocket) {
    let connection = Connection::counted(state.hub.counts().clone());
    let (sink, stream) = socket.split();
    let mut stopping = state.stopping.subscribe();
    {
        let writing = std::pin::pin!(write(sink, &connection));
        let caller = Caller::new(state.clone(), connection.clone(), peer.source);
        let reading = std::pin::pin!(read(stream, caller));
        tokio::select! {
            () = writing => {}
            () = async {
                tokio::select! {
                    () = reading => {}
                    () = stopped(&mut stopping) => {}
                }
                connection.close();
                // The writer ends when what is queued is out.
                std::future::pending::<()>().await;
            } => {}
        }
    }
    state.hub.disconnect(&connection);
    drop(peer);
}

async fn read(mut stream: SplitStream<WebSocket>, mut caller: Caller) {
    loop {
        let message = match timeout(IDLE, stream.next()).await {
            Ok(Some(Ok(message))) => message,
            Ok(Some(Err(_)) | None) | Err(_) => return,
        };
        match message {
            Message::Binary(frame) => {
                if !caller.frame(frame).await {
                    return;
                }
            }
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Text(_) => {
                caller
                    .connection
                    .refuse_all(Refusal::new(ErrorCode::Malformed));
                return;
            }
            Message::Close(_) => return,
        }
    }
}

async fn write<S>(mut sink: S, connection: &Connection)
where
    S: Sink<Message, Error = axum::Error> + Unpin,
{
    let mut frames: VecDeque<Bytes> = VecDeque::new();
    let mut ping_at = Instant::now() + PING_EVERY;
    loop {
        connection.take(&mut frames);
        if frames.is_empty() {
            if connection.is_closed() {
                // A client that does not take the goodbye is gone all the same.
                drop(timeout(Duration::from_secs(1), sink.close()).await);
                return;
            }
            if frames.capacity() > 64 {
                frames = VecDeque::new();
            }
            let ready = timeout_at(ping_at, connection.ready.notified()).await;
            if ready.is_ok() {
                continue;
            }
        }
        if Instant::now() >= ping_at {
            ping_at = Instant::now() + PING_EVERY;
            match timeout(WRITE_TIMEOUT, sink.send(Message::Ping(Bytes::new()))).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
        while !frames.is_empty() {
            match timeout(WRITE_TIMEOUT, chunk(&mut sink, &mut frames)).await {
                Ok(Ok(written)) => connection.written(written),
                Ok(Err(_)) => return,
                Err(_) => {
                    tracing::info!(code = "slow_reader_dropped");
                    return;
                }
            }
        }
    }
}

async fn chunk<S>(sink: &mut S, frames: &mut VecDeque<Bytes>) -> Result<usize, axum::Error>
where
    S: Sink<Message, Error = axum::Error> + Unpin,
{
    let mut written = 0;
    while written < CHUNK {
        let Some(frame) = frames.pop_front() else {
            break;
        };
        written += frame.len();
        sink.feed(Message::Binary(frame)).await?;
    }
    sink.flush().await?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use futures_util::sink;
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_only_reads_is_asked_whether_it_is_there() {
        let connection = Connection::new();
        let (sent, mut sees) = mpsc::unbounded_channel();
        let socket = Box::pin(sink::unfold(sent, |sent, message| async {
            sent.send(message).map_err(axum::Error::new)?;
            Ok(sent)
        }));
        let writer = connection.clone();
        let writing = tokio::spawn(async move { write(socket, &writer).await });
        for _ in 0..IDLE.as_secs() {
            connection.push(Bytes::from_static(b"an entry"));
            // Sleeps because the time itself is tested; it is paused and costs nothing.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        connection.close();
        writing.await.unwrap();
        let (mut entries, mut pings) = (0, 0);
        while let Some(message) = sees.recv().await {
            match message {
                Message::Ping(_) => pings += 1,
                _ => entries += 1,
            }
        }
        assert_eq!((entries, pings), (75, 2));
    }
}
