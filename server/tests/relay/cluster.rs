//! A PostgreSQL of this program's own: in a directory that goes when the program ends,
//! reached by a socket in it, run by a user who is not root.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use siegel_server::secret::Secret;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::time::Instant;

use crate::keeper::Keeper;
use crate::support::PATIENCE;

/// Deletes its files as well.
const KEEPER: &str = r#"
dir=$1 bin=$2
"$bin/initdb" -D "$dir/data" -U relay -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 \
    || { cat "$dir/initdb.log"; exit 1; }
"$bin/pg_ctl" -D "$dir/data" -w -t 300 -l "$dir/server.log" -o "$(cat "$dir/options")" start >"$dir/start.log" 2>&1 \
    || { "$bin/pg_ctl" -D "$dir/data" status && "$bin/pg_isready" -h "$dir"; } >>"$dir/start.log" 2>&1 \
    || { cat "$dir/start.log" "$dir/server.log"; exit 1; }
echo ready
cat >/dev/null
"$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
rm -rf "$dir"
"#;

/// One running server.
pub struct Cluster {
    dir: PathBuf,
    databases: AtomicU32,
    _keeper: Keeper,
}

/// The server most tests share; each has a database of its own on it.
pub fn shared() -> &'static Cluster {
    static SHARED: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(""));
    &SHARED
}

impl Cluster {
    /// Starts a server with these options besides.
    pub fn start(options: &str) -> Self {
        let bin = programs();
        let dir = tempfile::Builder::new()
            .prefix("siegel-postgres-")
            .tempdir()
            .expect("a directory")
            .keep();
        let all = format!(
            "-c listen_addresses='' -k {} -c max_connections=300 -c shared_buffers=64MB {options}",
            dir.display()
        );
        std::fs::write(dir.join("options"), all).expect("written");
        if let Some((user, group)) = unprivileged() {
            for path in [dir.clone(), dir.join("options")] {
                std::os::unix::fs::chown(path, Some(user), Some(group)).expect("given away");
            }
        }
        let mut shell = as_unprivileged(Command::new("sh"));
        let words = [&*dir.to_string_lossy(), &bin.to_string_lossy()];
        let keeper = Keeper::start(shell.current_dir("/"), KEEPER, &words, "PostgreSQL");
        Self {
            dir,
            databases: AtomicU32::new(0),
            _keeper: keeper,
        }
    }

    /// A new, empty database.
    pub async fn database(&self) -> Secret {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("siegel_{number}");
        self.run("postgres", &format!("CREATE DATABASE {name}"))
            .await;
        Secret::new(self.url(&name))
    }

    /// Runs a statement as the owner of everything.
    pub async fn run(&self, database: &str, sql: &str) {
        let mut db = PgConnection::connect(&self.url(database))
            .await
            .expect("connects");
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut db)
            .await
            .expect("runs");
    }

    /// Lets every process of the server stand still, as if its machine were gone without a
    /// word, until what is given back is dropped.
    pub fn freeze(&self) -> Frozen {
        let postmaster = self.postmaster();
        let frozen = Frozen(postmaster);
        // The first one first: it makes no others then.
        signal("-STOP", &[postmaster]);
        signal("-STOP", &children(postmaster));
        frozen
    }

    fn postmaster(&self) -> u32 {
        let file = std::fs::read_to_string(self.dir.join("data/postmaster.pid")).expect("runs");
        (file.lines().next().and_then(|line| line.parse().ok())).expect("a process")
    }

    /// Kills every process of the server at once, as if the machine's power were cut, but
    /// for what the system has taken from them already.
    pub fn kill(&self) {
        let postmaster = self.postmaster();
        // The first stands still, so that it neither starts nor ends any other meanwhile.
        signal("-STOP", &[postmaster]);
        let mut all = children(postmaster);
        all.push(postmaster);
        signal("-KILL", &all);
    }

    /// Starts the killed server again, on what it left. Returns when it takes connections.
    pub fn start_again(&self) {
        let deadline = Instant::now() + PATIENCE;
        // Refused as long as a killed process has not quite gone; and whoever gave up on a
        // server that starts slowly is told of the one that runs.
        while !self.starts() && !self.runs() {
            if Instant::now() > deadline {
                let log = std::fs::read_to_string(self.dir.join("server.log")).expect("reads");
                panic!("PostgreSQL does not start again:\n{log}");
            }
        }
    }

    fn starts(&self) -> bool {
        let patience = PATIENCE.as_secs().to_string();
        let mut starting = self.control();
        (starting.args(["start", "-w", "-t", &patience]).arg("-l"))
            .arg(self.dir.join("server.log"))
            .arg("-o")
            .arg(std::fs::read_to_string(self.dir.join("options")).expect("reads"));
        succeeds(&mut starting)
    }

    fn runs(&self) -> bool {
        let mut asking = as_unprivileged(program("pg_isready"));
        asking.arg("-h").arg(&self.dir);
        succeeds(self.control().arg("status")) && succeeds(&mut asking)
    }

    fn control(&self) -> Command {
        let mut control = as_unprivileged(program("pg_ctl"));
        control.arg("-D").arg(self.dir.join("data"));
        control
    }

    fn url(&self, database: &str) -> String {
        let host = self.dir.display().to_string().replace('/', "%2F");
        format!("postgres://relay@{host}/{database}")
    }
}

/// A server that stands still.
pub struct Frozen(u32);

impl Drop for Frozen {
    fn drop(&mut self) {
        signal("-CONT", &[self.0]);
        signal("-CONT", &children(self.0));
    }
}

fn succeeds(command: &mut Command) -> bool {
    let run = (command.current_dir("/").stdin(Stdio::null()))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    run.status().expect("runs").success()
}

fn signal(name: &str, processes: &[u32]) {
    let sent = Command::new("kill")
        .arg(name)
        .args(processes.iter().map(u32::to_string))
        .status();
    // One that has ended by itself meanwhile is as gone as the others.
    sent.expect("runs");
}

fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("lists").flatten();
    let of_parent = |process: std::fs::DirEntry| {
        let number: u32 = process.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(process.path().join("stat")).ok()?;
        // The name stands in brackets; behind it the state, then the parent.
        let (_, rest) = stat.rsplit_once(')')?;
        let is_child = rest.split_whitespace().nth(1)?.parse() == Ok(parent);
        is_child.then_some(number)
    };
    processes.filter_map(of_parent).collect()
}

/// A program of PostgreSQL's.
pub fn program(name: &str) -> Command {
    Command::new(programs().join(name))
}

/// The programs of Debian's package, the newest, or those in PATH.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    let mut found: Vec<PathBuf> = std::env::split_paths(&path).chain(debian).collect();
    found.retain(|bin| bin.join("initdb").exists());
    found.pop().expect(
        "PostgreSQL is not installed: `cargo xtask test` installs it, or apt-get install postgresql",
    )
}

/// PostgreSQL refuses to run as root: user and group of the package, or nobody's.
fn unprivileged() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    let me = std::fs::metadata("/proc/self").expect("a process").uid();
    if me != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("reads");
    ["postgres", "nobody"].iter().find_map(|name| {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}

fn as_unprivileged(mut command: Command) -> Command {
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    command
}
