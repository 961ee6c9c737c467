//! `label` and `my-data`: what this person calls people, and everything that is here.

use serde::Serialize;
use siegel_client_core::Command;
use siegel_client_core::local::Local;
use siegel_client_core::my_data::MyData;

use super::context::Context;
use crate::args::Label;
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::people;
use crate::show::output::Show;
use crate::show::printable;
use crate::show::texts::Texts;

#[derive(Serialize)]
struct Labelled {
    person: String,
    label: String,
}

impl Show for Labelled {
    fn text(&self, texts: Texts) -> String {
        texts.members_changed()
    }
}

/// The data as a file somebody opens: indented also where people read it.
#[derive(Serialize)]
#[serde(transparent)]
struct Readable(MyData);

impl Show for Readable {
    fn text(&self, texts: Texts) -> String {
        match serde_json::to_string_pretty(&self.0) {
            // JSON leaves some characters as they are that would steer a terminal.
            Ok(text) => printable::lines(&text, ""),
            Err(_) => texts.internal(),
        }
    }
}

/// `siegel label PERSON [LABEL]`
pub fn label(context: &Context, wish: Label) -> Result<(), Failure> {
    let mut session = context.offline()?;
    let person = people::find(session.driver.client()?, &wish.person)?;
    let label = wish.label.unwrap_or_default();
    session.command(Command::Local(Local::Label {
        person,
        label: label.clone(),
    }))?;
    session.output.show(&Labelled {
        person: people::hex(person.as_bytes()),
        label,
    })?;
    session.close()
}

/// `siegel my-data`
pub async fn data(context: &Context) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let now = session.driver.moment()?.now;
    let data = session.driver.client()?.my_data(now);
    session
        .output
        .show(&Readable(data.map_err(DriverError::from)?))?;
    session.close()
}
