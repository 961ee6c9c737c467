//! What is measured: a relay on a core of its own.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};
use siegel_proto::ids::SeatHash;
use tempfile::TempDir;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::meter::{self, Reading};
use super::postgres::Postgres;
use super::{Counter, Error};
use crate::wire::organisation::create_room;
use crate::wire::{Connection, Organisation, Program, RelayProcess};

/// The core the relay has for itself; the load comes from the other.
pub const RELAY_CORE: usize = 0;
const OWN_CORE: usize = 1;

/// A kind of relay to be measured.
pub struct Subject {
    /// `siegel`, `postgresql`, `bare` or `against`.
    pub name: &'static str,
    program: Program,
    counter: Counter,
    on_postgres: bool,
}

impl Subject {
    /// A program that takes the relay's arguments, after these words. It logs only errors.
    ///
    /// # Errors
    /// The counter of flushes cannot be made.
    pub fn new(name: &'static str, path: &Path, words: &[&str]) -> Result<Self, Error> {
        // The limits are on and counted, above what one machine can reach.
        let program = [
            "SIEGEL_LIMITS__SEAT__PER_SECOND",
            "SIEGEL_LIMITS__SEAT__BURST",
            "SIEGEL_LIMITS__ACCOUNT__PER_SECOND",
            "SIEGEL_LIMITS__ACCOUNT__BURST",
            "SIEGEL_LIMITS__SOURCE__PER_SECOND",
            "SIEGEL_LIMITS__SOURCE__BURST",
            "SIEGEL_LIMITS__CONNECTIONS_PER_SOURCE",
        ]
        .iter()
        .fold(
            Program::new(path, words).on_core(RELAY_CORE),
            |program, limit| program.with(limit, "1000000"),
        );
        let counter = Counter::new()?;
        let program =
            (program.with("SIEGEL_LOG__LEVEL", "error")).with("LD_PRELOAD", counter.library());
        Ok(Self {
            name,
            program,
            counter,
            on_postgres: false,
        })
    }

    /// The same on a PostgreSQL, which shares its core.
    #[must_use]
    pub fn on_postgres(self) -> Self {
        Self {
            on_postgres: true,
            ..self
        }
    }

    /// A new relay with an organisation and an admin.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(&self) -> Result<Running<'_>, Error> {
        self.start_with(Vec::new(), None).await
    }

    /// The same with a certificate of its own.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start_with_tls(&self) -> Result<Running<'_>, Error> {
        let folder = TempDir::new()?;
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let (certificate, key) = (
            folder.path().join("cert.pem"),
            folder.path().join("key.pem"),
        );
        std::fs::write(&certificate, made.cert.pem())?;
        std::fs::write(&key, made.signing_key.serialize_pem())?;
        let settings = vec![
            ("SIEGEL_TLS__CERTIFICATE", certificate.into()),
            ("SIEGEL_TLS__KEY", key.into()),
        ];
        let mut trusted = RootCertStore::empty();
        trusted.add(CertificateDer::from(made.cert.der().to_vec()))?;
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        self.start_with(settings, Some((Arc::new(tls), folder)))
            .await
    }

    /// The same with these settings, which go before those of [`Self::new`].
    ///
    /// # Errors
    /// It does not start.
    pub async fn start_with(
        &self,
        settings: Vec<(&str, OsString)>,
        tls: Option<(Arc<ClientConfig>, TempDir)>,
    ) -> Result<Running<'_>, Error> {
        let folder = TempDir::new()?;
        let mut program = self.program.clone();
        for (name, value) in settings {
            program = program.with(name, value);
        }
        let (tls, certificates) = tls.unzip();
        let counts = self.counter.reset()?;
        let mut database = None;
        if self.on_postgres {
            let postgres = Postgres::start(&self.counter).await?;
            program = program.with("SIEGEL_DATABASE", postgres.address());
            database = Some(postgres);
        }
        program = program.with("BENCH_FLUSHES", counts);
        let mut running = Running {
            process: RelayProcess::start_with(&program, folder.path(), tls.as_ref()).await?,
            database,
            subject: self,
            program,
            folder,
            organisation: Organisation::default(),
            tls,
            _certificates: certificates,
        };
        let token = running.process.set_up_token().await?;
        let mut admin = running.connect().await?;
        running.organisation.set_up_on(&mut admin, token).await?;
        Ok(running)
    }
}

/// A relay that is being measured.
pub struct Running<'a> {
    subject: &'a Subject,
    program: Program,
    folder: TempDir,
    database: Option<Postgres>,
    /// Its process.
    pub process: RelayProcess,
    /// Its organisation.
    pub organisation: Organisation,
    tls: Option<Arc<ClientConfig>>,
    _certificates: Option<TempDir>,
}

impl Running<'_> {
    /// A connection that has said hello.
    ///
    /// # Errors
    /// The relay is gone.
    pub async fn connect(&self) -> Result<Connection, Error> {
        let address = self.process.address();
        Ok(match &self.tls {
            Some(tls) => Connection::open_tls(address, tls.clone()).await?,
            None => Connection::open(address).await?,
        })
    }

    /// A connection with a new staff session.
    ///
    /// # Errors
    /// The relay is gone.
    pub async fn staff(&self, number: u32) -> Result<Connection, Error> {
        let mut connection = self.connect().await?;
        self.organisation
            .staff(number)
            .enrol(&mut connection)
            .await?;
        Ok(connection)
    }

    /// A connection with the session of somebody who enrolled before.
    ///
    /// # Errors
    /// The relay is gone.
    pub async fn staff_again(&self, number: u32) -> Result<Connection, Error> {
        let mut connection = self.connect().await?;
        self.organisation
            .staff(number)
            .authenticate(&mut connection)
            .await?;
        Ok(connection)
    }

    /// Makes a room through a staff connection.
    ///
    /// # Errors
    /// The relay is gone.
    pub async fn make_room(
        &self,
        by: &mut Connection,
        room: siegel_proto::ids::RoomId,
        seats: Vec<SeatHash>,
    ) -> Result<(), Error> {
        Ok(by.done(create_room(room, seats)).await?)
    }

    /// The counters now.
    ///
    /// # Errors
    /// The relay is gone.
    pub fn read(&self) -> Result<Reading, Error> {
        let reading = Reading::of(self.process.id(), &self.subject.counter)?;
        Ok(match &self.database {
            Some(postgres) => reading.with_database(postgres.cpu()?),
            None => reading,
        })
    }

    /// Bytes of memory now.
    ///
    /// # Errors
    /// The relay is gone.
    pub fn resident(&self) -> Result<u64, Error> {
        Ok(meter::resident(self.process.id())?)
    }

    /// What its database weighs now, the write-ahead log included.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn database_bytes(&self) -> Result<u64, Error> {
        weigh(self.folder.path(), self.database.as_ref())
    }

    /// Stops the relay in order; what its database weighs then.
    ///
    /// # Errors
    /// It cannot be told.
    pub async fn stop(self) -> Result<Stopped, Error> {
        self.process.signal(Signal::TERM)?;
        self.process.ended().await?;
        Ok(Stopped {
            database_bytes: weigh(self.folder.path(), self.database.as_ref())?,
            folder: self.folder,
            database: self.database,
            program: self.program,
        })
    }
}

/// A relay's data between two starts.
pub struct Stopped {
    folder: TempDir,
    database: Option<Postgres>,
    program: Program,
    /// What the database weighs.
    pub database_bytes: u64,
}

impl Stopped {
    /// Starts the relay on its data again.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(self, subject: &Subject) -> Result<Running<'_>, Error> {
        Ok(Running {
            process: RelayProcess::start(&self.program, self.folder.path()).await?,
            database: self.database,
            subject,
            program: self.program,
            folder: self.folder,
            organisation: Organisation::default(),
            tls: None,
            _certificates: None,
        })
    }
}

fn weigh(data: &Path, database: Option<&Postgres>) -> Result<u64, Error> {
    match database {
        Some(postgres) => postgres.bytes(),
        None => Ok(meter::database_bytes(data)?),
    }
}

/// Keeps this program away from the relay's core. Before the first thread is started.
///
/// # Errors
/// The machine has one core only.
pub fn stay_on_core() -> io::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(OWN_CORE);
    Ok(sched_setaffinity(None, &cores)?)
}

/// Lets this program and the relay open as many connections as the system allows.
///
/// # Errors
/// The system refuses.
pub fn allow_many_files() -> io::Result<()> {
    let most = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    Ok(setrlimit(Resource::Nofile, limit)?)
}
