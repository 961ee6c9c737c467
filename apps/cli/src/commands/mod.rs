//! The commands: each opens the profile, asks the device, shows the answer.

mod consent;
mod context;
mod edit;
mod file;
mod invite;
mod member;
mod message;
mod organisation;
mod own;
mod policy;
mod room;
mod search;
mod shell;
mod status;
mod trust;

use crate::args::{Arguments, Command, Consent, RoomCommand};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::show::output::Output;

use context::Context;

/// Runs one command line to its end and says how it went.
pub async fn run(arguments: Arguments, output: Output) -> Exit {
    let context = Context::new(arguments.global, output);
    match carry_out(&context, arguments.command).await {
        Ok(()) => Exit::Ok,
        Err(failure) => {
            let (exit, code, sentence) = failure.verdict(output.texts());
            output.complain(code, &sentence, &causes(&failure));
            exit
        }
    }
}

async fn carry_out(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Setup(setup) => organisation::set_up(context, setup).await,
        Command::Join(join) => organisation::join(context, join).await,
        Command::Rooms => room::list(context).await,
        Command::Room(RoomCommand::New { title, with }) => room::new(context, title, with).await,
        Command::Room(RoomCommand::Rename { room, title }) => {
            room::rename(context, &room, title).await
        }
        Command::Room(RoomCommand::Retention { room, days }) => {
            room::retention(context, &room, days).await
        }
        Command::Room(RoomCommand::Repair(wish)) => room::repair(context, &wish.room).await,
        Command::Invite(invite) => invite::run(context, invite).await,
        Command::Send(send) => message::send(context, send).await,
        Command::Edit(wish) => edit::edit(context, wish).await,
        Command::Delete(wish) => edit::delete(context, wish).await,
        Command::React(wish) => edit::react(context, wish).await,
        Command::Leave(room) => edit::leave(context, room).await,
        Command::Search(wish) => search::run(context, &wish),
        Command::Attach(attach) => file::attach(context, attach).await,
        Command::Read(read) => message::read(context, read).await,
        Command::Follow(follow) => message::follow(context, follow).await,
        Command::Save(save) => file::save(context, save).await,
        Command::People => member::people(context).await,
        Command::Members(room) => member::list(context, room).await,
        Command::Add(people) => member::add(context, people).await,
        Command::Remove(people) => member::remove(context, people).await,
        Command::Label(wish) => own::label(context, wish),
        Command::MyData => own::data(context).await,
        Command::Promote(person) => member::promote(context, person).await,
        Command::Devices(devices) => trust::devices(context, devices).await,
        Command::SafetyWords(person) => trust::words(context, person).await,
        Command::Verify(person) => trust::verify(context, person).await,
        Command::Status => status::run(context).await,
        Command::Revoke(revoke) => trust::revoke(context, revoke).await,
        Command::RevokeDevice(wish) => trust::revoke_device(context, wish).await,
        Command::Policy(wish) => policy::run(context, wish).await,
        Command::Consent(Consent::Give(room)) => consent::decide(context, room, true).await,
        Command::Consent(Consent::Withdraw(room)) => consent::decide(context, room, false).await,
        Command::Consent(Consent::Show(room)) => consent::show(context, room).await,
        Command::Completions { shell } => shell::completions(context, shell),
        Command::Man { directory } => shell::manual(context, &directory),
    }
}

/// What lies behind a failure, for whoever has to repair it. Holds paths and names of
/// this machine at most.
fn causes(failure: &Failure) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = std::error::Error::source(failure);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    causes
}
