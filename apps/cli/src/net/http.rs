//! HTTP to the relay: capsules and blobs. Nothing here keeps or prints a URL: a blob's
//! path names it, and a header carries its secret.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;

use super::dial::{DialError, Dialler};

/// The longest silence within one exchange. A part of a file is one exchange.
const LONGEST_EXCHANGE: Duration = Duration::from_secs(120);

/// One request to the relay.
pub struct HttpCall {
    /// What to do.
    pub method: Method,
    /// Path on the relay.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, empty for none.
    pub body: Bytes,
    /// The longest body taken as an answer.
    pub longest_answer: usize,
}

/// What the relay said.
pub struct HttpReply {
    /// Status code.
    pub status: u16,
    /// Headers that are text.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// Why there is no answer. The request may or may not have been carried out.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The relay cannot be reached.
    #[error("cannot reach the relay")]
    Dial(#[from] DialError),
    /// The exchange broke off.
    #[error("the exchange with the relay broke off")]
    Broken(#[source] hyper::Error),
    /// The answer is larger than it may be.
    #[error("the relay's answer is too large")]
    TooLarge,
    /// It takes too long.
    #[error("the relay does not answer")]
    Slow,
    /// The request itself cannot be written; a fault in the program.
    #[error("the request cannot be written")]
    Unwritable,
}

/// HTTP/1.1 towards one relay, over one connection that is kept between exchanges.
pub struct Http {
    dialler: Dialler,
    idle: Option<SendRequest<Full<Bytes>>>,
}

impl Http {
    /// Connects on the first exchange.
    pub fn new(dialler: Dialler) -> Self {
        Self {
            dialler,
            idle: None,
        }
    }

    /// Carries out one exchange.
    pub async fn exchange(&mut self, call: HttpCall) -> Result<HttpReply, HttpError> {
        match tokio::time::timeout(LONGEST_EXCHANGE, self.exchange_unhurried(call)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.idle = None;
                Err(HttpError::Slow)
            }
        }
    }

    async fn exchange_unhurried(&mut self, call: HttpCall) -> Result<HttpReply, HttpError> {
        let mut sender = match self.reuse().await {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let longest = call.longest_answer;
        let request = self.request(call)?;
        let (head, body) = sender
            .send_request(request)
            .await
            .map_err(HttpError::Broken)?
            .into_parts();
        let body = Limited::new(body, longest)
            .collect()
            .await
            .map_err(broken)?
            .to_bytes();
        self.idle = Some(sender);
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let headers = head.headers.iter().filter_map(text).collect();
        Ok(HttpReply {
            status: head.status.as_u16(),
            headers,
            body,
        })
    }

    async fn reuse(&mut self) -> Option<SendRequest<Full<Bytes>>> {
        let mut sender = self.idle.take()?;
        sender.ready().await.is_ok().then_some(sender)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, HttpError> {
        let stream = self.dialler.dial().await?;
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(64 * 1024)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(HttpError::Broken)?;
        // Ends with the sender; what goes wrong in it shows in the exchange.
        tokio::spawn(connection);
        Ok(sender)
    }

    fn request(&self, call: HttpCall) -> Result<Request<Full<Bytes>>, HttpError> {
        let mut builder = Request::builder()
            .method(call.method)
            .uri(call.path)
            .header(HOST, self.dialler.address().authority());
        for (name, value) in call.headers {
            let mut value = HeaderValue::try_from(value).map_err(|_| HttpError::Unwritable)?;
            value.set_sensitive(true);
            builder = builder.header(name, value);
        }
        builder
            .body(Full::new(call.body))
            .map_err(|_| HttpError::Unwritable)
    }
}

fn broken(error: Box<dyn std::error::Error + Send + Sync>) -> HttpError {
    match error.downcast::<hyper::Error>() {
        Ok(error) => HttpError::Broken(*error),
        Err(other) if other.is::<LengthLimitError>() => HttpError::TooLarge,
        Err(_) => HttpError::Slow,
    }
}
