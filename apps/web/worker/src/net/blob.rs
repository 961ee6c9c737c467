//! Blobs over HTTP: sent and fetched part by part, going on after a loss where it stopped.

use data_encoding::BASE64URL_NOPAD;
use siegel_proto::capsule::BearerToken;
use siegel_proto::ids::BlobId;
use siegel_proto::limits::BLOB_PART_BYTES;
use siegel_web_bridge::Trouble;

use super::http::{Answer, Call, Unreachable, exchange};
use super::rest;

/// Failures in a row after which a transfer is given up.
const PATIENCE: u32 = 8;

/// Which blob, and the right to it.
pub struct BlobAccess {
    /// The blob.
    pub blob: BlobId,
    /// Reads, writes and deletes it.
    pub secret: BearerToken,
}

/// Sends the sealed bytes. After a loss it goes on where the relay stopped receiving.
pub async fn send(
    access: &BlobAccess,
    sealed: &[u8],
    progress: impl Fn(u64),
) -> Result<(), Trouble> {
    let mut offset = held(access).await?;
    let mut failures = 0;
    while let Some(rest) = sealed.get(offset..).filter(|rest| !rest.is_empty()) {
        progress(offset as u64);
        let part = rest.get(..BLOB_PART_BYTES).unwrap_or(rest);
        let at = ("upload-offset", offset.to_string());
        match call("PATCH", access, Some(at), Some(part)).await {
            Ok(answer) if answer.status == 204 => {
                failures = 0;
                offset = upload_offset(&answer).unwrap_or(offset + part.len());
            }
            outcome => {
                failures += 1;
                judge(outcome, failures).await?;
                offset = held(access).await?;
            }
        }
    }
    progress(sealed.len() as u64);
    Ok(())
}

/// Fetches the sealed bytes, of which there are `size`.
pub async fn fetch(
    access: &BlobAccess,
    size: usize,
    progress: impl Fn(u64),
) -> Result<Vec<u8>, Trouble> {
    let mut sealed = Vec::with_capacity(size);
    let mut failures = 0;
    while sealed.len() < size {
        progress(sealed.len() as u64);
        let last = size.min(sealed.len() + BLOB_PART_BYTES) - 1;
        let range = ("range", format!("bytes={}-{last}", sealed.len()));
        let wanted = last + 1 - sealed.len();
        match call("GET", access, Some(range), None).await {
            Ok(answer) if answer.status == 206 && answer.body.len() == wanted => {
                failures = 0;
                sealed.extend_from_slice(&answer.body);
            }
            // Another length than the message says: held against its hash by nobody.
            Ok(answer) if matches!(answer.status, 200..=299 | 416) => {
                return Err(Trouble::FileGone);
            }
            outcome => {
                failures += 1;
                judge(outcome, failures).await?;
            }
        }
    }
    progress(size as u64);
    Ok(sealed)
}

/// How many bytes the relay holds.
async fn held(access: &BlobAccess) -> Result<usize, Trouble> {
    let mut failures = 0;
    loop {
        failures += 1;
        let outcome = call("HEAD", access, None, None).await;
        if let Ok(answer) = &outcome
            && answer.status == 200
            && let Some(offset) = upload_offset(answer)
        {
            return Ok(offset);
        }
        judge(outcome, failures).await?;
    }
}

/// Waits if the failure may pass; else it is the error.
async fn judge(outcome: Result<Answer, Unreachable>, failures: u32) -> Result<(), Trouble> {
    match outcome {
        Ok(answer) => match answer.status {
            404 => return Err(Trouble::FileGone),
            // Somebody counts too fast, writes at another place, or the relay restarts.
            409 | 429 | 500 | 503 if failures < PATIENCE => {}
            status => return Err(Trouble::Refused(status.to_string())),
        },
        Err(Unreachable) if failures < PATIENCE => {}
        Err(Unreachable) => return Err(Trouble::Offline),
    }
    rest(failures).await;
    Ok(())
}

async fn call(
    method: &'static str,
    access: &BlobAccess,
    header: Option<(&'static str, String)>,
    body: Option<&[u8]>,
) -> Result<Answer, Unreachable> {
    let token = BASE64URL_NOPAD.encode(access.secret.as_bytes());
    let mut headers = vec![("authorization", format!("Bearer {token}"))];
    headers.extend(header);
    exchange(&Call {
        method,
        path: &format!("/v1/blobs/{}", access.blob),
        headers: &headers,
        body,
    })
    .await
}

fn upload_offset(answer: &Answer) -> Option<usize> {
    answer.header("upload-offset")?.parse().ok()
}
