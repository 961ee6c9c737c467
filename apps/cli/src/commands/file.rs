//! `attach` and `save`.

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use siegel_client_core::room::timeline::Body;

use super::context::Context;
use super::message;
use crate::args::{Attach, Save};
use crate::failure::Failure;
use crate::files::{self, Outgoing};
use crate::people;
use crate::save_file;
use crate::show::output::{Output, Show};
use crate::show::texts::Texts;

/// A file that was saved.
#[derive(Serialize)]
struct Saved {
    path: String,
    size: u64,
}

impl Show for Saved {
    fn text(&self, texts: Texts) -> String {
        texts.saved(&self.path)
    }
}

/// `siegel attach ROOM FILE`
pub async fn attach(context: &Context, attach: Attach) -> Result<(), Failure> {
    let bytes = std::fs::read(&attach.file).map_err(|source| Failure::File {
        path: attach.file.clone(),
        source,
    })?;
    let name = attach
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let (media_type, bytes) = match attach.keep_metadata {
        true => (files::media_type(&name).to_owned(), bytes.into()),
        false => files::without_metadata(&name, bytes)?,
    };
    let mut session = context.in_step().await?;
    let room = people::find_room(session.driver.client()?, &attach.room)?;
    let bar = bar(session.output);
    let file = Outgoing {
        name,
        media_type,
        caption: attach.caption,
        bytes,
    };
    let kind = files::upload(&mut session.driver, file, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })
    .await?;
    bar.finish_and_clear();
    message::say(&mut session, room, kind).await?;
    session.close()
}

/// `siegel save ROOM MESSAGE PATH`
pub async fn save(context: &Context, save: Save) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &save.room)?;
    let line = people::find_message(client, room, &save.message)?;
    let Body::Attachment(file) = line.body else {
        return Err(Failure::NotAFile(save.message));
    };
    let path = save_file::place(&save.path, &file.file_name);
    if !save.force {
        // Known before a hundred megabytes are fetched, and checked again when writing.
        save_file::expect_free(&path)?;
    }
    let bar = bar(session.output);
    bar.set_length(file.sealed_size);
    let plain = files::fetch(&mut session.driver, &file, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    save_file::write(&path, &plain, save.force)?;
    let path = path.display().to_string();
    session.output.show(&Saved {
        path,
        size: file.size,
    })?;
    session.close()
}

/// A bar on standard error, where somebody may be watching.
fn bar(output: Output) -> ProgressBar {
    if output.is_json() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{wide_bar} {binary_bytes}/{binary_total_bytes} {eta}");
    let bar = ProgressBar::new(0);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
