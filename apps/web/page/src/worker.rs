//! The one worker of this page.

use std::cell::RefCell;

use siegel_web_bridge::{Ask, News, Number, Reply, Trouble};
use siegel_web_port::{NoWorker, Port};
use web_sys::Blob;

thread_local! {
    static PORT: RefCell<Option<Port>> = const { RefCell::new(None) };
}

/// Starts it.
///
/// # Errors
/// [`NoWorker`] if the browser does not.
pub(crate) fn start(
    url: &str,
    used_before: bool,
    news: impl Fn(News) + 'static,
) -> Result<(), NoWorker> {
    let port = Port::start(url, used_before, news)?;
    PORT.with(|place| place.replace(Some(port)));
    Ok(())
}

/// Asks the worker.
pub(crate) async fn ask(ask: Ask) -> Result<Reply, Trouble> {
    port()?.ask(ask).await
}

/// Sends a file; `begun` gets the number that names the transfer.
pub(crate) async fn attach(
    ask: Ask,
    file: &Blob,
    begun: impl FnOnce(Number),
) -> Result<Reply, Trouble> {
    let (number, answer) = port()?.attach(ask, file);
    begun(number);
    answer.await
}

/// Fetches a file.
pub(crate) async fn fetch(ask: Ask, begun: impl FnOnce(Number)) -> Result<(Reply, Blob), Trouble> {
    let (number, answer) = port()?.fetch(ask);
    begun(number);
    answer.await
}

/// Gives a transfer up.
pub(crate) fn cancel(number: Number) {
    if let Ok(port) = port() {
        port.cancel(number);
    }
}

/// Somebody is there.
pub(crate) fn active() {
    if let Ok(port) = port() {
        port.active();
    }
}

fn port() -> Result<Port, Trouble> {
    PORT.with(|port| port.borrow().clone())
        .ok_or_else(|| Trouble::Internal("no worker".into()))
}
