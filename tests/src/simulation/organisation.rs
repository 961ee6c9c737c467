//! What the relay double knows of the organisation: accounts, key packages, directory,
//! policy, revocations and capsules, with the refusals of the real relay.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use siegel_proto::account::{Authenticate, Challenge, Enrol};
use siegel_proto::capsule::{ClaimCapsule, ConfirmCapsule, CreateCapsule, WithdrawCapsule};
use siegel_proto::certificate::{self, PersonRole};
use siegel_proto::directory::{Directory, DirectoryEntry, PutDirectoryEntry};
use siegel_proto::ids::{CapsuleId, DeviceId, PersonId, PublicKey, TokenHash};
use siegel_proto::key_package::{ClaimedKeyPackage, KeyPackage, PublishKeyPackages};
use siegel_proto::organisation::{Policy, Revocation, Revoked, SetUp, SetUpToken, Signed};
use siegel_proto::{ErrorCode, Refusal, limits};

/// Everything that is not a log.
#[derive(Clone, Debug)]
pub struct Organisation {
    set_up_token: TokenHash,
    /// Signs staff, policy and revocations; `None` before set-up.
    pub root: Option<PublicKey>,
    policy: Option<Signed<Policy>>,
    /// In the order of their numbers.
    pub revocations: Vec<Signed<Revocation>>,
    identities: BTreeMap<PersonId, PublicKey>,
    devices: BTreeMap<DeviceId, (PersonId, PublicKey)>,
    revoked_people: BTreeSet<PersonId>,
    revoked_devices: BTreeSet<DeviceId>,
    /// The latest entries in the order in which they were written, each with its change.
    directory: Vec<(u64, DirectoryEntry)>,
    changes: u64,
    pub(crate) pools: BTreeMap<DeviceId, Vec<KeyPackage>>,
    pub(crate) last_resorts: BTreeMap<DeviceId, KeyPackage>,
    capsules: BTreeMap<CapsuleId, Capsule>,
}

#[derive(Clone, Debug)]
struct Capsule {
    claim: TokenHash,
    sealed: Bytes,
    expires_at: i64,
    claimant: Option<(TokenHash, i64)>,
}

/// A device with a staff session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Session {
    /// The account.
    pub person: PersonId,
    /// The device.
    pub device: DeviceId,
}

const fn refuse<T>(code: ErrorCode) -> Result<T, Refusal> {
    Err(Refusal::new(code))
}

impl Organisation {
    /// One that waits to be set up with a token.
    pub fn new(token: &SetUpToken) -> Self {
        Self {
            set_up_token: TokenHash::of(token.as_bytes()),
            root: None,
            policy: None,
            revocations: Vec::new(),
            identities: BTreeMap::new(),
            devices: BTreeMap::new(),
            revoked_people: BTreeSet::new(),
            revoked_devices: BTreeSet::new(),
            directory: Vec::new(),
            changes: 0,
            pools: BTreeMap::new(),
            last_resorts: BTreeMap::new(),
            capsules: BTreeMap::new(),
        }
    }

    /// As it is in a backup.
    pub(super) fn without_single_use(&self) -> Self {
        Self {
            pools: BTreeMap::new(),
            last_resorts: BTreeMap::new(),
            capsules: BTreeMap::new(),
            ..self.clone()
        }
    }

    pub(super) fn set_up(&mut self, set_up: SetUp) -> Result<(), Refusal> {
        if set_up.policy.verify(&set_up.root).is_err() {
            return refuse(ErrorCode::BadSignature);
        }
        if self.root.is_some() {
            return refuse(ErrorCode::AlreadySetUp);
        }
        if TokenHash::of(set_up.token.as_bytes()) != self.set_up_token {
            return refuse(ErrorCode::Denied);
        }
        self.root = Some(set_up.root);
        self.policy = Some(set_up.policy);
        Ok(())
    }

    pub(super) fn policy(&self) -> Result<Signed<Policy>, Refusal> {
        self.policy.clone().ok_or(Refusal::new(ErrorCode::NotSetUp))
    }

    pub(super) fn put_policy(&mut self, policy: Signed<Policy>) -> Result<(), Refusal> {
        let Some(root) = self.root else {
            return refuse(ErrorCode::NotSetUp);
        };
        let standing = self.policy()?.verify(&root).map_or(0, |p| p.version);
        match policy.verify(&root) {
            Err(_) => refuse(ErrorCode::BadSignature),
            Ok(new) if new.version != standing + 1 => {
                Err(Refusal::with_current(ErrorCode::VersionConflict, standing))
            }
            Ok(_) => {
                self.policy = Some(policy);
                Ok(())
            }
        }
    }

    pub(super) fn revoke(&mut self, signed: Signed<Revocation>) -> Result<Revoked, Refusal> {
        let Some(root) = self.root else {
            return refuse(ErrorCode::NotSetUp);
        };
        let Ok(revocation) = signed.verify(&root).copied() else {
            return refuse(ErrorCode::BadSignature);
        };
        let latest = self.revocations.len() as u64;
        if revocation.number != latest + 1 {
            let conflict = Refusal::with_current(ErrorCode::VersionConflict, latest);
            return Err(conflict);
        }
        self.revocations.push(signed);
        match revocation.revoked {
            Revoked::Person(person) => {
                self.revoked_people.insert(person);
                let of_person =
                    |device: &DeviceId| self.devices.get(device).is_some_and(|(p, _)| *p == person);
                self.pools.retain(|device, _| !of_person(device));
                self.last_resorts.retain(|device, _| !of_person(device));
            }
            Revoked::Device(device) => {
                self.revoked_devices.insert(device);
                self.pools.remove(&device);
                self.last_resorts.remove(&device);
            }
        }
        Ok(revocation.revoked)
    }

    /// Whether a device of this person is enrolled.
    pub fn knows(&self, person: PersonId) -> bool {
        self.devices.values().any(|(owner, _)| *owner == person)
    }

    /// Whether the organisation no longer trusts a person, or any device of theirs.
    pub fn is_revoked(&self, person: PersonId) -> bool {
        let of_person = |device: &DeviceId| {
            let owner = self.devices.get(device);
            owner.is_some_and(|(owner, _)| *owner == person)
        };
        self.revoked_people.contains(&person) || self.revoked_devices.iter().any(of_person)
    }

    pub(super) fn enrol(
        &mut self,
        enrol: &Enrol,
        challenge: Challenge,
        now: i64,
    ) -> Result<Session, Refusal> {
        let bad = Refusal::new(ErrorCode::BadSignature);
        let root = self.root.ok_or(Refusal::new(ErrorCode::NotSetUp))?;
        let chain = certificate::verify_chain(&root, &enrol.chain).map_err(|_| bad)?;
        let device = chain.device.as_ref().ok_or(bad)?;
        let auth = device.auth_key.ok_or(bad)?;
        if chain.role == PersonRole::Guest {
            return Err(bad);
        }
        (challenge.check(&auth, device.device, &enrol.answer)).map_err(|_| bad)?;
        if self.revoked_people.contains(&chain.person)
            || self.revoked_devices.contains(&device.device)
        {
            return refuse(ErrorCode::Revoked);
        }
        match self.identities.get(&chain.person) {
            Some(key) if *key != chain.identity_key => return refuse(ErrorCode::AlreadyExists),
            None if chain.not_after != 0 && now > chain.not_after => {
                return refuse(ErrorCode::Denied);
            }
            _ => {}
        }
        let known = self.devices.get(&device.device);
        if known.is_some_and(|known| *known != (chain.person, auth)) {
            return refuse(ErrorCode::AlreadyExists);
        }
        let had_one_revoked = (self.devices.iter()).any(|(device, (person, _))| {
            *person == chain.person && self.revoked_devices.contains(device)
        });
        if known.is_none() && had_one_revoked {
            return refuse(ErrorCode::Revoked);
        }
        self.identities.insert(chain.person, chain.identity_key);
        self.devices.insert(device.device, (chain.person, auth));
        Ok(Session {
            person: chain.person,
            device: device.device,
        })
    }

    pub(super) fn authenticate(
        &self,
        authenticate: &Authenticate,
        challenge: Challenge,
    ) -> Result<Session, Refusal> {
        let device = authenticate.device;
        let Some((person, key)) = self.devices.get(&device) else {
            return refuse(ErrorCode::Denied);
        };
        if challenge.check(key, device, &authenticate.answer).is_err() {
            return refuse(ErrorCode::Denied);
        }
        if self.revoked_people.contains(person) || self.revoked_devices.contains(&device) {
            return refuse(ErrorCode::Revoked);
        }
        Ok(Session {
            person: *person,
            device,
        })
    }

    pub(super) fn key_packages(&self, device: DeviceId) -> u32 {
        let left = self.pools.get(&device).map_or(0, Vec::len);
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    pub(super) fn publish(
        &mut self,
        device: DeviceId,
        publish: PublishKeyPackages,
    ) -> Result<(), Refusal> {
        let pool = self.pools.entry(device).or_default();
        if publish.replace {
            pool.clear();
        }
        if pool.len() + publish.key_packages.len() > limits::KEY_PACKAGES_PER_DEVICE {
            return refuse(ErrorCode::QuotaExceeded);
        }
        pool.extend(publish.key_packages);
        if let Some(last_resort) = publish.last_resort {
            self.last_resorts.insert(device, last_resort);
        }
        Ok(())
    }

    pub(super) fn claim(
        &mut self,
        person: PersonId,
        today: u32,
    ) -> Result<Vec<ClaimedKeyPackage>, Refusal> {
        let devices = (self.devices.iter()).filter(|(device, (owner, _))| {
            *owner == person && !self.revoked_devices.contains(*device)
        });
        let devices: Vec<DeviceId> = devices.map(|(device, _)| *device).collect();
        if devices.is_empty() || self.revoked_people.contains(&person) {
            return refuse(ErrorCode::Denied);
        }
        let mut claimed = Vec::new();
        for device in devices {
            let pool = self.pools.entry(device).or_default();
            pool.retain(|package| package.expires_day >= today);
            let package = pool.pop().map(|package| (package, false));
            let last = self.last_resorts.get(&device);
            let last = last.filter(|package| package.expires_day >= today);
            let package = package.or_else(|| last.map(|package| (package.clone(), true)));
            if let Some((package, last_resort)) = package {
                claimed.push(ClaimedKeyPackage {
                    device,
                    sealed: package.sealed,
                    last_resort,
                });
            }
        }
        if claimed.is_empty() {
            return refuse(ErrorCode::NoKeyPackage);
        }
        Ok(claimed)
    }

    pub(super) fn put_entry(
        &mut self,
        person: PersonId,
        entry: PutDirectoryEntry,
    ) -> Result<(), Refusal> {
        let before = self.directory.iter().find(|(_, e)| e.person == person);
        let standing = before.map_or(0, |(_, entry)| entry.version);
        if entry.version != standing + 1 {
            return Err(Refusal::with_current(ErrorCode::VersionConflict, standing));
        }
        self.directory.retain(|(_, entry)| entry.person != person);
        self.changes += 1;
        let entry = DirectoryEntry {
            person,
            version: entry.version,
            sealed: entry.sealed,
        };
        self.directory.push((self.changes, entry));
        Ok(())
    }

    /// The latest entry of everybody.
    pub fn entries(&self) -> Vec<DirectoryEntry> {
        let entries = self.directory.iter();
        entries.map(|(_, entry)| entry.clone()).collect()
    }

    /// Short pages, so that a handful of colleagues needs several.
    pub(super) fn directory_after(&self, after: u64) -> Directory {
        let mut later = self.directory.iter().filter(|(change, _)| *change > after);
        let page: Vec<_> = later.by_ref().take(2).collect();
        Directory {
            up_to: page.last().map_or(after, |(change, _)| *change),
            more: later.next().is_some(),
            entries: page.into_iter().map(|(_, entry)| entry.clone()).collect(),
        }
    }

    pub(super) fn create_capsule(
        &mut self,
        create: CreateCapsule,
        now: i64,
    ) -> Result<(), Refusal> {
        if self.capsules.contains_key(&create.capsule) {
            return refuse(ErrorCode::AlreadyExists);
        }
        let capsule = Capsule {
            claim: create.claim_hash,
            sealed: create.sealed,
            expires_at: now + i64::from(create.expires_in_hours) * 3_600,
            claimant: None,
        };
        self.capsules.insert(create.capsule, capsule);
        Ok(())
    }

    pub(super) fn withdraw(&mut self, withdraw: WithdrawCapsule) {
        self.capsules
            .retain(|id, capsule| *id != withdraw.capsule || capsule.claim != withdraw.claim_hash);
    }

    pub(super) fn claim_capsule(
        &mut self,
        id: CapsuleId,
        claim: &ClaimCapsule,
        now: i64,
    ) -> Option<Bytes> {
        let claimant = claim.claimant.hash();
        let capsule = self.capsules.get_mut(&id)?;
        if capsule.claim != claim.token.hash() || capsule.expires_at <= now {
            return None;
        }
        let until = now + i64::from(limits::CLAIM_MINUTES) * 60;
        let (owner, until) = *capsule.claimant.get_or_insert((claimant, until));
        (owner == claimant && until > now).then(|| capsule.sealed.clone())
    }

    pub(super) fn confirm_capsule(&mut self, id: CapsuleId, confirm: &ConfirmCapsule) {
        let claimant = confirm.claimant.hash();
        let confirmed = self
            .capsules
            .get(&id)
            .is_some_and(|capsule| capsule.claimant.is_some_and(|(by, _)| by == claimant));
        if confirmed {
            self.capsules.remove(&id);
        }
    }
}
