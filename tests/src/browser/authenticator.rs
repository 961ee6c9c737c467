//! What holds passkeys: chromedriver makes one of software for a tab.

use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};

use super::Browser;

/// A command of WebDriver that the client has no method for.
#[derive(Debug)]
struct Call {
    path: String,
    /// Sent if there is one; else something is only asked for.
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Call {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/webauthn/{}", self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        match &self.body {
            Some(body) => (http::Method::POST, Some(body.to_string())),
            None => (http::Method::GET, None),
        }
    }
}

/// A finger's or face's reader that is built into one person's device.
pub struct Authenticator<'a> {
    browser: &'a Browser,
    id: String,
}

impl Browser {
    /// Gives the tab in front a reader. `encrypts`: its passkeys can.
    pub async fn gets_authenticator(&self, encrypts: bool) -> Authenticator<'_> {
        let extensions: &[&str] = if encrypts { &["prf"] } else { &[] };
        let wanted = json!({
            "protocol": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "extensions": extensions,
        });
        let made = self.webauthn("authenticator".to_owned(), Some(wanted));
        let made = made.await;
        let id = made.as_str().expect("an id").to_owned();
        Authenticator { browser: self, id }
    }

    async fn webauthn(&self, path: String, body: Option<Value>) -> Value {
        let call = Call { path, body };
        self.client.issue_cmd(call).await.expect("an authenticator")
    }
}

impl Authenticator<'_> {
    /// Lets it recognise nobody from here on.
    pub async fn recognises_nobody(&self) {
        let path = format!("authenticator/{}/uv", self.id);
        let said = json!({ "isUserVerified": false });
        self.browser.webauthn(path, Some(said)).await;
    }

    /// How many passkeys it holds.
    pub async fn counts(&self) -> usize {
        let path = format!("authenticator/{}/credentials", self.id);
        let held = self.browser.webauthn(path, None).await;
        held.as_array().map_or(0, Vec::len)
    }
}
