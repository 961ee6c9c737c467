//! Blobs: announced on the socket, carried over HTTP in parts.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use siegel_proto::blob::CreateBlob;
use siegel_proto::capsule::BearerToken;
use siegel_proto::frame::Reply;
use siegel_proto::ids::{BlobId, TokenHash};
use siegel_proto::{ErrorCode, Refusal, limits};
use tokio::time::Instant;

use crate::accept::Peer;
use crate::blobs::Upload;
use crate::error::ApiError;
use crate::session::Caller;
use crate::state::AppState;
use crate::store::BlobRow;

const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
/// A body that stands still this long is given up; what came is kept.
const BODY_IDLE: Duration = Duration::from_secs(30);
/// A part that has not arrived within this time is given up; what came is kept. On the slowest
/// line that is of use, a part takes a third of it.
const PART_TIME: Duration = Duration::from_secs(600);

/// Announces a blob.
///
/// # Errors
/// Unauthenticated, already exists, quota exceeded.
pub async fn create(caller: &Caller, create: CreateBlob) -> Result<Reply, Refusal> {
    caller.session_or_seat()?;
    let today = caller.state.clock.today();
    let quota = caller.state.config.limits.blob_bytes;
    caller.state.store.create_blob(create, today, quota).await?;
    Ok(Reply::Done)
}

/// `HEAD /v1/blobs/{id}`: how much the relay holds.
///
/// # Errors
/// Denied for unknown and wrong alike; rate limited.
pub async fn head(
    State(state): State<AppState>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (blob, row) = find(&state, &peer, &id, &headers).await?;
    if row.complete {
        return Ok(offset_response(StatusCode::OK, row.size));
    }
    let held = state.blobs.held(blob).await?;
    if held < row.size {
        return Ok(offset_response(StatusCode::OK, held));
    }
    // A relay died after the last byte and before the row: nobody will send anything more.
    let running = tokio::spawn(async move {
        let upload = claim(&state, blob)?;
        complete(&state, blob, &row, &upload).await
    });
    (running.await).map_err(|_| ApiError::Failed("upload_task"))??;
    Ok(offset_response(StatusCode::OK, row.size))
}

fn claim(state: &AppState, blob: BlobId) -> Result<Upload, ApiError> {
    let upload = state.blobs.upload(blob);
    upload.ok_or(ApiError::Refused(Refusal::rate_limited(1_000)))
}

/// `PATCH /v1/blobs/{id}`: appends one part at `Upload-Offset`.
///
/// # Errors
/// Offset mismatch with the offset the relay holds, hash mismatch, too large.
pub async fn patch(
    State(state): State<AppState>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (blob, row) = find(&state, &peer, &id, &headers).await?;
    let begins: u64 = (headers.get(UPLOAD_OFFSET))
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .ok_or(Refusal::new(ErrorCode::Malformed))?;
    if row.complete {
        return Err(Refusal::with_current(ErrorCode::OffsetMismatch, row.size).into());
    }
    // The work goes on when the caller is gone: what arrived is kept and synced.
    let running = tokio::spawn(async move {
        let upload = claim(&state, blob)?;
        let held = state.blobs.held(blob).await?;
        if begins != held {
            return Err(Refusal::with_current(ErrorCode::OffsetMismatch, held).into());
        }
        let offset = receive(&upload, body, held, row.size - held.min(row.size)).await?;
        if offset == row.size {
            complete(&state, blob, &row, &upload).await?;
        }
        Ok::<u64, ApiError>(offset)
    });
    let offset = (running.await).map_err(|_| ApiError::Failed("upload_task"))??;
    Ok(offset_response(StatusCode::NO_CONTENT, offset))
}

/// Appends what arrives, at most one part and never beyond the declared size, and syncs it.
async fn receive(upload: &Upload, body: Body, held: u64, room: u64) -> Result<u64, ApiError> {
    let most = room.min(limits::BLOB_PART_BYTES as u64);
    let mut part = upload.append(held).await?;
    let mut stream = body.into_data_stream();
    let mut written: u64 = 0;
    let until = Instant::now() + PART_TIME;
    let refused = loop {
        let patience = until.min(Instant::now() + BODY_IDLE);
        let chunk = match tokio::time::timeout_at(patience, stream.next()).await {
            Ok(Some(Ok(chunk))) => chunk,
            Ok(None) => break None,
            Ok(Some(Err(_))) | Err(_) => break Some(Refusal::new(ErrorCode::Malformed)),
        };
        if written + chunk.len() as u64 > most {
            break Some(Refusal::new(ErrorCode::TooLarge));
        }
        part.write(&chunk).await?;
        written += chunk.len() as u64;
    };
    let offset = part.sync().await?;
    match refused {
        Some(refusal) => Err(refusal.into()),
        None => Ok(offset),
    }
}

async fn complete(
    state: &AppState,
    blob: BlobId,
    row: &BlobRow,
    upload: &Upload,
) -> Result<(), ApiError> {
    if upload.hash(row.size).await? != row.hash {
        state.store.delete_blob(blob).await?;
        state.blobs.delete(blob).await?;
        return Err(Refusal::new(ErrorCode::HashMismatch).into());
    }
    upload.finish().await?;
    if let Err(refusal) = state.store.complete_blob(blob).await {
        state.blobs.delete(blob).await?;
        return Err(refusal.into());
    }
    Ok(())
}

/// `GET /v1/blobs/{id}`: the whole, or one range.
///
/// # Errors
/// Denied for unknown, wrong and incomplete alike.
pub async fn get(
    State(state): State<AppState>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (blob, row) = find(&state, &peer, &id, &headers).await?;
    if !row.complete {
        return Err(Refusal::new(ErrorCode::Denied).into());
    }
    let range = match headers.get(header::RANGE) {
        None => None,
        Some(value) => match range(value, row.size) {
            Some(range) => Some(range),
            None => {
                let total = format!("bytes */{}", row.size);
                let headers = [(header::CONTENT_RANGE, total)];
                return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
            }
        },
    };
    let (first, last) = range.unwrap_or((0, row.size - 1));
    let length = last - first + 1;
    let bytes = state.blobs.read(blob, row.size, first..=last).await?;
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment"),
    );
    if range.is_some() {
        let text = format!("bytes {first}-{last}/{}", row.size);
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(header::CONTENT_RANGE, value);
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// `DELETE /v1/blobs/{id}`.
///
/// # Errors
/// Denied for unknown and wrong alike.
pub async fn delete(
    State(state): State<AppState>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let (blob, _) = find(&state, &peer, &id, &headers).await?;
    state.store.delete_blob(blob).await?;
    state.blobs.delete(blob).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(
    state: &AppState,
    peer: &Peer,
    id: &str,
    headers: &HeaderMap,
) -> Result<(BlobId, BlobRow), ApiError> {
    state.count_source(peer.source)?;
    let denied = Refusal::new(ErrorCode::Denied);
    let blob: BlobId = id.parse().map_err(|_| denied)?;
    let secret = secret(headers).ok_or(denied)?;
    let row = state.store.blob(blob, secret).await?.ok_or(denied)?;
    Ok((blob, row))
}

fn secret(headers: &HeaderMap) -> Option<TokenHash> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let encoded = text.strip_prefix("Bearer ")?;
    let bytes = data_encoding::BASE64URL_NOPAD
        .decode(encoded.as_bytes())
        .ok()?;
    Some(BearerToken::from_slice(&bytes).ok()?.hash())
}

/// One range of the three forms; first and last byte.
fn range(value: &HeaderValue, size: u64) -> Option<(u64, u64)> {
    let text = value.to_str().ok()?.strip_prefix("bytes=")?;
    let (first, last) = text.split_once('-')?;
    let end = size.checked_sub(1)?;
    let (first, last) = match (first, last) {
        ("", suffix) => (
            size.saturating_sub(suffix.parse::<u64>().ok().filter(|n| *n > 0)?),
            end,
        ),
        (first, "") => (first.parse().ok()?, end),
        (first, last) => (first.parse().ok()?, last.parse::<u64>().ok()?.min(end)),
    };
    (first <= last).then_some((first, last))
}

fn offset_response(status: StatusCode, offset: u64) -> Response {
    (status, [(UPLOAD_OFFSET, HeaderValue::from(offset))]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a slow line sends: a byte, again and again.
    fn dribble(every: Duration) -> Body {
        Body::from_stream(futures_util::stream::unfold((), move |()| async move {
            // Sleeps because a slow line is what is tested; the clock is not the real one.
            tokio::time::sleep(every).await;
            Some((Ok::<_, std::io::Error>("x"), ()))
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_dribbles_is_given_up_and_what_came_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = crate::blobs::Blobs::folder(folder.path())
            .await
            .expect("a folder");
        let blob = BlobId::new([1; 16]);
        let upload = blobs.upload(blob).expect("nobody writes it");
        let begun = Instant::now();
        let refused = receive(&upload, dribble(Duration::from_secs(21)), 0, 4_096).await;
        assert!(matches!(refused, Err(ApiError::Refused(_))), "{refused:?}");
        assert_eq!(begun.elapsed(), PART_TIME);
        assert_eq!(blobs.held(blob).await.expect("a file"), 28);
        // One that stands still is given up sooner.
        let begun = Instant::now();
        let refused = receive(&upload, dribble(Duration::from_secs(40)), 28, 4_096).await;
        assert!(matches!(refused, Err(ApiError::Refused(_))), "{refused:?}");
        assert_eq!(begun.elapsed(), BODY_IDLE);
    }

    #[test]
    fn ranges_stay_within_the_blob() {
        let of = |text: &'static str| range(&HeaderValue::from_static(text), 100);
        assert_eq!(of("bytes=0-9"), Some((0, 9)));
        assert_eq!(of("bytes=90-"), Some((90, 99)));
        assert_eq!(of("bytes=-10"), Some((90, 99)));
        assert_eq!(of("bytes=50-1000"), Some((50, 99)));
        for bad in [
            "bytes=100-",
            "bytes=9-8",
            "bytes=-0",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "0-1",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
