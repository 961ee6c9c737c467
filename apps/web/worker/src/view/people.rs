//! People, members, invitations, the profile.

use siegel_client_core::Client;
use siegel_client_core::client::{InvitationView, MemberView};
use siegel_client_core::contact::Contact;
use siegel_client_core::moment::Timestamp;
use siegel_proto::certificate::PersonRole;
use siegel_proto::ids::RoomId;
use siegel_proto::organisation::Policy as CorePolicy;
use siegel_web_bridge::Trouble;
use siegel_web_bridge::view::{
    Device, Invitation, InvitationState, Member, Person, Policy, Profile, Role,
};

use super::{device_id, hours, invitation_id, of_core, person_id, room_id};

/// Who this device is.
pub fn profile(client: &Client) -> Result<Profile, Trouble> {
    let profile = of_core(client.profile())?;
    Ok(Profile {
        person: person_id(profile.person),
        device: device_id(profile.device),
        role: role(profile.role),
        name: profile.name,
        origin: profile.origin,
        organisation: profile.organisation.to_string(),
        admin: profile.holds_root,
        ready: profile.ready,
        policy: policy(&profile.policy),
        hours: of_core(client.own_availability())?
            .map(hours::view)
            .unwrap_or_default(),
    })
}

/// Everybody this device knows.
pub fn people(client: &Client) -> Result<Vec<Person>, Trouble> {
    let own = of_core(client.profile())?.person;
    let mut people: Vec<Person> = of_core(client.contacts())?
        .iter()
        .filter(|contact| contact.person != own)
        .map(contact)
        .collect();
    people.sort_by_key(|person| person.name.to_lowercase());
    Ok(people)
}

/// The members of a room.
pub fn members(client: &Client, room: RoomId) -> Result<Vec<Member>, Trouble> {
    let own_device = of_core(client.profile())?.device;
    let contacts = of_core(client.contacts())?;
    let members = of_core(client.members(room))?;
    Ok(members
        .into_iter()
        .map(|member| {
            let known = contacts.iter().find(|known| known.person == member.person);
            Member {
                manager: member.manager,
                own: member.own,
                devices: member
                    .devices
                    .iter()
                    .map(|device| Device {
                        device: device_id(*device),
                        own: *device == own_device,
                    })
                    .collect(),
                person: person_of(member, known),
            }
        })
        .collect())
}

/// Invitations, the latest first.
pub fn invitations(client: &Client, now: Timestamp) -> Result<Vec<Invitation>, Trouble> {
    let mut invitations: Vec<Invitation> = of_core(client.invitations())?
        .into_iter()
        .map(|view| invitation(view, now))
        .collect();
    invitations.sort_by_key(|invitation| std::cmp::Reverse(invitation.expires_at));
    Ok(invitations)
}

/// One invitation.
pub fn invitation(view: InvitationView, now: Timestamp) -> Invitation {
    let state = if view.used {
        InvitationState::Used
    } else if view.gone {
        InvitationState::Withdrawn
    } else if view.expires_at <= now {
        InvitationState::Expired
    } else {
        match view.link {
            Some(link) => InvitationState::Ready { link },
            None => InvitationState::Preparing,
        }
    };
    Invitation {
        id: invitation_id(view.id),
        label: view.label,
        person: person_id(view.person),
        room: view.room.map(room_id),
        state,
        expires_at: view.expires_at.seconds(),
    }
}

/// The policy as the page shows it.
pub fn policy(policy: &CorePolicy) -> Policy {
    Policy {
        retention_days: policy.retention_days,
        lock_after_minutes: policy.lock_after_minutes,
        invitation_hours: policy.invitation_hours,
        passphrase_characters: policy.passphrase_characters,
        wipe_after_tries: policy.wipe_after_tries,
        forbid_passkeys: policy.forbid_passkeys,
        neutral_title: policy.neutral_title.clone(),
        emergency: policy
            .emergency
            .iter()
            .cloned()
            .map(hours::number)
            .collect(),
        hours: hours::spans(&policy.hours),
        time_zone: policy.time_zone.clone(),
    }
}

fn role(role: PersonRole) -> Role {
    match role {
        PersonRole::Admin => Role::Admin,
        PersonRole::Staff => Role::Staff,
        // Nobody is certified without a role; if somebody were, they would get no rights.
        PersonRole::Guest | PersonRole::Unspecified => Role::Client,
    }
}

fn contact(contact: &Contact) -> Person {
    Person {
        person: person_id(contact.person),
        name: contact.display_name().to_owned(),
        position: contact.position.clone(),
        role: role(contact.role),
        verified: contact.verified,
        changed: contact.changed.is_some(),
        provisional: contact.provisional,
        revoked: false,
    }
}

fn person_of(member: MemberView, known: Option<&Contact>) -> Person {
    Person {
        person: person_id(member.person),
        name: member.name,
        position: known
            .map(|known| known.position.clone())
            .unwrap_or_default(),
        role: role(member.role),
        verified: member.verified,
        changed: member.changed,
        provisional: member.provisional,
        revoked: member.revoked,
    }
}
