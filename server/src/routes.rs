//! The one list of routes, and the headers every answer carries.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use siegel_proto::limits;
use tower::util::MapResponseLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::api::{app, blob, capsule, health};
use crate::metrics::{Refused, StorageError};
use crate::socket;
use crate::state::AppState;

/// How long a claim or confirmation may take to arrive and to be answered.
const SMALL_TIME: Duration = Duration::from_secs(30);
/// Bytes of a claim or confirmation.
const SMALL_BODY: usize = 1024;

/// All routes.
pub fn app(state: AppState) -> Router {
    let has_tls = state.config.has_tls();
    let counts = state.hub.counts().clone();
    let mut app = Router::new()
        .route("/", get(app::start))
        .route("/service-worker.js", get(app::service_worker))
        .route("/manifest.webmanifest", get(app::manifest))
        .route("/assets/{name}", get(app::asset))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/v1/socket", get(socket::upgrade))
        .route(
            "/v1/capsules/{id}/claim",
            post(capsule::claim).layer((in_time(), DefaultBodyLimit::max(SMALL_BODY))),
        )
        .route(
            "/v1/capsules/{id}/confirm",
            post(capsule::confirm).layer((in_time(), DefaultBodyLimit::max(SMALL_BODY))),
        )
        .route(
            "/v1/blobs/{id}",
            get(blob::get)
                .head(blob::head)
                .patch(blob::patch)
                .delete(blob::delete)
                .layer(DefaultBodyLimit::max(limits::BLOB_PART_BYTES)),
        )
        .with_state(state)
        .layer(MapResponseLayer::new(move |response: Response| {
            if let Some(reason) = response.extensions().get::<Refused>() {
                counts.refused(*reason);
            }
            if let Some(kind) = response.extensions().get::<StorageError>() {
                counts.storage_error(*kind);
            }
            response
        }));
    for (name, value) in HEADERS {
        // The app's files say some of these for themselves.
        app = app.layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        ));
    }
    if has_tls {
        app = app.layer(SetResponseHeaderLayer::overriding(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        ));
    }
    app
}

/// What is written was handed to the writer, which goes on without the request.
fn in_time() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, SMALL_TIME)
}

const HEADERS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=()",
    ),
    ("cache-control", "no-store"),
];
