//! Who speaks on a connection, and the way of each request to the resource it names.
//! A session is proved by signing the connection's challenge and lives in memory only.

use std::sync::Arc;

use bytes::Bytes;
use siegel_proto::account::Challenge;
use siegel_proto::frame::{self, Hello, HelloReply, Reply, Request};
use siegel_proto::ids::OrganisationId;
use siegel_proto::{ErrorCode, Refusal, limits, version};

use crate::api;
use crate::connection::{Connection, Session};
use crate::source::Source;
use crate::state::AppState;
use crate::store::StoreError;

/// One connection's speaker.
#[derive(Debug)]
pub struct Caller {
    /// The relay.
    pub state: AppState,
    /// The connection.
    pub connection: Arc<Connection>,
    source: Source,
    /// Set by Hello, which comes first.
    challenge: Option<Challenge>,
}

impl Caller {
    /// Somebody who said nothing yet.
    pub fn new(state: AppState, connection: Arc<Connection>, source: Source) -> Self {
        Self {
            state,
            connection,
            source,
            challenge: None,
        }
    }

    /// Handles one frame. False if the connection is to be closed.
    pub async fn frame(&mut self, frame: Bytes) -> bool {
        // Revoked or stopping: what is still on the line is no longer heard.
        if self.connection.is_closed() {
            return false;
        }
        if frame.len() > limits::FRAME_BYTES_UNAUTHENTICATED && !self.proved_something() {
            self.connection
                .refuse_all(Refusal::new(ErrorCode::TooLarge));
            return false;
        }
        let (number, request) = match frame::parse_request(frame) {
            Ok(parsed) => parsed,
            Err((number, refusal)) => {
                if number == 0 {
                    self.connection.refuse_all(refusal);
                    return false;
                }
                self.connection.refuse(number, refusal);
                return self.challenge.is_some();
            }
        };
        if let Request::Hello(hello) = request {
            return self.hello(number, hello).await;
        }
        if self.challenge.is_none() {
            self.connection
                .refuse(number, Refusal::new(ErrorCode::Malformed));
            return false;
        }
        // The two a conversation consists of go without a detour.
        match request {
            Request::Append(append) => api::room::append(self, number, append).await,
            Request::Ack(ack) => api::room::ack(self, ack).await,
            other => {
                let answer = Box::pin(self.answer(number, other)).await;
                match answer {
                    Ok(Some(reply)) => self.connection.answer(number, reply),
                    Ok(None) => {}
                    Err(refusal) => self.connection.refuse(number, refusal),
                }
            }
        }
        !self.connection.is_closed()
    }

    async fn hello(&mut self, number: u64, hello: Hello) -> bool {
        if self.challenge.is_some() {
            self.connection
                .refuse(number, Refusal::new(ErrorCode::Malformed));
            return false;
        }
        let Some(version) = version::agree(hello.min_version, hello.max_version) else {
            self.connection
                .refuse(number, Refusal::new(ErrorCode::UnsupportedVersion));
            return false;
        };
        let (Ok(challenge), Ok(organisation)) = (
            self.state.entropy.draw(),
            self.state.store.organisation().await,
        ) else {
            self.connection
                .refuse(number, Refusal::new(ErrorCode::Unavailable));
            return false;
        };
        let challenge = Challenge::new(challenge);
        self.challenge = Some(challenge);
        self.connection.answer(
            number,
            Reply::Hello(HelloReply {
                version,
                challenge,
                generation: self.state.generation,
                relay_time: self.state.clock.now(),
                organisation: organisation.root.map(|root| OrganisationId::of(&root.key)),
            }),
        );
        true
    }

    /// The answer, or nothing if the writer gives it.
    async fn answer(&self, number: u64, request: Request) -> Result<Option<Reply>, Refusal> {
        self.count()?;
        let reply = match request {
            Request::SetUp(set_up) => api::organisation::set_up(self, set_up).await?,
            Request::GetPolicy => api::organisation::get_policy(self).await?,
            Request::PutPolicy(policy) => api::organisation::put_policy(self, policy).await?,
            Request::PutRevocation(revocation) => {
                api::organisation::put_revocation(self, revocation).await?
            }
            Request::ListRevocations { after } => {
                api::organisation::list_revocations(self, after).await?
            }
            Request::Enrol(enrol) => api::account::enrol(self, enrol).await?,
            Request::Authenticate(authenticate) => {
                api::account::authenticate(self, authenticate).await?
            }
            Request::PutDirectoryEntry(entry) => api::directory::put(self, entry).await?,
            Request::ListDirectory { after } => api::directory::list(self, after).await?,
            Request::PublishKeyPackages(publish) => {
                api::key_package::publish(self, publish).await?
            }
            Request::ClaimKeyPackages(claim) => api::key_package::claim(self, claim).await?,
            Request::CountKeyPackages => api::key_package::count(self).await?,
            Request::CreateRoom(create) => api::room::create(self, create).await?,
            Request::Attach(attach) => {
                api::room::attach(self, number, attach).await?;
                return Ok(None);
            }
            Request::Detach(room) => api::room::detach(self, room),
            Request::VoidCommit(void) => {
                api::room::void(self, number, void).await?;
                return Ok(None);
            }
            Request::AppendInbox(append) => {
                api::room::append_inbox(self, number, append).await?;
                return Ok(None);
            }
            Request::CreateCapsule(create) => api::capsule::create(self, create).await?,
            Request::WithdrawCapsule(withdraw) => api::capsule::withdraw(self, withdraw).await?,
            Request::CreateBlob(create) => api::blob::create(self, create).await?,
            // Handled before; they never come here.
            Request::Hello(_) | Request::Append(_) | Request::Ack(_) => {
                return Err(Refusal::new(ErrorCode::Malformed));
            }
        };
        Ok(Some(reply))
    }

    /// The challenge this connection was given.
    ///
    /// # Errors
    /// Malformed before Hello.
    pub fn challenge(&self) -> Result<Challenge, Refusal> {
        self.challenge.ok_or(Refusal::new(ErrorCode::Malformed))
    }

    /// The staff session.
    ///
    /// # Errors
    /// Unauthenticated.
    pub fn session(&self) -> Result<Session, Refusal> {
        (self.connection.state().session).ok_or(Refusal::new(ErrorCode::Unauthenticated))
    }

    /// Anything that shows that the caller belongs here.
    ///
    /// # Errors
    /// Unauthenticated.
    pub fn session_or_seat(&self) -> Result<(), Refusal> {
        if self.proved_something() {
            Ok(())
        } else {
            Err(Refusal::new(ErrorCode::Unauthenticated))
        }
    }

    fn proved_something(&self) -> bool {
        let state = self.connection.state();
        state.session.is_some() || !state.attached.is_empty()
    }

    /// Counts the request for the account, the seat or the source, whichever is known.
    fn count(&self) -> Result<(), Refusal> {
        let (session, seat) = {
            let state = self.connection.state();
            (
                state.session,
                state.attached.values().next().map(|by| by.seat),
            )
        };
        let limits = &self.state.limits;
        match (session, seat) {
            (Some(session), _) => limits.accounts.take(session.account, 1),
            (None, Some(seat)) => limits.seats.take(seat, 1),
            (None, None) => limits.sources.take(self.source, 1),
        }
    }
}

/// A read that failed: the caller retries, the log says so.
pub fn unreadable(_: StoreError) -> Refusal {
    tracing::error!(code = "store_unreadable");
    Refusal::new(ErrorCode::Unavailable)
}
