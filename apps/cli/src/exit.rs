//! What the number a command ends with means. Scripts rely on it: a number never changes.

use std::process::{ExitCode, Termination};

/// The exit codes of `siegel`, as its manual lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// A fault in the program itself.
    Internal = 1,
    /// The command line, a name in it or an input could not be understood.
    Usage = 2,
    /// Another process uses the profile.
    Locked = 3,
    /// The passphrase does not open the vault, or none was given.
    Passphrase = 4,
    /// The relay said no.
    Refused = 5,
    /// The relay could not be reached, or did not answer in time.
    Network = 6,
    /// No such room, person, message or invitation; or the profile has no vault yet.
    NotFound = 7,
    /// A person has to look first: a changed identity, a revoked member, a gap.
    Attention = 8,
    /// The vault or a file could not be read or written.
    Storage = 9,
    /// Something is already there and was left as it is.
    Exists = 10,
}

/// Every code with its line for the manual.
pub const TABLE: &[(Exit, &str)] = &[
    (Exit::Ok, "done"),
    (Exit::Internal, "a fault in the program itself"),
    (
        Exit::Usage,
        "the command line or an input could not be understood",
    ),
    (Exit::Locked, "another siegel process uses this profile"),
    (Exit::Passphrase, "wrong passphrase, or none given"),
    (Exit::Refused, "the relay refused"),
    (
        Exit::Network,
        "the relay could not be reached or did not answer in time",
    ),
    (
        Exit::NotFound,
        "no such room, person, message or invitation, or no vault yet",
    ),
    (
        Exit::Attention,
        "a person has to look first, for example at a changed identity",
    ),
    (
        Exit::Storage,
        "the vault or a file could not be read or written",
    ),
    (
        Exit::Exists,
        "something is already there and was left as it is",
    ),
];

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_every_number_once_and_in_order() {
        let numbers: Vec<u8> = TABLE.iter().map(|(exit, _)| *exit as u8).collect();
        assert_eq!(numbers, (0..=10).collect::<Vec<u8>>());
    }
}
