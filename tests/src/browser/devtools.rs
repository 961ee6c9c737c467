//! The browser's side door: what happens to a browser and WebDriver has no word for.

use std::path::Path;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::harness::patiently;

/// Where a browser writes down its side door, in its profile.
const PORT_FILE: &str = "DevToolsActivePort";

/// A connection to the browser, or to one tab of it.
pub struct DevTools {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next: u64,
}

impl DevTools {
    /// To the browser as a whole.
    pub async fn of_browser(profile: &Path) -> Self {
        let (port, path) = side_door(profile);
        Self::connect(&format!("ws://127.0.0.1:{port}{path}")).await
    }

    /// To one tab, by its WebDriver handle.
    pub async fn of_tab(profile: &Path, tab: &str) -> Self {
        let (port, _) = side_door(profile);
        Self::connect(&format!("ws://127.0.0.1:{port}/devtools/page/{tab}")).await
    }

    async fn connect(address: &str) -> Self {
        let connected = tokio_tungstenite::connect_async(address).await;
        let (socket, _) = connected.expect("the browser's side door is open");
        Self { socket, next: 0 }
    }

    /// Gives an order and does not wait; `session` names what it is for, if not the whole.
    /// Returns its number.
    pub async fn order(&mut self, session: Option<&str>, method: &str, values: Value) -> u64 {
        self.next += 1;
        let mut order = json!({ "id": self.next, "method": method, "params": values });
        if let Some(session) = session {
            order["sessionId"] = session.into();
        }
        let sent = self.socket.send(Message::text(order.to_string())).await;
        sent.expect("the browser listens");
        self.next
    }

    /// Gives an order and waits for its answer.
    pub async fn ask(&mut self, method: &str, values: Value) -> Value {
        let number = self.order(None, method, values).await;
        let answer = async {
            while let Some(message) = self.hears().await {
                if message["id"] == number {
                    assert!(message["error"].is_null(), "{method}: {message}");
                    return message["result"].clone();
                }
            }
            panic!("the browser went before it answered to {method}");
        };
        patiently(&format!("the browser answers to {method}"), answer).await
    }

    /// What it says next; `None` once it is gone.
    pub async fn hears(&mut self) -> Option<Value> {
        while let Some(Ok(message)) = self.socket.next().await {
            if let Message::Text(text) = message {
                return Some(serde_json::from_str(&text).expect("the browser speaks JSON"));
            }
        }
        None
    }
}

/// Port and path of the side door.
fn side_door(profile: &Path) -> (String, String) {
    let file = std::fs::read_to_string(profile.join(PORT_FILE));
    let file = file.expect("the browser has written down its side door");
    let mut lines = file.lines().map(str::to_owned);
    match (lines.next(), lines.next()) {
        (Some(port), Some(path)) => (port, path),
        _ => panic!("two lines tell the side door, not {file:?}"),
    }
}
