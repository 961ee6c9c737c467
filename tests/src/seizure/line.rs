//! One device's socket to a real relay.

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use siegel_proto::account::Challenge;
use siegel_proto::frame::{Hello, Reply, Request, encode_request, parse_reply};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// An open socket after hello.
pub struct Line {
    /// To be signed.
    pub challenge: Challenge,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    asked: u64,
}

impl Line {
    /// Opens it.
    pub async fn open(relay: SocketAddr) -> Self {
        let url = format!("ws://{relay}/v1/socket");
        let (socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("the relay takes connections");
        let mut line = Self {
            challenge: Challenge::new([0; 32]),
            socket,
            asked: 0,
        };
        let Reply::Hello(hello) = line.ask(Request::Hello(Hello::default())).await else {
            panic!("hello is answered by hello")
        };
        line.challenge = hello.challenge;
        line
    }

    /// Asks and waits for this answer; what the relay pushes meanwhile is not looked at.
    pub async fn ask(&mut self, request: Request) -> Reply {
        self.asked += 1;
        self.send(self.asked, request).await;
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(frame))) => {
                    let (number, reply) = parse_reply(frame).expect("the relay's protocol");
                    match reply {
                        Reply::Refused(refusal) => panic!("refused: {refusal:?}"),
                        reply if number == self.asked => return reply,
                        _ => {}
                    }
                }
                Some(Ok(_)) => {}
                other => panic!("the relay went away: {other:?}"),
            }
        }
    }

    /// Says what has no answer.
    pub async fn tell(&mut self, request: Request) {
        self.send(0, request).await;
    }

    async fn send(&mut self, number: u64, request: Request) {
        let frame = encode_request(number, request);
        let sent = self.socket.send(Message::Binary(frame.into())).await;
        sent.expect("the relay listens");
    }

    /// Hangs up when everything that was told has been heard.
    pub async fn close(mut self) {
        self.ask(Request::ListRevocations { after: 0 }).await;
        self.socket.close(None).await.expect("closes");
        while let Some(Ok(_)) = self.socket.next().await {}
    }
}
