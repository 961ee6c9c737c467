//! What every command starts from: the options, the profile, the passphrase.

use crate::args::Global;
use crate::driver::{Driver, Options};
use crate::failure::Failure;
use crate::passphrase::{Passphrase, Source};
use crate::profile::{self, Profile};
use crate::session::Session;
use crate::show::output::Output;
use crate::store;

/// What was said on the command line and in the environment.
pub struct Context {
    /// Where to say things.
    pub output: Output,
    global: Global,
}

impl Context {
    pub(super) fn new(global: Global, output: Output) -> Self {
        Self { output, global }
    }

    /// Opens the profile's device and connects.
    pub async fn online(&self) -> Result<Session, Failure> {
        let mut session = self.offline()?;
        session.online().await?;
        Ok(session)
    }

    /// Opens the profile's device, connects and waits until it is up to date.
    pub async fn in_step(&self) -> Result<Session, Failure> {
        let mut session = self.offline()?;
        session.in_step().await?;
        Ok(session)
    }

    /// Opens the profile's device without connecting.
    pub fn offline(&self) -> Result<Session, Failure> {
        let profile = self.profile()?;
        // Nobody types a passphrase to learn that there is nothing to open.
        store::Store::expect(profile.directory()).map_err(crate::driver::DriverError::from)?;
        let passphrase = self.source().ask(&self.output.texts().ask_passphrase())?;
        Ok(self.session(Driver::open(profile, &passphrase, self.options())?))
    }

    /// Makes the device of a profile that has none. One that never got into an
    /// organisation is used again.
    pub fn fresh(&self) -> Result<Session, Failure> {
        let profile = self.profile()?;
        if store::Store::expect(profile.directory()).is_ok() {
            let passphrase = self.source().ask(&self.output.texts().ask_passphrase())?;
            return Ok(self.session(Driver::open(profile, &passphrase, self.options())?));
        }
        let passphrase = self.new_passphrase()?;
        Ok(self.session(Driver::create(profile, &passphrase, self.options())?))
    }

    fn session(&self, driver: Driver) -> Session {
        Session::new(driver, self.output, self.global.timeout)
    }

    fn profile(&self) -> Result<Profile, Failure> {
        let home = profile::home(|name| std::env::var(name))?;
        Ok(Profile::take(&home, &self.global.profile)?)
    }

    fn options(&self) -> Options {
        Options {
            ca_file: self.global.ca_file.clone(),
            ..Options::default()
        }
    }

    fn source(&self) -> Source {
        Source::choose(self.global.passphrase_fd, |name| std::env::var(name))
    }

    fn new_passphrase(&self) -> Result<Passphrase, Failure> {
        let texts = self.output.texts();
        Ok(self
            .source()
            .ask_new(&texts.ask_new_passphrase(), &texts.ask_again())?)
    }
}
