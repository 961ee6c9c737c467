//! Blobs over HTTP: sent and fetched part by part, going on after a loss where it stopped.

use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use hyper::Method;
use siegel_proto::capsule::BearerToken;
use siegel_proto::ids::BlobId;
use siegel_proto::limits::BLOB_PART_BYTES;

use super::backoff::Backoff;
use super::http::{Http, HttpCall, HttpError, HttpReply};
use crate::moment;

/// Failures in a row after which a transfer is given up.
const PATIENCE: u32 = 8;
/// Refusals are short.
const LONGEST_REFUSAL: usize = 4 * 1024;

/// Which blob, and the right to it.
#[derive(Clone, Debug)]
pub struct BlobAccess {
    /// The blob.
    pub blob: BlobId,
    /// Reads, writes and deletes it.
    pub secret: BearerToken,
}

/// Why a blob was not transferred.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The line is gone; try again later.
    #[error("the transfer broke off")]
    Http(#[from] HttpError),
    /// Expired, deleted, never complete, or not ours: the relay answers all alike.
    #[error("the relay does not have the file")]
    Unavailable,
    /// The relay refuses. Codes as in the protocol.
    #[error("the relay refused the transfer: {0}")]
    Refused(String),
}

/// Carries blobs over one HTTP connection.
pub struct Carrier {
    http: Http,
    backoff: Backoff,
}

impl Carrier {
    /// Carries over this connection, pausing like this after a loss.
    pub fn new(http: Http, backoff: Backoff) -> Self {
        Self { http, backoff }
    }

    /// Sends the sealed bytes and reports how far they are. Calling it again with the same
    /// bytes goes on where the relay stopped receiving.
    pub async fn send(
        &mut self,
        access: &BlobAccess,
        sealed: &[u8],
        mut progress: impl FnMut(u64),
    ) -> Result<(), BlobError> {
        let mut offset = self.held(access).await?;
        let mut failures = 0;
        while let Some(rest) = sealed.get(offset..).filter(|rest| !rest.is_empty()) {
            progress(offset as u64);
            let part = rest.get(..BLOB_PART_BYTES).unwrap_or(rest);
            let at = ("upload-offset".to_owned(), offset.to_string());
            let outcome = self
                .call(Method::PATCH, access, Some(at), part.to_vec(), 0)
                .await;
            offset = match outcome {
                Ok(reply) if reply.status == 204 => {
                    failures = 0;
                    upload_offset(&reply).unwrap_or(offset + part.len())
                }
                Ok(reply) => {
                    failures += 1;
                    self.judge(&reply, failures).await?;
                    self.held(access).await?
                }
                Err(error) => {
                    failures += 1;
                    self.pause(failures, error).await?;
                    self.held(access).await?
                }
            };
        }
        progress(sealed.len() as u64);
        Ok(())
    }

    /// Fetches `size` sealed bytes and reports how far they are.
    pub async fn fetch(
        &mut self,
        access: &BlobAccess,
        size: usize,
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<u8>, BlobError> {
        let mut sealed = Vec::with_capacity(size);
        let mut failures = 0;
        while sealed.len() < size {
            progress(sealed.len() as u64);
            let last = size.min(sealed.len() + BLOB_PART_BYTES) - 1;
            let range = ("range".to_owned(), format!("bytes={}-{last}", sealed.len()));
            let wanted = last + 1 - sealed.len();
            match self
                .call(Method::GET, access, Some(range), Vec::new(), wanted)
                .await
            {
                Ok(reply) if reply.status == 206 && reply.body.len() == wanted => {
                    failures = 0;
                    sealed.extend_from_slice(&reply.body);
                }
                // Another length than the message says: held against its hash by nobody.
                Ok(reply) if matches!(reply.status, 200..=299 | 416) => {
                    return Err(BlobError::Unavailable);
                }
                Ok(reply) => {
                    failures += 1;
                    self.judge(&reply, failures).await?;
                }
                Err(error) => {
                    failures += 1;
                    self.pause(failures, error).await?;
                }
            }
        }
        progress(size as u64);
        Ok(sealed)
    }

    /// Deletes the blob at the relay. One that is gone already is fine.
    pub async fn delete(&mut self, access: &BlobAccess) -> Result<(), BlobError> {
        let reply = self
            .call(Method::DELETE, access, None, Vec::new(), 0)
            .await?;
        match reply.status {
            200..=299 | 404 => Ok(()),
            _ => Err(BlobError::Refused(code(&reply))),
        }
    }

    /// How many bytes the relay holds.
    async fn held(&mut self, access: &BlobAccess) -> Result<usize, BlobError> {
        let mut failures = 0;
        loop {
            failures += 1;
            match self.call(Method::HEAD, access, None, Vec::new(), 0).await {
                Ok(reply) => match upload_offset(&reply) {
                    Some(offset) if reply.status == 200 => return Ok(offset),
                    _ => self.judge(&reply, failures).await?,
                },
                Err(error) => self.pause(failures, error).await?,
            }
        }
    }

    /// Waits if the refusal may pass; else it is the error.
    async fn judge(&self, reply: &HttpReply, failures: u32) -> Result<(), BlobError> {
        match reply.status {
            404 => Err(BlobError::Unavailable),
            // Somebody counts too fast, writes at another place, or the relay restarts.
            409 | 429 | 500 | 503 if failures < PATIENCE => {
                self.wait(failures).await;
                Ok(())
            }
            _ => Err(BlobError::Refused(code(reply))),
        }
    }

    async fn pause(&self, failures: u32, error: HttpError) -> Result<(), BlobError> {
        if failures >= PATIENCE {
            return Err(error.into());
        }
        self.wait(failures).await;
        Ok(())
    }

    async fn wait(&self, failures: u32) {
        let pause: Duration = self.backoff.delay(failures, moment::chance());
        tokio::time::sleep(pause).await;
    }

    async fn call(
        &mut self,
        method: Method,
        access: &BlobAccess,
        header: Option<(String, String)>,
        body: Vec<u8>,
        longest: usize,
    ) -> Result<HttpReply, HttpError> {
        let bearer = format!(
            "Bearer {}",
            BASE64URL_NOPAD.encode(access.secret.as_bytes())
        );
        let mut headers = vec![("authorization".to_owned(), bearer)];
        headers.extend(header);
        let path = format!("/v1/blobs/{}", access.blob);
        let longest_answer = longest.max(LONGEST_REFUSAL);
        self.http
            .exchange(HttpCall {
                method,
                path,
                headers,
                body: Bytes::from(body),
                longest_answer,
            })
            .await
    }
}

fn upload_offset(reply: &HttpReply) -> Option<usize> {
    let (_, value) = reply
        .headers
        .iter()
        .find(|(name, _)| name == "upload-offset")?;
    value.parse().ok()
}

/// The code of a problem document (RFC 9457), or the status.
fn code(reply: &HttpReply) -> String {
    let problem: Option<serde_json::Value> = serde_json::from_slice(&reply.body).ok();
    let code = problem
        .as_ref()
        .and_then(|problem| problem.get("code")?.as_str());
    code.map_or_else(|| reply.status.to_string(), crate::show::printable::line)
}
