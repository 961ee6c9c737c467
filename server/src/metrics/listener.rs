//! The operator's listener: the relay's own accept loop, other routes, nothing to write.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Loopback, Picture};
use crate::listen::Listener;
use crate::source::Connections;
use crate::state::AppState;
use crate::{accept, api};

/// Whoever collects numbers opens a few connections.
const CONNECTIONS: u32 = 16;

/// The operator's listener, running.
#[derive(Debug)]
pub struct Served {
    /// Where.
    pub address: SocketAddr,
    /// Ends when the relay stops.
    pub serving: JoinHandle<()>,
}

#[derive(Debug, Clone)]
struct Operator {
    relay: AppState,
    started: Instant,
}

/// Serves numbers and readiness until the relay stops; nothing if no address is set.
///
/// # Errors
/// The port is taken; with the address, for whoever has to choose another.
pub async fn serve(
    listen: Loopback,
    relay: AppState,
) -> Result<Option<Served>, (SocketAddr, io::Error)> {
    let Some(wanted) = listen.address() else {
        return Ok(None);
    };
    let failed = |error| (wanted, error);
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let connections = Connections::new(CONNECTIONS, CONNECTIONS);
    let stopping = relay.stopping.subscribe();
    let routes = Router::new()
        .route("/metrics", get(numbers))
        .with_state(Operator {
            relay: relay.clone(),
            started: Instant::now(),
        })
        .route("/healthz", get(api::health::alive))
        .route("/readyz", get(api::health::ready).with_state(relay));
    let listener = Listener::Tcp(listener);
    let serving = tokio::spawn(accept::serve(
        listener,
        None,
        routes,
        connections,
        Arc::default(),
        stopping,
    ));
    Ok(Some(Served { address, serving }))
}

async fn numbers(State(operator): State<Operator>) -> Response {
    let uptime = operator.started.elapsed();
    let picture = Picture::take(&operator.relay, uptime).await;
    let mut registry = Registry::default();
    registry.register_collector(Box::new(picture));
    let mut text = String::new();
    match prometheus_text::encode(&mut text, &registry) {
        Ok(()) => (
            [(header::CONTENT_TYPE, prometheus_text::CONTENT_TYPE)],
            text,
        )
            .into_response(),
        Err(_) => {
            tracing::error!(code = "metrics_failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
