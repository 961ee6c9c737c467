//! A browser whose clock is ahead: days pass for the page and its workers, not for the test.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::devtools::DevTools;

const DAY_MILLISECONDS: i64 = 86_400_000;

/// The clock of one browser. It holds for every page and worker that starts afterwards.
pub struct AheadClock {
    days: Arc<AtomicI64>,
    task: JoinHandle<()>,
}

impl AheadClock {
    /// Takes the browser's clock in hand; it is right until days pass.
    pub async fn of(profile: &Path) -> Self {
        let days = Arc::new(AtomicI64::new(0));
        let mut devtools = DevTools::of_browser(profile).await;
        // Whatever starts waits until its clock is set.
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        devtools.ask("Target.setAutoAttach", attach).await;
        let told = days.clone();
        let task = tokio::spawn(async move {
            while let Some(said) = devtools.hears().await {
                if said["method"] == "Target.attachedToTarget" {
                    set(&mut devtools, &said["params"], told.load(Ordering::Relaxed)).await;
                }
            }
        });
        Self { days, task }
    }

    /// Days pass.
    pub fn advance(&self, days: i64) {
        self.days.fetch_add(days, Ordering::Relaxed);
    }
}

impl Drop for AheadClock {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Sets the clock of something that starts, and lets it go on.
async fn set(devtools: &mut DevTools, attached: &Value, days: i64) {
    let session = attached["sessionId"].as_str();
    let script = script(days * DAY_MILLISECONDS);
    let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
    devtools
        .order(session, "Target.setAutoAttach", attach)
        .await;
    if attached["targetInfo"]["type"] == "page" {
        let before = json!({ "source": script });
        let method = "Page.addScriptToEvaluateOnNewDocument";
        devtools.order(session, method, before).await;
    }
    let now = json!({ "expression": script });
    devtools.order(session, "Runtime.evaluate", now).await;
    devtools
        .order(session, "Runtime.runIfWaitingForDebugger", json!({}))
        .await;
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
