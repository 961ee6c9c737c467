//! Claims and confirmations of capsules.

use siegel_client_core::{HttpRequest, Input};

use super::http::{Call, exchange};
use super::rest;

/// Repeats the request until the relay answers it: the client may repeat a claim, and
/// nobody else can use it up meanwhile.
pub async fn carry_out(request: HttpRequest) -> Input {
    let mut failures = 0;
    let headers = [("content-type", "application/protobuf".to_owned())];
    loop {
        let call = Call {
            method: "POST",
            path: &request.path,
            headers: &headers,
            body: Some(&request.body),
        };
        if let Ok(answer) = exchange(&call).await
            && !matches!(answer.status, 429 | 500..)
        {
            return Input::HttpAnswer {
                request,
                status: answer.status,
                body: answer.body,
            };
        }
        failures += 1;
        rest(failures).await;
    }
}
