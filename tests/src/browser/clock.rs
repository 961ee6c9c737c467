//! A tab whose clock is ahead: days have passed for the page and its workers, not for the
//! test.

use std::path::Path;

use serde_json::json;
use tokio::task::JoinHandle;

use super::devtools::DevTools;

const DAY_MILLISECONDS: i64 = 86_400_000;

/// The clock of one tab, ahead for every page it opens and every worker of these pages while
/// this is kept.
pub struct AheadClock(JoinHandle<()>);

impl AheadClock {
    /// Sets the clock so many days ahead.
    pub async fn of(profile: &Path, tab: &str, days: i64) -> Self {
        let script = script(days * DAY_MILLISECONDS);
        let mut devtools = DevTools::of_tab(profile, tab).await;
        devtools.ask("Page.enable", json!({})).await;
        let page = json!({ "source": script });
        devtools
            .ask("Page.addScriptToEvaluateOnNewDocument", page)
            .await;
        // A worker waits until its clock is set.
        let workers =
            json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        devtools.ask("Target.setAutoAttach", workers).await;
        Self(tokio::spawn(async move {
            while let Some(said) = devtools.hears().await {
                if said["method"] == "Target.attachedToTarget" {
                    let session = said["params"]["sessionId"].as_str();
                    let set = json!({ "expression": script });
                    devtools.order(session, "Runtime.evaluate", set).await;
                    let go_on = "Runtime.runIfWaitingForDebugger";
                    devtools.order(session, go_on, json!({})).await;
                }
            }
        }))
    }
}

impl Drop for AheadClock {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn script(ahead: i64) -> String {
    format!(
        "(() => {{
           const Right = Date;
           self.Date = class extends Right {{
             constructor(...parts) {{
               if (parts.length) super(...parts); else super(Right.now() + {ahead});
             }}
             static now() {{ return Right.now() + {ahead}; }}
           }};
         }})();"
    )
}
