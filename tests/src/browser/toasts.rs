//! What the app says at the lower edge for a while: a machine that stands still may go on
//! only after it is gone, so it is noted when it appears.

use serde_json::json;

use super::Browser;
use super::console::Order;

/// Notes every one, from the first element of a page on.
const NOTE: &str = "
    window.toasts = [];
    let shown;
    new MutationObserver(() => {
      const toast = document.querySelector('.toast')?.textContent;
      if (toast && toast !== shown) window.toasts.push(toast);
      shown = toast;
    }).observe(document, { childList: true, subtree: true, characterData: true });";

/// Whether a text is on the screen or was at its lower edge. What was seen is not news a
/// second time.
const SEEN: &str = "
    const [text] = arguments;
    const noted = window.toasts ?? [];
    window.toasts = noted.filter((toast) => !toast.includes(text));
    return window.toasts.length < noted.length
      || (document.body?.innerText ?? '').includes(text);";

impl Browser {
    /// Notes what is said on every page that is opened in the tab in front.
    pub(super) async fn notes_toasts(&self) {
        let method = "Page.addScriptToEvaluateOnNewDocument";
        let order = Order(method, json!({ "source": NOTE }));
        self.client.issue_cmd(order).await.expect("a tab");
    }

    pub(super) async fn has_seen(&self, text: &str) -> bool {
        let seen = self.client.execute(SEEN, vec![json!(text)]).await;
        seen.is_ok_and(|seen| seen == true)
    }
}
