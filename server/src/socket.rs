//! One live connection: reads frames, writes what is queued, keeps alive.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use siegel_proto::{ErrorCode, Refusal, limits};

use crate::accept::Peer;
use crate::connection::Connection;
use crate::error::ApiError;
use crate::session::Caller;
use crate::state::{AppState, stopped};

/// After this long without a frame to send the relay pings.
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
        let message = match tokio::time::timeout(IDLE, stream.next()).await {
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

async fn write(mut sink: SplitSink<WebSocket, Message>, connection: &Connection) {
    let mut frames: VecDeque<Bytes> = VecDeque::new();
    loop {
        connection.take(&mut frames);
        if frames.is_empty() {
            if connection.is_closed() {
                // A client that does not take the goodbye is gone all the same.
                drop(tokio::time::timeout(Duration::from_secs(1), sink.close()).await);
                return;
            }
            if frames.capacity() > 64 {
                frames = VecDeque::new();
            }
            let ping = match tokio::time::timeout(PING_EVERY, connection.ready.notified()).await {
                Ok(()) => continue,
                Err(_) => Message::Ping(Bytes::new()),
            };
            match tokio::time::timeout(WRITE_TIMEOUT, sink.send(ping)).await {
                Ok(Ok(())) => continue,
                Ok(Err(_)) | Err(_) => return,
            }
        }
        while !frames.is_empty() {
            match tokio::time::timeout(WRITE_TIMEOUT, chunk(&mut sink, &mut frames)).await {
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

async fn chunk(
    sink: &mut SplitSink<WebSocket, Message>,
    frames: &mut VecDeque<Bytes>,
) -> Result<usize, axum::Error> {
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
