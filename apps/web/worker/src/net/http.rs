//! One exchange over HTTP with the relay.

use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use crate::moment;

/// What to ask.
pub struct Call<'a> {
    pub method: &'static str,
    /// Beginning with `/v1/`.
    pub path: &'a str,
    pub headers: &'a [(&'static str, String)],
    pub body: Option<&'a [u8]>,
}

/// What the relay said.
pub struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: Bytes,
}

/// The relay cannot be reached, or the line broke.
pub struct Unreachable;

impl Answer {
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }
}

/// Asks the relay.
pub async fn exchange(call: &Call<'_>) -> Result<Answer, Unreachable> {
    let init = RequestInit::new();
    init.set_method(call.method);
    let headers = Headers::new().map_err(|_| Unreachable)?;
    for (name, value) in call.headers {
        headers.append(name, value).map_err(|_| Unreachable)?;
    }
    init.set_headers(&headers);
    if let Some(body) = call.body {
        init.set_body(&Uint8Array::from(body));
    }
    let response = moment::worker().fetch_with_str_and_init(call.path, &init);
    let response: Response = JsFuture::from(response)
        .await
        .and_then(JsCast::dyn_into)
        .map_err(|_| Unreachable)?;
    let body = response.array_buffer().map_err(|_| Unreachable)?;
    let body: ArrayBuffer = JsFuture::from(body)
        .await
        .map_err(|_| Unreachable)?
        .unchecked_into();
    Ok(Answer {
        status: response.status(),
        headers: response.headers(),
        body: Uint8Array::new(&body).to_vec().into(),
    })
}
