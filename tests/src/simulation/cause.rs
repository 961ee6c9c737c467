//! Names what a client was given, shortly: what a persist effect was for.

use std::fmt::{self, Debug, Write};

use siegel_client_core::Input;
use siegel_proto::frame::{self, Reply};

/// The kind of an input, of a command, of a frame.
pub(super) fn of(input: &Input) -> String {
    match input {
        Input::Command(command) => format!("command {}", variant(command)),
        Input::Received(frame) => match frame::parse_reply(frame.clone()) {
            Ok((_, Reply::Deliver(deliver))) => format!("deliver {:?}", deliver.kind),
            Ok((_, reply)) => format!("reply {}", variant(&reply)),
            Err(_) => "frame".to_owned(),
        },
        Input::HttpAnswer { request, .. } => format!("answer {}", variant(&request.purpose)),
        other => variant(other),
    }
}

/// The name at the head of what `Debug` writes; the rest, which may be long, is not made.
fn variant(value: &impl Debug) -> String {
    struct Head(String);
    impl Write for Head {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for character in text.chars() {
                if !character.is_alphanumeric() {
                    return Err(fmt::Error);
                }
                self.0.push(character);
            }
            Ok(())
        }
    }
    let mut head = Head(String::new());
    // The error is the sign that the name has ended.
    match write!(head, "{value:?}") {
        Ok(()) | Err(fmt::Error) => head.0,
    }
}
