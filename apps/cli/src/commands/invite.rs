//! `invite`: a link to pass on, as text and as a QR code; the list of them, and taking one
//! back.

use serde::Serialize;
use siegel_client_core::client::InvitationView;
use siegel_client_core::{Command, Event};
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::Notice;

use super::context::Context;
use crate::args::{Invite, InviteGuest};
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::people;
use crate::session::Session;
use crate::show::output::Show;
use crate::show::texts::Texts;
use crate::show::{printable, qr, when};

/// An invitation that can be handed out.
#[derive(Serialize)]
struct Invitation {
    link: String,
    kind: &'static str,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<String>,
    person: String,
    expires_at: i64,
    #[serde(skip)]
    until: String,
    #[serde(skip)]
    drawing: String,
}

impl Show for Invitation {
    fn text(&self, texts: Texts) -> String {
        format!(
            "{}\n\n{}\n\n{}",
            texts.invitation(&self.until),
            self.link,
            self.drawing
        )
    }
}

/// An invitation in the list.
#[derive(Serialize)]
struct InvitationLine {
    invitation: String,
    label: String,
    kind: &'static str,
    /// `preparing`, `ready`, `used` or `gone`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    expires_at: i64,
    #[serde(skip)]
    until: String,
}

#[derive(Serialize)]
struct Invitations {
    invitations: Vec<InvitationLine>,
}

impl Show for Invitations {
    fn text(&self, texts: Texts) -> String {
        let lines = self.invitations.iter();
        lines
            .map(|line| line.text(texts))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Show for InvitationLine {
    fn text(&self, texts: Texts) -> String {
        let id: String = self.invitation.chars().take(8).collect();
        let state = match self.state {
            "ready" => texts.invitation_open(&self.until),
            "used" => texts.invitation_used(),
            "gone" => texts.invitation_gone(),
            _ => texts.invitation_preparing(),
        };
        format!("{id}  {}  ({state})", printable::line(&self.label))
    }
}

/// `siegel invite list`
pub async fn list(context: &Context) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let invitations = views(&session)?.into_iter().map(line).collect();
    session.output.show(&Invitations { invitations })?;
    session.close()
}

/// `siegel invite withdraw INVITATION`
pub async fn withdraw(context: &Context, wish: &str) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let id = people::find_invitation(&views(&session)?, wish)?;
    session.command(Command::Withdraw(id))?;
    session
        .wait(|event| match event {
            Event::InvitationGone(gone) if *gone == id => Some(Ok(())),
            Event::Refused(refusal) => Some(Err(Failure::Refused(*refusal))),
            _ => None,
        })
        .await?;
    session.settled().await?;
    let view = views(&session)?.into_iter().find(|view| view.id == id);
    if let Some(view) = view {
        session.output.show(&line(view))?;
    }
    session.close()
}

fn line(view: InvitationView) -> InvitationLine {
    InvitationLine {
        invitation: people::hex(&view.id.0),
        label: view.label,
        kind: if view.room.is_some() {
            "guest"
        } else {
            "staff"
        },
        state: match (view.used, view.gone, view.link.is_some()) {
            (true, _, _) => "used",
            (_, true, _) => "gone",
            (_, _, true) => "ready",
            _ => "preparing",
        },
        link: view.link,
        expires_at: view.expires_at.seconds(),
        until: when::minute(view.expires_at),
    }
}

/// `siegel invite …`
pub async fn run(context: &Context, invite: Invite) -> Result<(), Failure> {
    let mut session;
    let (command, kind) = match invite {
        Invite::Staff { label, admin } => {
            session = context.online().await?;
            let role = if admin {
                PersonRole::Admin
            } else {
                PersonRole::Staff
            };
            (Command::InviteStaff { label, role }, "staff")
        }
        Invite::Guest(guest) => {
            let notice = notice(&guest)?;
            session = context.in_step().await?;
            (invite_guest(&mut session, guest, notice).await?, "guest")
        }
        Invite::List => return list(context).await,
        Invite::Withdraw { invitation } => return withdraw(context, &invitation).await,
    };
    let view = made(&mut session, command).await?;
    let link = view.link.unwrap_or_default();
    // A terminal too small or a link too long for the drawing still has the link itself.
    let drawing = qr::draw(&link, session.output.paint()).unwrap_or_default();
    session.output.show(&Invitation {
        kind,
        label: view.label,
        room: view.room.map(|room| people::hex(room.as_bytes())),
        person: people::hex(view.person.as_bytes()),
        expires_at: view.expires_at.seconds(),
        until: when::minute(view.expires_at),
        drawing,
        link,
    })?;
    session.close()
}

async fn invite_guest(
    session: &mut Session,
    guest: InviteGuest,
    notice: Notice,
) -> Result<Command, Failure> {
    let room = match &guest.room {
        Some(wish) => people::find_room(session.driver.client()?, wish)?,
        None => super::room::make(session, guest.title, &guest.with).await?,
    };
    Ok(Command::InviteGuest {
        room: Some(room),
        label: guest.label,
        greeting: guest.greeting,
        notice,
    })
}

fn notice(guest: &InviteGuest) -> Result<Notice, Failure> {
    let path = &guest.notice;
    let body = std::fs::read_to_string(path).map_err(|source| Failure::File {
        path: path.clone(),
        source,
    })?;
    Ok(Notice {
        version: guest.notice_version.clone(),
        language: guest.notice_language.clone(),
        body,
    })
}

/// Carries out the command and waits until its link can be used.
async fn made(session: &mut Session, command: Command) -> Result<InvitationView, Failure> {
    let known: Vec<_> = views(session)?.into_iter().map(|view| view.id).collect();
    session.command(command)?;
    loop {
        let mut views = views(session)?.into_iter();
        let new = views.find(|view| !known.contains(&view.id));
        if let Some(view) = new.filter(|view| view.link.is_some()) {
            return Ok(view);
        }
        session
            .wait(|event| match event {
                Event::InvitationReady(_) => Some(Ok(())),
                Event::Failed { reason, .. } => Some(Err(Failure::Undeliverable(*reason))),
                Event::InvitationGone(id) if !known.contains(id) => {
                    Some(Err(Failure::LinkUnavailable))
                }
                Event::Refused(refusal) => Some(Err(Failure::Refused(*refusal))),
                _ => None,
            })
            .await?;
    }
}

fn views(session: &Session) -> Result<Vec<InvitationView>, Failure> {
    Ok(session
        .driver
        .client()?
        .invitations()
        .map_err(DriverError::from)?)
}
