//! A browser whose clock is ahead: days have passed for the page and its workers, not for
//! the test.

use std::path::Path;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::devtools::DevTools;

const DAY_MILLISECONDS: i64 = 86_400_000;

/// The clock of one browser, ahead for every page and worker that starts while this is kept.
pub struct AheadClock(JoinHandle<()>);

impl AheadClock {
    /// Sets a browser's clock so many days ahead.
    pub async fn of(profile: &Path, days: i64) -> Self {
        let script = script(days * DAY_MILLISECONDS);
        let mut devtools = DevTools::of_browser(profile).await;
        devtools.ask("Target.setAutoAttach", attach()).await;
        Self(tokio::spawn(async move {
            while let Some(said) = devtools.hears().await {
                if said["method"] == "Target.attachedToTarget" {
                    set(&mut devtools, &said["params"], &script).await;
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

/// Whatever starts waits until its clock is set.
fn attach() -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true })
}

/// Sets the clock of something that starts, and lets it go on.
async fn set(devtools: &mut DevTools, attached: &Value, script: &str) {
    let session = attached["sessionId"].as_str();
    let mut order = async |method, values| devtools.order(session, method, values).await;
    order("Target.setAutoAttach", attach()).await;
    if attached["targetInfo"]["type"] == "page" {
        order("Page.enable", json!({})).await;
        let before = json!({ "source": script });
        order("Page.addScriptToEvaluateOnNewDocument", before).await;
    }
    order("Runtime.evaluate", json!({ "expression": script })).await;
    order("Runtime.runIfWaitingForDebugger", json!({})).await;
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
