//! Whether the relay lives and can serve.

use axum::extract::State;
use axum::http::StatusCode;

use crate::readiness::Readiness;
use crate::state::AppState;

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: entries can be stored and read; and what an operator should look at.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, String) {
    let readiness = Readiness::of(&state).await;
    let status = if readiness.serves() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, readiness.to_string())
}
