//! The command line: every command and option, and nothing of what they do.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use siegel_proto::limits::{CAPSULE_HOURS, EXPIRY_DAYS, PASSPHRASE_CHARACTERS, WIPE_TRIES};

use crate::profile::ProfileName;
use crate::show::language::Language;

/// Siegel: messages under the seal of secrecy, from the command line
#[derive(Debug, Parser)]
#[command(name = "siegel", version, about, propagate_version = true, after_long_help = after_help())]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options for every command")]
pub struct Global {
    /// Profile to use; each has a vault of its own
    #[arg(
        long,
        global = true,
        env = "SIEGEL_PROFILE",
        default_value = "default",
        value_name = "NAME"
    )]
    pub profile: ProfileName,
    /// Print JSON, one document per line
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of the texts; the system's by default
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub lang: Option<Language>,
    /// Read the passphrase from the first line of this open file descriptor
    #[arg(long, global = true, value_name = "NUMBER")]
    pub passphrase_fd: Option<u32>,
    /// Trust the certificate authorities in this PEM file as well
    #[arg(long, global = true, env = "SIEGEL_CA_FILE", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ca_file: Option<PathBuf>,
    /// Wait at most so long for the relay
    #[arg(long, global = true, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the organisation, with the link the relay printed at its first start
    Setup(Setup),
    /// Join with an invitation link, as staff or as a client
    Join(Join),
    /// List the rooms
    Rooms,
    /// Work on one room
    #[command(subcommand)]
    Room(RoomCommand),
    /// Invite somebody: prints a link and its QR code
    #[command(subcommand)]
    Invite(Invite),
    /// Send a text
    Send(Send),
    /// Replace the text of a message of your own
    Edit(Edit),
    /// Delete a message of your own on all devices
    Delete(Delete),
    /// React to a message
    React(React),
    /// Send a file
    Attach(Attach),
    /// Print a room's messages
    Read(Read),
    /// Print messages as they arrive, until interrupted
    Follow(Follow),
    /// Save a received file
    Save(Save),
    /// Find messages in all rooms, newest first
    Search(Search),
    /// List everybody this device knows
    People,
    /// List who is in a room
    Members(InRoom),
    /// Add colleagues to a room
    Add(People),
    /// Remove people from a room
    Remove(People),
    /// Call a person by a name only you see
    Label(Label),
    /// Print everything this device has of you and your rooms, as readable JSON
    MyData,
    /// Let a colleague add and remove people as well
    Promote(Person),
    /// Ask to be let go from a room
    Leave(InRoom),
    /// List the devices of the people in a room, or one's own
    Devices(Devices),
    /// Print the words two people compare to verify each other
    SafetyWords(Person),
    /// Record that the safety words were compared and agree
    Verify(Person),
    /// Show what this device is, its connection and what waits
    Status,
    /// Revoke a leaver's account for ever; administrators only
    Revoke(Revoke),
    /// Revoke one lost device for ever; administrators only
    RevokeDevice(RevokeDevice),
    /// Show what the organisation enforces, or change it; changing is for administrators
    Policy(Policy),
    /// Agree to a room's notice, or take the agreement back
    #[command(subcommand)]
    Consent(Consent),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages into a directory
    Man {
        /// The directory
        #[arg(value_hint = ValueHint::DirPath)]
        directory: PathBuf,
    },
}

/// `siegel setup`
#[derive(Args, Debug)]
pub struct Setup {
    /// The set-up link
    pub link: String,
    /// What colleagues will read as your name
    #[arg(long)]
    pub name: String,
    /// What you do, for colleagues
    #[arg(long, default_value = "")]
    pub position: String,
}

/// `siegel join`
#[derive(Args, Debug)]
pub struct Join {
    /// The invitation link
    pub link: String,
    /// What colleagues will read as your name; clients give none
    #[arg(long)]
    pub name: Option<String>,
    /// What you do, for colleagues
    #[arg(long, default_value = "")]
    pub position: String,
}

/// `siegel room …`
#[derive(Debug, Subcommand)]
pub enum RoomCommand {
    /// Make a room
    New {
        /// Its title
        title: String,
        /// Colleagues to add at once
        #[arg(long, value_name = "NAME", num_args = 1..)]
        with: Vec<String>,
    },
    /// Give a room another title
    Rename {
        /// Title or beginning of the id of the room
        room: String,
        /// The new title
        title: String,
    },
    /// Set how long a room's messages live
    Retention {
        /// Title or beginning of the id of the room
        room: String,
        /// Days
        #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(EXPIRY_DAYS)))]
        days: u32,
    },
    /// Take back the last change of members if a device could not process it
    Repair(InRoom),
}

/// `siegel invite …`
#[derive(Debug, Subcommand)]
pub enum Invite {
    /// Invite a colleague; administrators only
    Staff {
        /// A note for your own list of invitations, for example the colleague's name
        #[arg(default_value = "")]
        label: String,
        /// The colleague shall administer the organisation too
        #[arg(long)]
        admin: bool,
    },
    /// Invite a client into a room
    Guest(InviteGuest),
    /// List the invitations of this device
    List,
    /// Take an invitation back; its link is worth nothing then
    Withdraw {
        /// Its label or the beginning of its id
        invitation: String,
    },
}

/// `siegel invite guest`
#[derive(Args, Debug)]
pub struct InviteGuest {
    /// What you call the client; stays on this device
    pub label: String,
    /// Into this room, by its title or the beginning of its id; a new one by default
    #[arg(long, conflicts_with_all = ["title", "with"])]
    pub room: Option<String>,
    /// Title of the new room
    #[arg(long, default_value = "")]
    pub title: String,
    /// Colleagues to add to the new room at once
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub with: Vec<String>,
    /// First message the client reads
    #[arg(long, value_name = "TEXT")]
    pub greeting: String,
    /// File with the privacy notice the client is asked to agree to
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub notice: PathBuf,
    /// Version of the notice
    #[arg(long, default_value = "1", value_name = "VERSION")]
    pub notice_version: String,
    /// Language of the notice (BCP 47)
    #[arg(long, default_value = "de", value_name = "TAG")]
    pub notice_language: String,
}

/// `siegel send`
#[derive(Args, Debug)]
pub struct Send {
    /// Title or beginning of the id of the room
    pub room: String,
    /// The text; standard input if there is none
    pub text: Vec<String>,
    /// The message this answers
    #[arg(long, value_name = "MESSAGE")]
    pub reply_to: Option<String>,
}

/// `siegel edit`
#[derive(Args, Debug)]
pub struct Edit {
    /// Title or beginning of the id of the room
    pub room: String,
    /// The message: its number or the beginning of its id
    pub message: String,
    /// Its new text
    #[arg(required = true)]
    pub text: Vec<String>,
}

/// `siegel delete`
#[derive(Args, Debug)]
pub struct Delete {
    /// Title or beginning of the id of the room
    pub room: String,
    /// The message: its number or the beginning of its id
    pub message: String,
}

/// `siegel react`
#[derive(Args, Debug)]
pub struct React {
    /// Title or beginning of the id of the room
    pub room: String,
    /// The message: its number or the beginning of its id
    pub message: String,
    /// One emoji; without it, the reaction is taken back
    pub emoji: Option<String>,
}

/// `siegel label`
#[derive(Args, Debug)]
pub struct Label {
    /// Name or beginning of the id of the person
    pub person: String,
    /// The name; without it, the label is taken away
    pub label: Option<String>,
}

/// `siegel search`
#[derive(Args, Debug)]
pub struct Search {
    /// Beginnings of words that all occur; umlauts and accents do not matter
    #[arg(required = true)]
    pub words: Vec<String>,
    /// Find at most so many
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    pub most: usize,
}

/// `siegel policy`
#[derive(Args, Debug)]
pub struct Policy {
    /// Longest life of messages
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(EXPIRY_DAYS)))]
    pub retention_days: Option<u32>,
    /// Lock devices that are not used; 0 for never
    #[arg(long, value_name = "MINUTES")]
    pub lock_minutes: Option<u32>,
    /// How long an invitation can be used
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=i64::from(CAPSULE_HOURS)))]
    pub invitation_hours: Option<u32>,
    /// Least length of a passphrase or PIN; 0 leaves it to the app
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(0..=i64::from(PASSPHRASE_CHARACTERS)))]
    pub passphrase_characters: Option<u32>,
    /// Wrong tries after which a device forgets everything, 5 to 100; 0 for never
    #[arg(long, value_name = "COUNT", value_parser = tries)]
    pub wipe_after_tries: Option<u32>,
    /// Whether no device may be unlocked by passkey
    #[arg(long, value_name = "true|false")]
    pub forbid_passkeys: Option<bool>,
    /// What the app calls itself instead of its name; empty for its name
    #[arg(long, value_name = "TITLE")]
    pub neutral_title: Option<String>,
}

/// `siegel attach`
#[derive(Args, Debug)]
pub struct Attach {
    /// Title or beginning of the id of the room
    pub room: String,
    /// The file
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Send a picture as it is, with the place and time of the shot and the camera
    #[arg(long)]
    pub keep_metadata: bool,
    /// Text to go with it
    #[arg(long, default_value = "")]
    pub caption: String,
}

/// `siegel read`
#[derive(Args, Debug)]
pub struct Read {
    /// Title or beginning of the id of the room
    pub room: String,
    /// Only so many of the newest messages
    #[arg(long, value_name = "COUNT")]
    pub last: Option<usize>,
    /// Do not ask the relay for new ones first
    #[arg(long)]
    pub offline: bool,
}

/// `siegel follow`
#[derive(Args, Debug)]
pub struct Follow {
    /// Only this room
    pub room: Option<String>,
}

/// `siegel save`
#[derive(Args, Debug)]
pub struct Save {
    /// Title or beginning of the id of the room
    pub room: String,
    /// The message with the file: its number or the beginning of its id
    pub message: String,
    /// The new file, or a directory to put it in under a cleaned name
    #[arg(value_hint = ValueHint::AnyPath)]
    pub path: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

/// A command about one room.
#[derive(Args, Debug)]
pub struct InRoom {
    /// Title or beginning of the id of the room
    pub room: String,
}

/// A command about people in a room.
#[derive(Args, Debug)]
pub struct People {
    /// Title or beginning of the id of the room
    pub room: String,
    /// Names or beginnings of ids
    #[arg(required = true)]
    pub people: Vec<String>,
}

/// A command about one person in a room.
#[derive(Args, Debug)]
pub struct Person {
    /// Title or beginning of the id of the room
    pub room: String,
    /// Name or beginning of the id
    pub person: String,
}

/// `siegel devices`
#[derive(Args, Debug)]
pub struct Devices {
    /// Only those in this room
    pub room: Option<String>,
}

/// `siegel revoke`
#[derive(Args, Debug)]
pub struct Revoke {
    /// Name or beginning of the id of the person
    pub person: String,
    /// Needed, because nothing takes it back
    #[arg(long, required = true)]
    pub for_ever: bool,
}

/// `siegel revoke-device`
#[derive(Args, Debug)]
pub struct RevokeDevice {
    /// Beginning of the id of the device, as `siegel devices` lists it
    pub device: String,
    /// Needed, because nothing takes it back
    #[arg(long, required = true)]
    pub for_ever: bool,
}

/// `siegel consent …`
#[derive(Debug, Subcommand)]
pub enum Consent {
    /// Agree to the notice as it was shown
    Give(InRoom),
    /// Take the agreement back
    Withdraw(InRoom),
    /// Show who agreed to what, and when
    Show(InRoom),
}

fn tries(text: &str) -> Result<u32, String> {
    match text.parse::<u32>() {
        Ok(tries) if tries == 0 || WIPE_TRIES.contains(&tries) => Ok(tries),
        _ => Err(format!(
            "0, or {} to {}",
            WIPE_TRIES.start(),
            WIPE_TRIES.end()
        )),
    }
}

fn after_help() -> String {
    use std::fmt::Write as _;
    let mut text = String::from("Exit codes:\n");
    for (exit, meaning) in crate::exit::TABLE {
        // Writing to a String does not fail.
        writeln!(text, "  {:>2}  {meaning}", *exit as u8).ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_tree_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_option_takes_a_passphrase() {
        let parsed = Arguments::try_parse_from(["siegel", "--passphrase", "x", "rooms"]);
        assert!(parsed.is_err());
    }

    #[test]
    fn revoking_needs_the_word() {
        assert!(Arguments::try_parse_from(["siegel", "revoke", "Bo"]).is_err());
        assert!(Arguments::try_parse_from(["siegel", "revoke", "Bo", "--for-ever"]).is_ok());
    }
}
