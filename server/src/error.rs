//! How the HTTP side refuses: RFC 9457 problem details. The only error with a response.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use siegel_proto::{ErrorCode, Refusal};

use crate::blobs::BlobError;
use crate::metrics::{Refused, StorageError};

/// A refused or failed HTTP request.
#[derive(Debug)]
pub enum ApiError {
    /// The caller may act on the code.
    Refused(Refusal),
    /// The relay failed: the caller gets a number, the log the same number and the code.
    Failed(&'static str),
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<crate::store::StoreError> for ApiError {
    fn from(_: crate::store::StoreError) -> Self {
        Self::Failed("store_unreadable")
    }
}

impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::Refused(Refusal::new(ErrorCode::StorageFull))
            }
            // Another relay on the same directory writes this blob.
            std::io::ErrorKind::WouldBlock => Self::Refused(Refusal::rate_limited(1_000)),
            _ => Self::Failed("blob_io"),
        }
    }
}

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::File(error) => error.into(),
            // Logged where it was found. It may pass, and nothing that was answered is lost.
            BlobError::Store(_) => Self::Refused(Refusal::new(ErrorCode::Unavailable)),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let refusal = match self {
            Self::Refused(refusal) => refusal,
            Self::Failed(code) => return failed(code),
        };
        let status = status(refusal.code);
        let code = refusal.code_name();
        let mut body = serde_json::json!({
            "type": format!("urn:siegel:error:{code}"),
            "title": code.replace('_', " "),
            "status": status.as_u16(),
            "code": code,
        });
        if matches!(
            refusal.code,
            ErrorCode::OffsetMismatch | ErrorCode::VersionConflict
        ) {
            body["current"] = refusal.current.into();
        }
        let mut response = problem(status, &body);
        // Counted where the response passes the relay's counts.
        response
            .extensions_mut()
            .insert(Refused::from(refusal.code));
        if refusal.retry_after_ms > 0 {
            let seconds = refusal.retry_after_ms.div_ceil(1_000);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The status that goes with a code.
pub fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Denied | ErrorCode::CapsuleUnavailable | ErrorCode::NoKeyPackage => {
            StatusCode::NOT_FOUND
        }
        ErrorCode::Unauthenticated | ErrorCode::Revoked => StatusCode::UNAUTHORIZED,
        ErrorCode::StaleEpoch
        | ErrorCode::VersionConflict
        | ErrorCode::AlreadyExists
        | ErrorCode::AlreadySetUp
        | ErrorCode::NotSetUp
        | ErrorCode::OffsetMismatch => StatusCode::CONFLICT,
        ErrorCode::HashMismatch | ErrorCode::NotPadded | ErrorCode::BadSignature => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::QuotaExceeded | ErrorCode::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Unspecified | ErrorCode::Malformed | ErrorCode::UnsupportedVersion => {
            StatusCode::BAD_REQUEST
        }
    }
}

fn failed(code: &'static str) -> Response {
    let reference = crate::clock::Entropy::system().draw::<8>().map_or_else(
        |_| "none".to_owned(),
        |bytes| data_encoding::HEXLOWER.encode(&bytes),
    );
    tracing::error!(code, reference);
    let mut response = problem(
        StatusCode::INTERNAL_SERVER_ERROR,
        &serde_json::json!({
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "code": "unavailable",
            "reference": reference,
        }),
    );
    response.extensions_mut().insert(StorageError::File);
    response
}

fn problem(status: StatusCode, body: &serde_json::Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}
