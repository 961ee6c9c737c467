//! Claims and confirmations of capsules over HTTP. Each runs beside the others and beside
//! the socket; its answer comes back as an input.

use bytes::Bytes;
use hyper::Method;
use siegel_client_core::{HttpRequest, Input};
use siegel_proto::limits::CAPSULE_BYTES;
use tokio::task::JoinSet;

use crate::moment;
use crate::net::backoff::Backoff;
use crate::net::dial::Dialler;
use crate::net::http::{Http, HttpCall};

/// A claimed capsule with the few bytes of its encoding.
const LONGEST_ANSWER: usize = CAPSULE_BYTES + 1024;

/// The exchanges under way. Each is repeated until the relay answers: the client may
/// repeat a claim, and nobody else can use it up meanwhile.
pub(super) struct Exchanges {
    backoff: Backoff,
    running: JoinSet<Input>,
}

impl Exchanges {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self {
            backoff,
            running: JoinSet::new(),
        }
    }

    pub(super) fn begin(&mut self, dialler: Dialler, request: HttpRequest) {
        let backoff = self.backoff;
        self.running.spawn(async move {
            let mut http = Http::new(dialler);
            let mut failures = 0;
            loop {
                if let Ok(reply) = http.exchange(call(&request)).await
                    && !matches!(reply.status, 429 | 500..)
                {
                    return Input::HttpAnswer {
                        request,
                        status: reply.status,
                        body: reply.body,
                    };
                }
                failures += 1;
                tokio::time::sleep(backoff.delay(failures, moment::chance())).await;
            }
        });
    }

    /// The next answer; waits for ever while nothing is under way.
    pub(super) async fn next(&mut self) -> Input {
        loop {
            match self.running.join_next().await {
                Some(Ok(input)) => return input,
                // Only a fault in the exchange itself ends a task early.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }
}

fn call(request: &HttpRequest) -> HttpCall {
    HttpCall {
        method: Method::POST,
        path: request.path.clone(),
        headers: vec![("content-type".to_owned(), "application/protobuf".to_owned())],
        body: Bytes::copy_from_slice(&request.body),
        longest_answer: LONGEST_ANSWER,
    }
}
