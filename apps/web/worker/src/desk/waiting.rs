//! Who waits for what: questions whose answer comes with a later event.

use std::collections::BTreeMap;

use futures_channel::oneshot;
use siegel_client_core::room::invitation::InvitationId;
use siegel_client_core::{Client, Event};
use siegel_proto::certificate::PersonRole;
use siegel_proto::ids::BlobId;
use siegel_web_bridge::{LinkTrouble, Reply, Trouble};

use crate::moment;
use crate::queue::Asker;
use crate::trouble;
use crate::view::people;

/// Open questions.
#[derive(Default)]
pub struct Waiting {
    joins: Vec<Asker>,
    invitations: Vec<(Asker, Vec<InvitationId>)>,
    blobs: BTreeMap<BlobId, oneshot::Sender<Result<(), Trouble>>>,
}

/// An answer whose time has come.
pub type Due = (Asker, Result<Reply, Trouble>);

impl Waiting {
    /// Waits until the device belongs to the organisation.
    pub fn for_join(&mut self, asker: Asker) {
        self.joins.push(asker);
    }

    /// Waits for an invitation that is not among the known ones.
    pub fn for_invitation(&mut self, asker: Asker, known: Vec<InvitationId>) {
        self.invitations.push((asker, known));
    }

    /// Waits until the relay took the announcement of a blob.
    pub fn for_blob(&mut self, blob: BlobId, taken: oneshot::Sender<Result<(), Trouble>>) {
        self.blobs.insert(blob, taken);
    }

    /// The order was refused: nothing will come of it.
    pub fn forget(&mut self, asker: Asker) {
        self.joins.retain(|waiting| *waiting != asker);
        self.invitations.retain(|(waiting, _)| *waiting != asker);
    }

    /// The connection is lost: an announcement under way may be lost with it.
    pub fn offline(&mut self) {
        for (_, taken) in std::mem::take(&mut self.blobs) {
            // The transfer may have been given up.
            taken.send(Err(Trouble::Offline)).ok();
        }
    }

    /// The client is opened again: nobody knows what came of the open questions.
    pub fn interrupted(&mut self) -> Vec<Due> {
        self.offline();
        let joins = std::mem::take(&mut self.joins);
        let invitations = std::mem::take(&mut self.invitations);
        let askers = joins
            .into_iter()
            .chain(invitations.into_iter().map(|(asker, _)| asker));
        askers
            .map(|asker| (asker, Err(Trouble::Interrupted)))
            .collect()
    }

    /// What an event answers.
    pub fn hear(&mut self, client: &Client, event: &Event) -> Vec<Due> {
        match event {
            Event::Joined | Event::Online => match client.profile() {
                Ok(profile) if profile.ready || profile.role == PersonRole::Guest => {
                    self.joined(&Ok(Reply::Done))
                }
                _ => Vec::new(),
            },
            Event::LinkUnavailable => self.joined(&Err(Trouble::Link(LinkTrouble::Unavailable))),
            Event::JoinRefused(_) => self.joined(&Err(Trouble::Link(LinkTrouble::Refused))),
            Event::Outdated => self.joined(&Err(Trouble::Outdated)),
            Event::WrongRelay => self.joined(&Err(Trouble::WrongRelay)),
            Event::Revoked => self.joined(&Err(Trouble::Revoked)),
            Event::InvitationReady(id) => self.invited(*id, |id| {
                let view = client.invitations().ok()?;
                let view = view.into_iter().find(|view| view.id == id)?;
                Some(Reply::Invitation(people::invitation(view, moment::now())))
            }),
            Event::InvitationGone(id) => self.invited(*id, |_| None),
            Event::Failed { reason, .. } => {
                // Whatever failed while a link is being made may be what it waits for; a
                // link that comes all the same stands in the list.
                let open = std::mem::take(&mut self.invitations);
                let failed = Trouble::Failed(trouble::of_failure(*reason));
                open.into_iter()
                    .map(|(asker, _)| (asker, Err(failed.clone())))
                    .collect()
            }
            Event::BlobReady(blob) => self.announced(*blob, Ok(())),
            Event::BlobRefused(blob, code) => self.announced(*blob, Err(trouble::of_relay(*code))),
            _ => Vec::new(),
        }
    }

    fn joined(&mut self, answer: &Result<Reply, Trouble>) -> Vec<Due> {
        std::mem::take(&mut self.joins)
            .into_iter()
            .map(|asker| (asker, answer.clone()))
            .collect()
    }

    fn invited(
        &mut self,
        id: InvitationId,
        reply: impl Fn(InvitationId) -> Option<Reply>,
    ) -> Vec<Due> {
        let is_new = |(_, known): &(Asker, Vec<InvitationId>)| !known.contains(&id);
        let Some(place) = self.invitations.iter().position(is_new) else {
            return Vec::new();
        };
        let (asker, _) = self.invitations.remove(place);
        let gone = Trouble::Link(LinkTrouble::Unavailable);
        vec![(asker, reply(id).ok_or(gone))]
    }

    fn announced(&mut self, blob: BlobId, outcome: Result<(), Trouble>) -> Vec<Due> {
        if let Some(taken) = self.blobs.remove(&blob) {
            // The transfer may have been given up.
            taken.send(outcome).ok();
        }
        Vec::new()
    }
}
