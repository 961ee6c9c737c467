//! Every device is crashed before and after every persist effect of a story that takes
//! every kind of step.

use siegel_tests::simulation::crash_points::{Share, crash};

/// What a persist effect of the story must have been for at least once.
const KINDS: &[&str] = &[
    "answer Claim",
    "answer Confirm",
    "command CreateRoom",
    "command InviteGuest",
    "command InviteStaff",
    "command Join",
    "command MarkRead",
    "command Promote",
    "command Remove",
    "command Rename",
    "command Say",
    "command SetPolicy",
    "command SetUp",
    "command Verify",
    "command Withdraw",
    "deliver Commit",
    "deliver Message",
    "deliver Refusal",
    "deliver Void",
    "deliver Welcome",
    "reply Appended",
    "reply Attached",
    "reply ClaimedKeyPackages",
    "reply Revocations",
];

/// The short form crashes every so manieth persist effect, `cargo xtask simulation` all.
const SHARE: Share = Share { part: 1, of: 6 };

#[test]
fn attack_46_a_crash_at_a_persist_effect_changes_nothing_people_see() {
    let report = crash(1, SHARE);
    println!("{} persist effects: {:#?}", report.sites(), report.sites);
    assert!(
        report.differences.is_empty(),
        "{} ends differ:\n{}",
        report.differences.len(),
        report.differences.join("\n")
    );
    let due = (0..report.sites()).filter(|number| SHARE.has(*number));
    let due = due.count() as u64;
    for point in ["before", "after"] {
        let crashed = report.crashed.get(point).copied();
        assert_eq!(crashed, Some(due), "crashed {point} every store");
    }
    for kind in KINDS {
        assert!(report.sites.contains_key(*kind), "the story has no {kind}");
    }
}
