//! `status`: what this device is, and what waits.

use serde::Serialize;
use siegel_proto::certificate::PersonRole;

use super::context::Context;
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::people;
use crate::show::output::Show;
use crate::show::texts::Texts;

#[derive(Serialize)]
struct Status {
    version: &'static str,
    relay: String,
    connected: bool,
    organisation: String,
    person: String,
    device: String,
    name: String,
    role: &'static str,
    holds_root_key: bool,
    revoked: bool,
    rooms: usize,
    waiting: usize,
    failed: usize,
    stale: usize,
    #[serde(skip)]
    word: PersonRole,
}

impl Show for Status {
    fn text(&self, texts: Texts) -> String {
        let reached = if self.connected {
            texts.reached()
        } else {
            texts.not_reached()
        };
        let role = people::role_word(self.word, texts);
        let mut lines = vec![
            format!("{} ({reached})", texts.relay(&self.relay)),
            texts.this_person(&self.name, role),
            texts.this_device(&self.device),
        ];
        let counted = [
            (self.waiting, texts.waiting(self.waiting)),
            (self.failed, texts.failed(self.failed)),
            (self.stale, texts.stale_rooms(self.stale)),
        ];
        lines.extend(
            counted
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(_, note)| note),
        );
        if self.revoked {
            lines.push(texts.revoked());
        }
        lines.join("\n")
    }
}

/// `siegel status`
pub async fn run(context: &Context) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let connected = session.is_up();
    let now = session.driver.now();
    let client = session.driver.client()?;
    let profile = client.profile().map_err(DriverError::from)?;
    let rooms = client.rooms().map_err(DriverError::from)?;
    session.output.show(&Status {
        version: env!("CARGO_PKG_VERSION"),
        relay: profile.origin,
        connected,
        organisation: data_encoding::HEXLOWER.encode(profile.organisation.as_bytes()),
        person: people::hex(profile.person.as_bytes()),
        device: people::hex(profile.device.as_bytes()),
        name: people::called(&profile.name, profile.person, session.output.texts()),
        role: people::role(profile.role),
        word: profile.role,
        holds_root_key: profile.holds_root,
        revoked: profile.revoked,
        rooms: rooms.len(),
        waiting: rooms.iter().map(|room| room.waiting).sum(),
        failed: rooms.iter().map(|room| room.failed).sum(),
        stale: rooms.iter().filter(|room| room.is_stale(now)).count(),
    })?;
    session.close()
}
