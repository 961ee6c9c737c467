//! `setup` and `join`: becoming somebody.

use serde::Serialize;
use siegel_client_core::link::{Link, LinkError, LinkTarget};
use siegel_client_core::{Command, Event};

use super::context::Context;
use crate::args::{Join, Setup};
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::session::Session;
use crate::show::output::Show;
use crate::show::texts::Texts;

/// Who this device is now.
#[derive(Serialize)]
struct Arrived {
    person: String,
    device: String,
    role: &'static str,
}

impl Show for Arrived {
    fn text(&self, texts: Texts) -> String {
        match self.role {
            "guest" => texts.arrived_as_guest(),
            "admin" => texts.arrived_as_admin(),
            _ => texts.arrived(),
        }
    }
}

/// `siegel setup LINK`
pub async fn set_up(context: &Context, setup: Setup) -> Result<(), Failure> {
    let link: Link = setup.link.parse()?;
    if !matches!(link.target, LinkTarget::SetUp(_)) {
        return Err(LinkError::Kind.into());
    }
    let mut session = context.fresh()?;
    if !is_half_done(&session, &link)? {
        session.command(Command::SetUp {
            link,
            name: setup.name,
            position: setup.position,
        })?;
    }
    session.online().await?;
    arrived(session)
}

/// `siegel join LINK`
pub async fn join(context: &Context, join: Join) -> Result<(), Failure> {
    let link: Link = join.link.parse()?;
    let name = match (&link.target, join.name) {
        (LinkTarget::SetUp(_), _) => return Err(LinkError::Kind.into()),
        (LinkTarget::Staff(_), None) => return Err(Failure::NoName),
        (_, name) => name.unwrap_or_default(),
    };
    let mut session = context.fresh()?;
    if !is_half_done(&session, &link)? {
        session.command(Command::Join {
            link,
            name,
            position: join.position,
        })?;
        session
            .wait(|event| matches!(event, Event::Joined).then_some(Ok(())))
            .await?;
    }
    session.online().await?;
    session.settled().await?;
    arrived(session)
}

/// Whether an earlier try got as far as the device, but the relay has not taken it in: the
/// same command then goes on, instead of failing because something is there.
fn is_half_done(session: &Session, link: &Link) -> Result<bool, Failure> {
    match session.driver.client()?.profile() {
        Ok(profile) => Ok(!profile.ready && !profile.revoked && profile.origin == link.origin),
        Err(siegel_client_core::Error::NotJoined) => Ok(false),
        Err(error) => Err(DriverError::from(error).into()),
    }
}

fn arrived(session: Session) -> Result<(), Failure> {
    let profile = session
        .driver
        .client()?
        .profile()
        .map_err(DriverError::from)?;
    let arrived = Arrived {
        person: crate::people::hex(profile.person.as_bytes()),
        device: crate::people::hex(profile.device.as_bytes()),
        role: crate::people::role(profile.role),
    };
    session.output.show(&arrived)?;
    session.close()
}
