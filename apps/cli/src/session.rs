//! A driver in the hands of a command: with a deadline, and with the events sorted that
//! end any command.

use std::time::Duration;

use siegel_client_core::{Command, Event};
use siegel_proto::certificate::PersonRole;
use siegel_proto::ids::{MessageId, PersonId};
use tokio::time::{Instant, timeout, timeout_at};

use crate::driver::{Connection, Driver, DriverError};
use crate::failure::Failure;
use crate::net::socket::Loss;
use crate::show::output::Output;

/// A disk that was slow for the whole time, or a machine that slept, has let nothing in: what
/// the relay said meanwhile still counts.
const GRACE: Duration = Duration::from_secs(1);

/// One command's use of a device.
pub struct Session {
    /// The device.
    pub driver: Driver,
    /// Where to say things.
    pub output: Output,
    seconds: u64,
    /// Told while the command waited; said once, at its end.
    changed: Vec<PersonId>,
}

impl Session {
    /// A session that waits this many seconds for each thing it waits for.
    pub fn new(driver: Driver, output: Output, seconds: u64) -> Self {
        Self {
            driver,
            output,
            seconds,
            changed: Vec::new(),
        }
    }

    /// Connects and waits until the relay has taken the device in.
    pub async fn online(&mut self) -> Result<(), Failure> {
        self.driver.go_online()?;
        self.wait(|event| matches!(event, Event::Online).then_some(Ok(())))
            .await
    }

    /// Connects and waits until everything the relay has is here and everything that
    /// waited is there.
    pub async fn in_step(&mut self) -> Result<(), Failure> {
        self.online().await?;
        if self
            .driver
            .client()?
            .profile()
            .map_err(DriverError::from)?
            .role
            != PersonRole::Guest
        {
            self.wait(|event| matches!(event, Event::ContactsChanged).then_some(Ok(())))
                .await?;
        }
        self.settled().await
    }

    /// As [`Session::in_step`] if the relay can be reached; else says that it cannot, and
    /// what this device has must do.
    pub async fn try_in_step(&mut self) -> Result<(), Failure> {
        self.driver.go_online()?;
        let deadline = self.deadline();
        while matches!(self.driver.connection(), Connection::Dialling) {
            match in_time(deadline, self.driver.turn()).await {
                Some(turned) => turned?,
                None => break,
            }
        }
        let outcome = match self.is_up() {
            true => self.in_step().await,
            false => Err(Failure::Unreachable),
        };
        match outcome {
            Err(Failure::Unreachable | Failure::TooSlow(_)) => {
                self.output.remark(&self.output.texts().not_in_step());
                Ok(())
            }
            other => other,
        }
    }

    /// As [`Session::settled`], but what is late stays for the next time.
    pub async fn try_settled(&mut self) -> Result<(), Failure> {
        match self.settled().await {
            Err(Failure::Unreachable | Failure::TooSlow(_)) => Ok(()),
            other => other,
        }
    }

    /// Whether the relay is reached.
    pub fn is_up(&self) -> bool {
        matches!(self.driver.connection(), Connection::Up)
    }

    /// The person was looked at: nothing more is said about the changed identity.
    pub fn forget_changed(&mut self, person: PersonId) {
        self.changed.retain(|changed| *changed != person);
    }

    /// Waits until nothing waits any more, in either direction.
    pub async fn settled(&mut self) -> Result<(), Failure> {
        let deadline = self.deadline();
        let settled = self
            .driver
            .wait_until(|client| client.is_settled().unwrap_or(true));
        match in_time(deadline, settled).await {
            Some(outcome) => outcome?,
            None => return Err(self.too_slow()),
        }
        while let Some(event) = self.driver.take_event() {
            if let Some(failure) = self.look(&event) {
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Waits until the relay has the entry that a command queued, and returns its number.
    pub async fn sent(&mut self, entry: MessageId) -> Result<u64, Failure> {
        self.wait(|event| match event {
            Event::Sent { message, seq, .. } if *message == entry => Some(Ok(*seq)),
            Event::Failed {
                message, reason, ..
            } if *message == entry => Some(Err(Failure::Undeliverable(*reason))),
            _ => None,
        })
        .await
    }

    /// The entry that the last command queued.
    pub async fn queued(&mut self) -> Result<MessageId, Failure> {
        self.wait(|event| match event {
            Event::Queued { message, .. } => Some(Ok(*message)),
            _ => None,
        })
        .await
    }

    /// Carries out a command that queues one entry, and waits until the relay has it.
    pub async fn carry_out(&mut self, command: Command) -> Result<(MessageId, u64), Failure> {
        self.command(command)?;
        let entry = self.queued().await?;
        Ok((entry, self.sent(entry).await?))
    }

    /// Waits until the relay has answered all that was asked before; its refusal ends the
    /// command. For staff: the relay answers in order, and the directory comes last.
    pub async fn confirmed(&mut self) -> Result<(), Failure> {
        self.command(Command::Refresh)?;
        self.wait(|event| match event {
            Event::Refused(refusal) => Some(Err(Failure::Refused(*refusal))),
            Event::ContactsChanged => Some(Ok(())),
            _ => None,
        })
        .await?;
        self.settled().await
    }

    /// Carries out a command.
    pub fn command(&mut self, command: Command) -> Result<(), Failure> {
        Ok(self.driver.command(command)?)
    }

    /// Waits for the event that `pick` wants. What ends every command ends this as well.
    pub async fn wait<T>(
        &mut self,
        mut pick: impl FnMut(&Event) -> Option<Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let deadline = self.deadline();
        loop {
            let event = self.before(deadline).await?;
            if let Some(failure) = self.look(&event) {
                return Err(failure);
            }
            if let Some(outcome) = pick(&event) {
                return outcome;
            }
        }
    }

    /// The next event, however long it takes.
    pub async fn next(&mut self) -> Result<Event, Failure> {
        let event = self.driver.next_event().await?;
        match self.look(&event) {
            Some(failure) => Err(failure),
            None => Ok(event),
        }
    }

    /// Ends the session in order. Changed identities that were told on the way are said.
    pub fn close(self) -> Result<(), Failure> {
        for person in &self.changed {
            let name = crate::people::name(self.driver.client()?, *person, self.output.texts())?;
            self.output
                .remark(&self.output.texts().identity_changed(name));
        }
        Ok(self.driver.close()?)
    }

    fn deadline(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.seconds)
    }

    async fn before(&mut self, deadline: Instant) -> Result<Event, Failure> {
        match in_time(deadline, self.driver.next_event()).await {
            Some(event) => Ok(event?),
            None => Err(self.too_slow()),
        }
    }

    fn too_slow(&self) -> Failure {
        match self.driver.connection() {
            Connection::Down(Loss::Dial(_) | Loss::Handshake) | Connection::Dialling => {
                Failure::Unreachable
            }
            _ => Failure::TooSlow(self.seconds),
        }
    }

    fn look(&mut self, event: &Event) -> Option<Failure> {
        match event {
            Event::WrongRelay => Some(Failure::WrongRelay),
            Event::Outdated => Some(Failure::Outdated),
            Event::Revoked => Some(Failure::Revoked),
            Event::LinkUnavailable => Some(Failure::LinkUnavailable),
            Event::JoinRefused(code) => Some(Failure::refused(*code)),
            Event::IdentityChanged(person) => {
                if !self.changed.contains(person) {
                    self.changed.push(*person);
                }
                None
            }
            _ => None,
        }
    }
}

/// What comes of it before the deadline, or directly behind it.
async fn in_time<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    match timeout_at(deadline, work.as_mut()).await {
        Ok(done) => Some(done),
        Err(_) => timeout(GRACE, work).await.ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_directly_behind_the_deadline_counts() {
        let passed = Instant::now();
        let late = async {
            tokio::task::yield_now().await;
            7
        };
        assert_eq!(in_time(passed, late).await, Some(7));
    }
}
