//! One WebSocket to a relay, after hello.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use siegel_proto::account::Challenge;
use siegel_proto::frame::{Hello, Reply, Request, encode_request, parse_reply};
use siegel_proto::ids::RoomId;
use siegel_proto::room::{Ack, Append, Attach, Attached};
use siegel_proto::seat::SeatToken;
use tokio::net::TcpStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

use super::Error;

/// One WebSocket to a relay, after hello.
pub struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
    challenge: Challenge,
    /// Pushed while an answer was waited for.
    pushed: VecDeque<Reply>,
}

impl Connection {
    /// Connects without TLS and says hello.
    ///
    /// # Errors
    /// [`Error::Gone`] if nobody listens.
    pub async fn open(address: SocketAddr) -> Result<Self, Error> {
        Self::connect(address, Connector::Plain).await
    }

    /// The same through TLS.
    ///
    /// # Errors
    /// [`Error::Gone`] if nobody listens, or the certificate is not trusted.
    pub async fn open_tls(address: SocketAddr, tls: Arc<ClientConfig>) -> Result<Self, Error> {
        Self::connect(address, Connector::Rustls(tls)).await
    }

    async fn connect(address: SocketAddr, connector: Connector) -> Result<Self, Error> {
        let scheme = match connector {
            Connector::Plain => "ws",
            _ => "wss",
        };
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| Error::Gone(error.to_string()))?;
        (stream.set_nodelay(true)).map_err(|error| Error::Gone(error.to_string()))?;
        let url = format!("{scheme}://{address}/v1/socket");
        let config = tungstenite::protocol::WebSocketConfig::default().read_buffer_size(16 * 1024);
        let connected = tokio_tungstenite::client_async_tls_with_config(
            url,
            stream,
            Some(config),
            Some(connector),
        );
        let (socket, _) = connected.await.map_err(gone)?;
        let mut connection = Self {
            socket,
            next: 1,
            challenge: Challenge::new([0; 32]),
            pushed: VecDeque::new(),
        };
        match connection.ask(Request::Hello(Hello::default())).await? {
            Reply::Hello(hello) => connection.challenge = hello.challenge,
            other => return Err(unexpected("hello", &other)),
        }
        Ok(connection)
    }

    /// What this relay wants signed on this connection.
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Asks and waits for the answer. What is pushed meanwhile comes from [`Self::next`].
    ///
    /// # Errors
    /// [`Error::Refused`] and whatever ends a connection.
    pub async fn ask(&mut self, request: Request) -> Result<Reply, Error> {
        let number = self.send(request).await?;
        loop {
            match self.receive().await? {
                (answered, Reply::Refused(refusal)) if answered == number => {
                    return Err(Error::Refused(refusal));
                }
                (answered, reply) if answered == number => return Ok(reply),
                (_, pushed) => self.pushed.push_back(pushed),
            }
        }
    }

    /// Asks for something that is answered "done".
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn done(&mut self, request: Request) -> Result<(), Error> {
        match self.ask(request).await? {
            Reply::Done => Ok(()),
            other => Err(unexpected("a request", &other)),
        }
    }

    /// Takes a seat.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn attach(&mut self, room: RoomId, token: SeatToken) -> Result<Attached, Error> {
        match self.ask(Request::Attach(Attach { room, token })).await? {
            Reply::Attached(attached) => Ok(attached),
            other => Err(unexpected("attach", &other)),
        }
    }

    /// Appends and waits for the place.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn append(&mut self, append: Append) -> Result<u64, Error> {
        match self.ask(Request::Append(append)).await? {
            Reply::Appended(appended) => Ok(appended.seq),
            other => Err(unexpected("append", &other)),
        }
    }

    /// Sends a request without waiting; its number.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub async fn send(&mut self, request: Request) -> Result<u64, Error> {
        let number = self.feed(request).await?;
        self.flush().await?;
        Ok(number)
    }

    /// Puts a request into the buffer; [`Self::flush`] sends it.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub async fn feed(&mut self, request: Request) -> Result<u64, Error> {
        let number = self.next;
        self.next += 1;
        self.feed_frame(encode_request(number, request)).await?;
        Ok(number)
    }

    /// Acknowledges; nothing is answered.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub async fn feed_ack(&mut self, room: RoomId, up_to: u64) -> Result<(), Error> {
        let ack = Request::Ack(Ack { room, up_to });
        self.feed_frame(encode_request(0, ack)).await
    }

    async fn feed_frame(&mut self, frame: Vec<u8>) -> Result<(), Error> {
        let fed = self.socket.feed(Message::Binary(frame.into())).await;
        fed.map_err(gone)
    }

    /// Sends what is in the buffer.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub async fn flush(&mut self) -> Result<(), Error> {
        self.socket.flush().await.map_err(gone)
    }

    /// The next thing the relay says: pushes and answers to [`Self::send`].
    ///
    /// # Errors
    /// [`Error::Gone`] at the end; a refusal is [`Error::Refused`].
    pub async fn next(&mut self) -> Result<Reply, Error> {
        if let Some(pushed) = self.pushed.pop_front() {
            return Ok(pushed);
        }
        match self.receive().await? {
            (_, Reply::Refused(refusal)) => Err(Error::Refused(refusal)),
            (_, reply) => Ok(reply),
        }
    }

    /// As [`Self::next`], if something is there already.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub fn ready(&mut self) -> Result<Option<Reply>, Error> {
        self.next().now_or_never().transpose()
    }

    /// Waits for anything the relay says, and takes all that is there without looking at it;
    /// how many frames.
    ///
    /// # Errors
    /// [`Error::Gone`] at the end.
    pub async fn count_frames(&mut self) -> Result<u64, Error> {
        let mut frames = 0;
        let mut said = Some(self.socket.next().await);
        while let Some(message) = said {
            match message {
                Some(Ok(Message::Binary(_))) => frames += 1,
                Some(Ok(Message::Close(_))) | None => return Err(Error::Gone("closed".into())),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(gone(error)),
            }
            said = self.socket.next().now_or_never();
        }
        Ok(frames)
    }

    async fn receive(&mut self) -> Result<(u64, Reply), Error> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(frame))) => {
                    return parse_reply(frame)
                        .map_err(|malformed| Error::Protocol(format!("{malformed:?}")));
                }
                Some(Ok(Message::Close(_))) | None => return Err(Error::Gone("closed".into())),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(gone(error)),
            }
        }
    }
}

fn gone(error: tungstenite::Error) -> Error {
    Error::Gone(error.to_string())
}

/// The relay answered something with something that does not answer it.
pub fn unexpected(what: &str, reply: &Reply) -> Error {
    Error::Protocol(format!("{what} was answered {reply:?}"))
}
