//! Accepts connections. `axum::serve` has no limits on what a stranger may do before the
//! first request is complete; this loop has.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::acme::PROVING;
use crate::listen::{Listener, Stream};
use crate::metrics::{Counts, Refused};
use crate::slow::Impatient;
use crate::source::{Connections, Place, Source};
use crate::state::stopped;

/// A request's head must be complete within this time; also how long an idle HTTP
/// connection stays open.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const HEADER_BYTES: usize = 8 * 1024;
const HEADERS: usize = 64;
const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// How long connections may take to end after the relay was told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait when the system has no more descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What the accept loop adds to every request.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Whom to count the request for.
    pub source: Source,
    /// Held for as long as the connection lives, also as a WebSocket.
    pub place: Arc<Place>,
    /// Never sent to: whoever stops the relay waits until all of these are gone.
    pub alive: mpsc::Sender<()>,
}

/// Serves until told to stop, then waits for the connections.
pub async fn serve(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    app: Router,
    connections: Arc<Connections>,
    counts: Arc<Counts>,
    mut stopping: watch::Receiver<bool>,
) {
    let (alive, mut all_gone) = mpsc::channel(1);
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopped(&mut stopping) => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, source) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(code = "accept_failed", kind = ?error.kind());
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = connections.take(source) else {
            counts.refused(Refused::Connections);
            tracing::debug!(code = "connection_refused");
            continue;
        };
        let peer = Peer {
            source,
            place: Arc::new(place),
            alive: alive.clone(),
        };
        let (tls, app, stopping) = (tls.clone(), app.clone(), stopping.clone());
        tokio::spawn(async move { connection(stream, tls, app, peer, stopping).await });
    }
    drop((listener, alive));
    if tokio::time::timeout(GRACE, all_gone.recv()).await.is_err() {
        tracing::warn!(code = "connections_cut_at_stop");
    }
}

async fn connection(
    stream: Stream,
    tls: Option<TlsAcceptor>,
    app: Router,
    peer: Peer,
    stopping: watch::Receiver<bool>,
) {
    let stream = match stream {
        Stream::Tcp(stream) => stream,
        Stream::Unix(stream) => return http(stream, app, peer, stopping).await,
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(code = "no_nodelay", kind = ?error.kind());
    }
    let Some(tls) = tls else {
        return http(stream, app, peer, stopping).await;
    };
    match tokio::time::timeout(TLS_TIMEOUT, tls.accept(stream)).await {
        // An authority has seen what it came for in the handshake.
        Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(PROVING) => {}
        Ok(Ok(stream)) => http(stream, app, peer, stopping).await,
        Ok(Err(_)) | Err(_) => tracing::debug!(code = "tls_handshake_failed"),
    }
}

async fn http<S>(stream: S, app: Router, peer: Peer, mut stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        app.clone().oneshot(request.map(Body::new))
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(Impatient::new(stream)), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if ended.is_err() {
        tracing::trace!(code = "connection_ended_early");
    }
}
