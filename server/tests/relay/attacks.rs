//! What scanners look for and what impatient clients do.

use siegel_proto::ErrorCode;
use siegel_proto::frame::Request;

use crate::support::*;

/// Paths behind which other servers keep what nobody should reach.
const INTERNALS: &[&str] = &[
    "/admin",
    "/metrics",
    "/debug",
    "/debug/pprof",
    "/debug/pprof/heap",
    "/actuator",
    "/actuator/env",
    "/actuator/heapdump",
    "/heapdump",
    "/status",
    "/server-status",
    "/info",
    "/env",
    "/config",
    "/v1/admin",
    "/v1/debug",
    "/v1/accounts",
    "/v1/rooms",
    "/v1/capsules",
    "/v1/blobs",
    "/.env",
    "/.git/config",
    "/siegel.db",
    "/siegel.db-wal",
    "/data/siegel.db",
    "/blobs/",
    "/../siegel.db",
    "/..%2fsiegel.db",
    "/v1/blobs/..%2f..%2fsiegel.db",
    "/graphql",
    "/swagger",
    "/phpinfo.php",
];

/// Nothing there, and nothing that tells one missing thing from another.
#[tokio::test]
async fn attack_65_no_door_leads_behind_the_relay() {
    let world = World::set_up().await;
    let nothing = world.http("GET", "/there/is/nothing/here", &[], "").await;
    for path in INTERNALS {
        for method in ["GET", "POST", "PUT", "DELETE", "TRACE", "OPTIONS"] {
            let answer = world.http(method, path, &[], "").await;
            let status = answer.status().as_u16();
            assert!(
                matches!(status, 400 | 401 | 403 | 404 | 405),
                "{method} {path} is answered {status}"
            );
            let body = String::from_utf8_lossy(answer.body()).to_lowercase();
            for telling in ["sqlite", "select", "panicked", "/src/", "rust", "tokio"] {
                assert!(!body.contains(telling), "{method} {path}: {body}");
            }
            if method == "GET" && !path.contains("/v1/blobs") && status == 404 {
                assert_eq!(answer.body(), nothing.body(), "{path}");
            }
        }
    }
}

/// Clients that ask and hang up before the answer, at every point: what was on its way is
/// done or not done, and the relay answers the next one as ever.
#[tokio::test]
async fn attack_71_requests_cut_off_in_the_middle_poison_nothing() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), staff_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut last = 0;
    for round in 0..100 {
        let mut hasty = world.staff(2).await;
        if hasty.attach(1, 2).await.is_ok() {
            hasty
                .send(Request::Append(message_in(1, 0, 10_000 + round)))
                .await;
            hasty.send(Request::ListDirectory { after: 0 }).await;
            hasty.send(Request::CountKeyPackages).await;
        }
        // Dropped with everything open.
        drop(hasty);
        let seq = anna.say(1, round).await;
        assert!(
            seq > last,
            "the log goes on without a hole at the writer's end"
        );
        last = seq;
    }
    let refused = world.client().await.attach(1, 9).await;
    assert_eq!(refused.map_err(|r| r.code).err(), Some(ErrorCode::Denied));
}
