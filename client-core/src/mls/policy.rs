//! Who may change what: one function over every staged commit, the same on every device.
//!
//! | committer | may |
//! | --- | --- |
//! | manager (staff named in the room's info) | add and remove anybody, change the info |
//! | other staff | add and remove own devices, remove revoked leaves |
//! | staff, when no manager is left that is not revoked | all a manager may |
//! | guest | replace its own leaf |
//!
//! The relay cannot judge commits and a commit's author may be hostile, so nothing here
//! trusts either: every added or changed leaf must chain to the organisation's root.

use std::collections::BTreeSet;

use siegel_proto::group::RoomInfo;
use siegel_proto::ids::{DeviceId, PersonId};

use super::leaf::{self, Leaf, LeafError};

/// What a staged commit does, read out of the library's types.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The committer's leaf before the commit.
    pub committer: u32,
    /// Leaves it adds; their index means nothing yet.
    pub added: Vec<Leaf>,
    /// Indices it removes.
    pub removed: Vec<u32>,
    /// The info the room has afterwards.
    pub info: RoomInfo,
    /// Whether the info was changed by proposal.
    pub info_changed: bool,
    /// The committer's leaf afterwards, if it is replaced.
    pub own_leaf: Option<Leaf>,
    /// Whether anything else is proposed: PSKs, re-initialisation, external joins,
    /// updates and removals proposed by others.
    pub foreign: bool,
}

/// Who is no longer trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RevokedSet {
    /// Accounts.
    pub persons: BTreeSet<PersonId>,
    /// Devices.
    pub devices: BTreeSet<DeviceId>,
}

impl RevokedSet {
    /// Whether a leaf is revoked, through its person or by itself.
    pub fn contains(&self, leaf: &Leaf) -> bool {
        self.persons.contains(&leaf.person()) || self.devices.contains(&leaf.device)
    }
}

/// Why a commit is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A proposal of a kind that is not used.
    #[error("the commit holds a proposal that is not allowed")]
    Proposal,
    /// The committer may not do this.
    #[error("the committer may not do this")]
    NotAllowed,
    /// An added or changed leaf does not chain to the organisation.
    #[error("a leaf does not prove who it is")]
    Leaf(#[from] LeafError),
    /// An added device is already there.
    #[error("an added device is already there")]
    Device,
    /// The committer's new leaf is somebody else.
    #[error("the committer's new leaf is somebody else")]
    Impersonation,
    /// Nobody would be left who may manage the room.
    #[error("the room would have no manager")]
    NoManager,
    /// Too many devices.
    #[error("the room would be too large")]
    TooLarge,
    /// The room's info does not parse.
    #[error("the room's info cannot be read")]
    Info,
}

/// Decides whether a commit may be merged.
///
/// # Errors
/// The first [`Violation`] found; the commit must then be refused.
pub fn check(
    before: &[Leaf],
    info: &RoomInfo,
    revoked: &RevokedSet,
    change: &Change,
) -> Result<(), Violation> {
    if change.foreign {
        return Err(Violation::Proposal);
    }
    let committer = before
        .iter()
        .find(|leaf| leaf.index == change.committer)
        .ok_or(Violation::NotAllowed)?;
    let manages = may_manage(before, info, revoked, committer);
    check_removed(before, revoked, change, committer, manages)?;
    check_added(before, change, committer, manages)?;
    if change.info_changed && !manages {
        return Err(Violation::NotAllowed);
    }
    if let Some(own) = &change.own_leaf {
        check_own_leaf(committer, own)?;
    }

    let after: Vec<&Leaf> = before
        .iter()
        .filter(|leaf| !change.removed.contains(&leaf.index))
        .chain(&change.added)
        .collect();
    if !leaf::fits(after.len()) {
        return Err(Violation::TooLarge);
    }
    let manager_left = after
        .iter()
        .any(|leaf| leaf.is_staff() && change.info.is_manager(leaf.person()));
    if manager_left {
        Ok(())
    } else {
        Err(Violation::NoManager)
    }
}

/// Decides whether a reset may be merged: like a commit, made by whoever manages the room,
/// and it changes nobody and nothing. What a relay claims cannot lead to more than that.
///
/// # Errors
/// The first [`Violation`] found.
pub fn check_reset(
    before: &[Leaf],
    info: &RoomInfo,
    revoked: &RevokedSet,
    change: &Change,
) -> Result<(), Violation> {
    check(before, info, revoked, change)?;
    let committer = before
        .iter()
        .find(|leaf| leaf.index == change.committer)
        .ok_or(Violation::NotAllowed)?;
    let changes_nothing =
        change.added.is_empty() && change.removed.is_empty() && !change.info_changed;
    if changes_nothing && may_manage(before, info, revoked, committer) {
        Ok(())
    } else {
        Err(Violation::NotAllowed)
    }
}

/// Whether a member may manage the room now: a manager that is not revoked, or any staff
/// if no such manager is left.
pub fn may_manage(members: &[Leaf], info: &RoomInfo, revoked: &RevokedSet, member: &Leaf) -> bool {
    let trusted = |leaf: &Leaf| leaf.is_staff() && !revoked.contains(leaf);
    if !trusted(member) {
        return false;
    }
    let manager_left = members
        .iter()
        .any(|leaf| trusted(leaf) && info.is_manager(leaf.person()));
    info.is_manager(member.person()) || !manager_left
}

fn check_removed(
    before: &[Leaf],
    revoked: &RevokedSet,
    change: &Change,
    committer: &Leaf,
    manages: bool,
) -> Result<(), Violation> {
    for index in &change.removed {
        let leaf = before
            .iter()
            .find(|leaf| leaf.index == *index)
            .ok_or(Violation::NotAllowed)?;
        let allowed = manages
            || (committer.is_staff()
                && (leaf.person() == committer.person() || revoked.contains(leaf)));
        if !allowed {
            return Err(Violation::NotAllowed);
        }
    }
    Ok(())
}

/// A device that is revoked may be among the added: its revocation may have come a moment
/// later, and refusing would part those who knew from those who did not. It is removed
/// before anything is said.
fn check_added(
    before: &[Leaf],
    change: &Change,
    committer: &Leaf,
    manages: bool,
) -> Result<(), Violation> {
    let mut devices: BTreeSet<DeviceId> = before
        .iter()
        .filter(|leaf| !change.removed.contains(&leaf.index))
        .map(|leaf| leaf.device)
        .collect();
    for leaf in &change.added {
        let own_device = committer.is_staff() && leaf.person() == committer.person();
        if !manages && !own_device {
            return Err(Violation::NotAllowed);
        }
        if !devices.insert(leaf.device) {
            return Err(Violation::Device);
        }
    }
    Ok(())
}

/// A committer stays who it is. Only a guest that still uses what its inviter made for it
/// may change its identity key and device, to ones certified by that.
fn check_own_leaf(before: &Leaf, after: &Leaf) -> Result<(), Violation> {
    let same_person = before.person() == after.person()
        && before.identity.role == after.identity.role
        && before.identity.enrolment_key == after.identity.enrolment_key
        && before.identity.inviter == after.identity.inviter;
    let same_keys = before.identity.identity_key == after.identity.identity_key
        && before.device == after.device
        && before.identity.provisional == after.identity.provisional;
    let settles = before.identity.provisional && !after.identity.provisional;
    if same_person && (same_keys || settles) {
        Ok(())
    } else {
        Err(Violation::Impersonation)
    }
}

#[cfg(test)]
mod tests {
    use siegel_proto::certificate::{PersonRole, VerifiedChain};
    use siegel_proto::group::LeafInfo;
    use siegel_proto::ids::{PublicKey, RoomId};
    use siegel_proto::seat::{SeatClass, SeatToken};

    use super::*;

    fn leaf(index: u32, person: u8, role: PersonRole) -> Leaf {
        let device = DeviceId::new([u8::try_from(index).expect("small"); 16]);
        Leaf {
            index,
            identity: VerifiedChain {
                person: PersonId::new([person; 16]),
                role,
                identity_key: PublicKey::new([person; 32]),
                enrolment_key: PublicKey::new([person; 32]),
                not_after: 0,
                device: None,
                inviter: None,
                provisional: false,
            },
            device,
            info: LeafInfo {
                seat_key: SeatToken::new([person; 32]).key(SeatClass::Staff),
                inbox: Some(RoomId::new([person; 16])),
            },
        }
    }

    const MANAGER: u8 = 1;
    const COLLEAGUE: u8 = 2;
    const CLIENT: u8 = 3;

    fn room() -> (Vec<Leaf>, RoomInfo) {
        let members = vec![
            leaf(0, MANAGER, PersonRole::Staff),
            leaf(1, COLLEAGUE, PersonRole::Staff),
            leaf(2, CLIENT, PersonRole::Guest),
        ];
        let info = RoomInfo {
            title: "Fall".into(),
            managers: vec![PersonId::new([MANAGER; 16])],
            retention_days: 90,
            people: Vec::new(),
        };
        (members, info)
    }

    fn decide(committer: u32, make: impl FnOnce(&mut Change)) -> Result<(), Violation> {
        let (members, info) = room();
        let mut change = Change {
            committer,
            info: info.clone(),
            ..Change::default()
        };
        make(&mut change);
        check(&members, &info, &RevokedSet::default(), &change)
    }

    #[test]
    fn attack_02_only_a_manager_changes_members_and_info() {
        let stranger = || leaf(9, 9, PersonRole::Staff);
        for (committer, expected) in [
            (0, Ok(())),
            (1, Err(Violation::NotAllowed)),
            (2, Err(Violation::NotAllowed)),
        ] {
            assert_eq!(decide(committer, |c| c.added = vec![stranger()]), expected);
            let title = decide(committer, |c| {
                c.info.title = "Anders".into();
                c.info_changed = true;
            });
            assert_eq!(title, expected);
        }
        assert_eq!(decide(0, |c| c.removed = vec![2]), Ok(()));
        assert_eq!(
            decide(1, |c| c.removed = vec![2]),
            Err(Violation::NotAllowed)
        );
        assert_eq!(
            decide(2, |c| c.removed = vec![1]),
            Err(Violation::NotAllowed)
        );
        assert_eq!(decide(7, |_| ()), Err(Violation::NotAllowed));
    }

    #[test]
    fn attack_12_only_a_manager_resets_and_nobody_comes_or_goes_by_it() {
        let (members, info) = room();
        let reset = |committer, make: &dyn Fn(&mut Change)| {
            let mut change = Change {
                committer,
                info: info.clone(),
                ..Change::default()
            };
            make(&mut change);
            check_reset(&members, &info, &RevokedSet::default(), &change)
        };
        assert_eq!(reset(0, &|_| ()), Ok(()));
        let refused = Err(Violation::NotAllowed);
        assert_eq!(reset(1, &|_| ()), refused);
        assert_eq!(reset(2, &|_| ()), refused);
        let added = reset(0, &|c| c.added = vec![leaf(9, 9, PersonRole::Staff)]);
        assert_eq!(added, refused);
        assert_eq!(reset(0, &|c| c.removed = vec![2]), refused);
        assert_eq!(reset(0, &|c| c.info_changed = true), refused);
    }

    #[test]
    fn attack_03_a_room_never_ends_without_a_manager() {
        assert_eq!(
            decide(0, |c| c.removed = vec![0]),
            Err(Violation::NoManager)
        );
        let demoted = decide(0, |c| {
            c.info.managers = vec![PersonId::new([CLIENT; 16])];
            c.info_changed = true;
        });
        assert_eq!(demoted, Err(Violation::NoManager));
        let handed_over = decide(0, |c| {
            c.info.managers = vec![PersonId::new([COLLEAGUE; 16])];
            c.info_changed = true;
            c.removed = vec![0];
        });
        assert_eq!(handed_over, Ok(()));
    }

    #[test]
    fn attack_14_proposals_of_other_kinds_are_refused() {
        assert_eq!(decide(0, |c| c.foreign = true), Err(Violation::Proposal));
    }

    #[test]
    fn attack_15_staff_removes_the_revoked_and_takes_over_if_no_manager_is_left() {
        let (members, info) = room();
        let revoked = RevokedSet {
            persons: [PersonId::new([MANAGER; 16])].into(),
            ..RevokedSet::default()
        };
        let change = Change {
            committer: 1,
            removed: vec![0],
            info: RoomInfo {
                managers: vec![PersonId::new([COLLEAGUE; 16])],
                ..info.clone()
            },
            info_changed: true,
            ..Change::default()
        };
        assert_eq!(check(&members, &info, &revoked, &change), Ok(()));
        let by_guest = Change {
            committer: 2,
            ..change.clone()
        };
        assert_eq!(
            check(&members, &info, &revoked, &by_guest),
            Err(Violation::NotAllowed)
        );
        let by_the_revoked = Change {
            committer: 0,
            added: vec![leaf(9, 9, PersonRole::Staff)],
            removed: Vec::new(),
            ..change
        };
        assert_eq!(
            check(&members, &info, &revoked, &by_the_revoked),
            Err(Violation::NotAllowed)
        );
    }

    #[test]
    fn attack_07_a_device_id_is_not_taken_twice() {
        let twin = leaf(1, 9, PersonRole::Staff);
        assert_eq!(decide(0, |c| c.added = vec![twin]), Err(Violation::Device));
    }

    #[test]
    fn attack_04_nobody_becomes_somebody_else() {
        let other = leaf(0, COLLEAGUE, PersonRole::Staff);
        let own = |leaf: Leaf| decide(0, |c| c.own_leaf = Some(leaf));
        assert_eq!(own(other), Err(Violation::Impersonation));
        assert_eq!(own(leaf(0, MANAGER, PersonRole::Staff)), Ok(()));
        let mut provisional = leaf(0, MANAGER, PersonRole::Staff);
        provisional.identity.provisional = true;
        assert_eq!(own(provisional), Err(Violation::Impersonation));
    }

    #[test]
    fn a_guest_settles_once() {
        let mut before = leaf(2, CLIENT, PersonRole::Guest);
        before.identity.provisional = true;
        let mut after = leaf(2, CLIENT, PersonRole::Guest);
        after.identity.identity_key = PublicKey::new([77; 32]);
        after.device = DeviceId::new([78; 16]);
        assert_eq!(check_own_leaf(&before, &after), Ok(()));
        assert_eq!(
            check_own_leaf(&after, &before),
            Err(Violation::Impersonation)
        );
    }
}
