//! What chromedriver knows beyond WebDriver: what the console complains about, and orders
//! to the tab in front.

use fantoccini::Client;
use fantoccini::error::ErrorStatus;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};

/// chromedriver's own command for the log; it empties it.
#[derive(Debug)]
struct TakeLog;

impl WebDriverCompatibleCommand for TakeLog {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "type": "browser" });
        (http::Method::POST, Some(body.to_string()))
    }
}

/// An order to the tab in front, which holds for as long as the browser runs.
#[derive(Debug)]
pub struct Order(pub &'static str, pub Value);

impl WebDriverCompatibleCommand for Order {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.0, "params": self.1 });
        (http::Method::POST, Some(body.to_string()))
    }
}

/// Errors and warnings since the last call. A page that just went has none.
pub async fn complaints(client: &Client) -> Vec<String> {
    let entries = match client.issue_cmd(TakeLog).await {
        Ok(Value::Array(entries)) => entries,
        Ok(_) => Vec::new(),
        Err(error) => {
            assert!(
                matches!(&error, fantoccini::error::CmdError::Standard(e)
                    if e.error == ErrorStatus::NoSuchWindow),
                "the console cannot be read: {error}"
            );
            Vec::new()
        }
    };
    let entries = entries
        .into_iter()
        .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")));
    entries
        .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
        .collect()
}
