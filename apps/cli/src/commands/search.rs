//! `search`: messages of all rooms by the beginnings of their words.

use super::context::Context;
use crate::args::Search;
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::show::line::LineView;

/// `siegel search WORD…`: newest first, from what this device has.
pub fn run(context: &Context, wish: &Search) -> Result<(), Failure> {
    let session = context.offline()?;
    let client = session.driver.client()?;
    let question = wish.words.join(" ");
    let hits = client.search(&question, wish.most);
    for hit in hits.map_err(DriverError::from)? {
        let view = LineView::new(client, hit.room, hit.line, session.output.texts())?;
        session.output.show(&view)?;
    }
    session.close()
}
