//! Enrolling devices and opening staff sessions.

use siegel_proto::account::{Authenticate, Enrol};
use siegel_proto::certificate::{self, PersonRole};
use siegel_proto::frame::Reply;
use siegel_proto::{ErrorCode, Refusal};

use crate::connection::Session;
use crate::session::{Caller, unreadable};
use crate::store::Enrolled;

/// Registers a device by its chain and opens its session.
///
/// # Errors
/// Not set up, bad signature, revoked, already exists.
pub async fn enrol(caller: &Caller, enrol: Enrol) -> Result<Reply, Refusal> {
    let bad = Refusal::new(ErrorCode::BadSignature);
    let challenge = caller.challenge()?;
    let organisation = caller
        .state
        .store
        .organisation()
        .await
        .map_err(unreadable)?;
    let root = organisation.root.ok_or(Refusal::new(ErrorCode::NotSetUp))?;
    let chain = certificate::verify_chain(&root.key, &enrol.chain).map_err(|_| bad)?;
    let device = chain.device.as_ref().ok_or(bad)?;
    let auth_key = device.auth_key.ok_or(bad)?;
    // Guests have no account.
    if chain.role == PersonRole::Guest {
        return Err(bad);
    }
    (challenge.check(&auth_key, device.device, &enrol.answer)).map_err(|_| bad)?;
    let now = caller.state.clock.now();
    let enrolled = caller.state.store.enrol(chain, now, begin(caller)?).await?;
    Ok(Reply::Authenticated {
        key_packages: enrolled.key_packages,
    })
}

/// Opens a session for a known device.
///
/// # Errors
/// Denied, revoked; malformed if this connection has a session.
pub async fn authenticate(caller: &Caller, authenticate: Authenticate) -> Result<Reply, Refusal> {
    let Authenticate { device, answer } = authenticate;
    let challenge = caller.challenge()?;
    let then = begin(caller)?;
    let enrolled = (caller.state.store)
        .authenticate(device, challenge, answer, then)
        .await?;
    Ok(Reply::Authenticated {
        key_packages: enrolled.key_packages,
    })
}

/// Opens the session when the proof is committed. One session per connection.
fn begin(caller: &Caller) -> Result<impl FnOnce(&Enrolled) + Send + 'static, Refusal> {
    if caller.connection.state().session.is_some() {
        return Err(Refusal::new(ErrorCode::Malformed));
    }
    let (hub, connection) = (caller.state.hub.clone(), caller.connection.clone());
    Ok(move |enrolled: &Enrolled| {
        let session = Session {
            account: enrolled.account,
            device: enrolled.device,
        };
        hub.begin_session(session, &connection);
        if connection.is_closed() {
            hub.disconnect(&connection);
        }
    })
}
