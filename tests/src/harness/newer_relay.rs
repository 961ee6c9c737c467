//! A relay of a later time that speaks no version of the protocol this build knows: it says
//! so to whoever says hello, and that is all anybody here hears of it.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use siegel_proto::frame::{self, Reply};
use siegel_proto::{ErrorCode, Refusal};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Such a relay.
pub struct NewerRelay(JoinHandle<()>);

impl NewerRelay {
    /// Listens where an older one did.
    pub async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("the port is free");
        let routes = Router::new().route("/v1/socket", get(upgrade));
        let serving = axum::serve(listener, routes);
        Self(tokio::spawn(async move {
            serving.await.expect("it serves until it stops");
        }))
    }

    /// Makes room for another one.
    pub async fn stops(self) {
        self.0.abort();
        let ended = self.0.await;
        assert!(ended.is_err_and(|error| error.is_cancelled()));
    }
}

async fn upgrade(socket: WebSocketUpgrade) -> Response {
    socket.on_upgrade(refuse)
}

async fn refuse(mut socket: WebSocket) {
    while let Some(Ok(Message::Binary(request))) = socket.recv().await {
        let Ok((number, _)) = frame::parse_request(request) else {
            return;
        };
        let refusal = Refusal::new(ErrorCode::UnsupportedVersion);
        let answer = frame::encode_reply(number, Reply::Refused(refusal));
        // Who hung up needs no answer.
        if socket.send(Message::Binary(answer)).await.is_err() {
            return;
        }
    }
}
