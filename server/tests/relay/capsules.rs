//! Invitations over HTTP.

use prost::Message as _;
use siegel_proto::capsule::{
    BearerToken, ClaimCapsule, ConfirmCapsule, CreateCapsule, WithdrawCapsule,
};
use siegel_proto::frame::Request;
use siegel_proto::ids::CapsuleId;
use siegel_proto::wire;

use crate::support::*;

pub fn create(capsule: u8) -> CreateCapsule {
    CreateCapsule {
        capsule: CapsuleId::new([capsule; 16]),
        claim_hash: BearerToken::new([capsule; 32]).hash(),
        sealed: b"sealed".to_vec().into(),
        expires_in_hours: 48,
    }
}

pub async fn claim(world: &World, capsule: u8, token: u8, claimant: u8) -> Option<Vec<u8>> {
    let body = wire::ClaimCapsule::from(&ClaimCapsule {
        token: BearerToken::new([token; 32]),
        claimant: BearerToken::new([claimant; 32]),
    });
    let path = format!("/v1/capsules/{}/claim", CapsuleId::new([capsule; 16]));
    let body = body.encode_to_vec();
    let answer = world.http_in_time("POST", &path, &[], body).await;
    if answer.status() != 200 {
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(text.contains("\"capsule_unavailable\""), "{text}");
        return None;
    }
    let claimed = wire::ClaimedCapsule::decode(answer.into_body()).expect("parses");
    Some(claimed.sealed.to_vec())
}

#[tokio::test]
async fn attack_09_of_200_parallel_claims_one_wins() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.done(Request::CreateCapsule(create(1))).await;
    let world = std::sync::Arc::new(world);
    let mut tasks = tokio::task::JoinSet::new();
    for claimant in 0..200 {
        let world = world.clone();
        tasks.spawn(async move { claim(&world, 1, 1, claimant).await.is_some() });
    }
    let mut won = 0;
    while let Some(result) = tasks.join_next().await {
        won += usize::from(result.expect("ends"));
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_lost_answer_may_be_asked_for_again_until_it_is_confirmed() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.done(Request::CreateCapsule(create(1))).await;
    assert_eq!(claim(&world, 1, 2, 7).await, None, "wrong token");
    for _ in 0..100 {
        let path = format!("/v1/capsules/{}/claim", CapsuleId::new([1; 16]));
        assert_eq!(
            world.http("GET", &path, &[], "").await.status(),
            405,
            "GET consumes nothing"
        );
    }
    assert_eq!(
        claim(&world, 1, 1, 7).await.as_deref(),
        Some(&b"sealed"[..])
    );
    assert_eq!(claim(&world, 1, 1, 8).await, None, "another device");
    assert!(claim(&world, 1, 1, 7).await.is_some(), "the same again");
    let confirm = wire::ConfirmCapsule::from(&ConfirmCapsule {
        claimant: BearerToken::new([7; 32]),
    });
    let path = format!("/v1/capsules/{}/confirm", CapsuleId::new([1; 16]));
    let answer = world
        .http("POST", &path, &[], confirm.encode_to_vec())
        .await;
    assert_eq!(answer.status(), 204);
    assert_eq!(claim(&world, 1, 1, 7).await, None);
}

#[tokio::test]
async fn expired_and_withdrawn_capsules_are_as_if_never_there() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    for capsule in 1..=3 {
        anna.done(Request::CreateCapsule(create(capsule))).await;
    }
    let gone = create(2);
    let withdraw = WithdrawCapsule {
        capsule: gone.capsule,
        claim_hash: gone.claim_hash,
    };
    anna.done(Request::WithdrawCapsule(withdraw)).await;
    assert_eq!(claim(&world, 2, 2, 7).await, None);
    assert!(claim(&world, 3, 3, 7).await.is_some());
    world.clock.advance_seconds(16 * 60);
    assert_eq!(
        claim(&world, 3, 3, 7).await,
        None,
        "a quarter of an hour has passed"
    );
    world.clock.advance_days(3);
    assert_eq!(claim(&world, 1, 1, 7).await, None);
}
