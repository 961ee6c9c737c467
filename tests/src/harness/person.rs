//! A person with a device that runs by itself until told otherwise.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use siegel_cli::driver::{Driver, Options};
use siegel_cli::files::{self, Outgoing};
use siegel_cli::passphrase::Passphrase;
use siegel_cli::profile::Profile;
use siegel_client_core::client::{MemberView, RoomView};
use siegel_client_core::room::timeline::{Body, Line};
use siegel_client_core::{Client, Command};
use siegel_proto::content::{Attachment, Kind};
use siegel_proto::ids::{MessageId, PersonId, RoomId};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::{patiently, patiently_beside};

/// What every story's people protect their vaults with.
pub const PASSPHRASE: &str = "ein langer Satz, den sich Anna merkt";

type Job = Box<dyn for<'d> FnOnce(&'d mut Driver) -> LocalBoxFuture<'d, ()>>;

/// Somebody with one device.
pub struct Person {
    /// What the story calls them.
    pub name: String,
    home: PathBuf,
    options: Options,
    running: RefCell<Option<Running>>,
}

struct Running {
    jobs: mpsc::UnboundedSender<Job>,
    changed: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Person {
    /// Makes a new vault and starts the device, offline.
    pub fn new(name: &str, home: &Path, options: Options) -> Self {
        let person = Self {
            name: name.to_owned(),
            home: home.to_owned(),
            options,
            running: RefCell::new(None),
        };
        let driver = Driver::create(person.profile(), &passphrase(), person.options.clone())
            .expect("a new vault");
        person.start(driver);
        person
    }

    fn profile(&self) -> Profile {
        Profile::take_directory(&self.home).expect("the profile is free")
    }

    fn start(&self, driver: Driver) {
        let (jobs, inbox) = mpsc::unbounded_channel();
        let (tell, changed) = watch::channel(0);
        let task = tokio::task::spawn_local(run(driver, inbox, tell));
        let running = Running {
            jobs,
            changed,
            task,
        };
        *self.running.borrow_mut() = Some(running);
    }

    /// The device's process dies, wherever it is.
    pub async fn crash(&self) {
        let running = self.running.borrow_mut().take().expect("the device runs");
        running.task.abort();
        // The profile is free when the task is gone.
        let gone = running.task.await;
        assert!(gone.is_err_and(|error| error.is_cancelled()));
    }

    /// Starts the device again from its disk, and goes online.
    pub async fn restart(&self) {
        let driver = Driver::open(self.profile(), &passphrase(), self.options.clone())
            .expect("the vault opens");
        self.start(driver);
        self.online().await;
    }

    /// Where the device's files lie.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Does something with the device.
    pub async fn with<T: 'static>(
        &self,
        work: impl for<'d> FnOnce(&'d mut Driver) -> LocalBoxFuture<'d, T> + 'static,
    ) -> T {
        patiently("the device has done its work", self.does(work)).await
    }

    /// Does something with the device, however long it takes.
    async fn does<T: 'static>(
        &self,
        work: impl for<'d> FnOnce(&'d mut Driver) -> LocalBoxFuture<'d, T> + 'static,
    ) -> T {
        let result = Rc::new(RefCell::new(None));
        let slot = Rc::clone(&result);
        let (done, finished) = tokio::sync::oneshot::channel::<()>();
        let job: Job = Box::new(move |driver| {
            async move {
                *slot.borrow_mut() = Some(work(driver).await);
                drop(done);
            }
            .boxed_local()
        });
        let jobs = {
            let running = self.running.borrow();
            running.as_ref().expect("the device runs").jobs.clone()
        };
        assert!(jobs.send(job).is_ok(), "{}'s device stopped", self.name);
        assert!(finished.await.is_err(), "the sender is only dropped");
        let result = result.borrow_mut().take();
        result.unwrap_or_else(|| panic!("{}'s device stopped in the middle", self.name))
    }

    /// Reads from the device.
    pub async fn read<T: 'static>(&self, read: impl FnOnce(&Client) -> T + 'static) -> T {
        self.with(move |driver| {
            let read = read(driver.client().expect("the client runs"));
            async move { read }.boxed_local()
        })
        .await
    }

    /// Waits until something is so on this device.
    pub async fn until(&self, what: &str, holds: impl Fn(&Client) -> bool + 'static) {
        let holds = Rc::new(holds);
        let mut changed = {
            let running = self.running.borrow();
            running.as_ref().expect("the device runs").changed.clone()
        };
        let wait = async {
            loop {
                let holds = Rc::clone(&holds);
                if self.read(move |client| holds(client)).await {
                    return;
                }
                assert!(
                    changed.changed().await.is_ok(),
                    "{}'s device stopped",
                    self.name
                );
            }
        };
        patiently(&format!("{}: {what}", self.name), wait).await;
    }

    /// Gives a command that must be taken.
    pub async fn command(&self, command: Command) {
        if let Err(refused) = self.try_command(command).await {
            panic!("{}'s command was refused: {refused}", self.name);
        }
    }

    /// Gives a command that may be refused.
    ///
    /// # Errors
    /// What the device says.
    pub async fn try_command(&self, command: Command) -> Result<(), String> {
        self.with(move |driver| {
            let done = driver
                .command(command)
                .map_err(|error| format!("{error:?}"));
            async move { done }.boxed_local()
        })
        .await
    }

    /// Connects.
    pub async fn online(&self) {
        self.with(|driver| {
            let done = driver.go_online();
            async move { done.expect("the device goes online") }.boxed_local()
        })
        .await;
    }

    /// Disconnects.
    pub async fn offline(&self) {
        self.with(|driver| {
            let done = driver.go_offline();
            async move { done.expect("the device goes offline") }.boxed_local()
        })
        .await;
    }

    /// Lets the device notice that its clock has moved.
    pub async fn tick(&self) {
        self.with(|driver| {
            let done = driver.tick();
            async move { done.expect("the device ticks") }.boxed_local()
        })
        .await;
    }

    /// Waits until everything is processed and handed over.
    pub async fn settles(&self) {
        let settled = |client: &Client| client.is_settled().unwrap_or(false);
        self.until("everything is settled", settled).await;
    }

    /// Who this is.
    pub async fn id(&self) -> PersonId {
        self.read(|client| client.profile().expect("joined").person)
            .await
    }

    /// The room of that title, once it is there.
    pub async fn room(&self, title: &str) -> RoomId {
        let find = |client: &Client, title: &str| {
            let rooms = client.rooms().unwrap_or_default();
            let mut rooms = rooms.into_iter();
            rooms.find(|room| room.title == title).map(|room| room.room)
        };
        let wanted = title.to_owned();
        let what = format!("the room «{title}» is there");
        self.until(&what, move |client| find(client, &wanted).is_some())
            .await;
        let title = title.to_owned();
        let room = self.read(move |client| find(client, &title)).await;
        room.expect("it was there a moment ago")
    }

    /// Makes a room with colleagues and waits until the relay has it.
    pub async fn makes_room(&self, title: &str, with: &[&Self]) -> RoomId {
        let mut people = Vec::new();
        for person in with {
            let id = person.id().await;
            let knows = move |client: &Client| {
                let contacts = client.contacts().unwrap_or_default();
                contacts.iter().any(|contact| contact.person == id)
            };
            self.command(Command::Refresh).await;
            self.until(&format!("{} is in the directory", person.name), knows)
                .await;
            people.push(id);
        }
        self.command(Command::CreateRoom {
            title: title.to_owned(),
            with: people,
        })
        .await;
        let room = self.room(title).await;
        self.settles().await;
        room
    }

    /// Says something and waits until the relay has it.
    pub async fn says(&self, room: RoomId, text: &str) {
        self.writes(room, text).await;
        self.settles().await;
    }

    /// Says something into the outbox.
    pub async fn writes(&self, room: RoomId, text: &str) {
        let body = text.to_owned();
        let kind = Kind::Text {
            body,
            reply_to: None,
        };
        self.command(Command::Say { room, kind }).await;
    }

    /// Waits until a text is there, and holds that it is there once.
    pub async fn sees(&self, room: RoomId, text: &str) {
        let wanted = text.to_owned();
        let there = move |client: &Client| {
            let lines = client.timeline_after(room, 0, usize::MAX);
            count(&lines.unwrap_or_default(), &wanted) > 0
        };
        self.until(&format!("«{text}» is there"), there).await;
        let times = count(&self.lines(room).await, text);
        assert_eq!(times, 1, "{} sees «{text}» {times} times", self.name);
    }

    /// Whether a text is there.
    pub async fn has(&self, room: RoomId, text: &str) -> bool {
        count(&self.lines(room).await, text) > 0
    }

    /// The whole timeline of a room.
    pub async fn lines(&self, room: RoomId) -> Vec<Line> {
        self.read(move |client| {
            client
                .timeline_after(room, 0, usize::MAX)
                .unwrap_or_default()
        })
        .await
    }

    /// The texts of a room, in order.
    pub async fn texts(&self, room: RoomId) -> Vec<String> {
        let lines = self.lines(room).await;
        let texts = lines.into_iter().filter_map(|line| match line.body {
            Body::Text { body, .. } => Some(body),
            _ => None,
        });
        texts.collect()
    }

    /// The message a text stands in.
    pub async fn message(&self, room: RoomId, text: &str) -> MessageId {
        self.sees(room, text).await;
        let lines = self.lines(room).await;
        let line = lines.iter().find(|line| is_text(line, text));
        line.and_then(|line| line.message).expect("a message")
    }

    /// The room as it is now.
    pub async fn view(&self, room: RoomId) -> RoomView {
        self.read(move |client| client.room(room).expect("the room is there"))
            .await
    }

    /// Who is in a room.
    pub async fn members(&self, room: RoomId) -> Vec<MemberView> {
        self.read(move |client| client.members(room).expect("the room is there"))
            .await
    }

    /// Waits until so many people are in a room.
    pub async fn counts(&self, room: RoomId, people: usize) {
        let there = move |client: &Client| {
            client
                .members(room)
                .is_ok_and(|members| members.len() == people)
        };
        self.until(&format!("{people} people are in the room"), there)
            .await;
    }

    /// Sends a file and waits until the relay has its message.
    pub async fn sends_file(&self, room: RoomId, name: &str, bytes: Vec<u8>) {
        self.sends_file_telling(room, name, bytes, |_| ()).await;
    }

    /// The same, telling how many sealed bytes the relay has.
    pub async fn sends_file_telling(
        &self,
        room: RoomId,
        name: &str,
        bytes: Vec<u8>,
        tell: impl Fn(u64) + 'static,
    ) {
        let file = Outgoing {
            name: name.to_owned(),
            media_type: files::media_type(name).to_owned(),
            caption: String::new(),
            bytes: bytes.into(),
        };
        let (moves, moving) = watch::channel(0);
        let sending = self.does(move |driver| {
            async move {
                let progress = |done, _| {
                    tell(done);
                    moves.send_replace(done);
                };
                let kind = files::upload(driver, file, progress).await;
                let kind = kind.expect("the upload is finished");
                let said = driver.command(Command::Say { room, kind });
                said.expect("the file is said");
            }
            .boxed_local()
        });
        patiently_beside("more of the file is sent", moving, sending).await;
        self.settles().await;
    }

    /// Waits for a file, fetches and opens it.
    pub async fn receives_file(&self, room: RoomId, name: &str) -> Vec<u8> {
        self.receives_file_telling(room, name, |_| ()).await
    }

    /// The same, telling how many sealed bytes are here.
    pub async fn receives_file_telling(
        &self,
        room: RoomId,
        name: &str,
        tell: impl Fn(u64) + 'static,
    ) -> Vec<u8> {
        let wanted = name.to_owned();
        let there = move |client: &Client| {
            let lines = client.timeline_after(room, 0, usize::MAX);
            find_file(&lines.unwrap_or_default(), &wanted).is_some()
        };
        self.until(&format!("the file {name} is there"), there)
            .await;
        let file = find_file(&self.lines(room).await, name).expect("it was there");
        let (moves, moving) = watch::channel(0);
        let receiving = self.does(move |driver| {
            async move {
                let progress = |done| {
                    tell(done);
                    moves.send_replace(done);
                };
                let fetched = files::fetch(driver, &file, progress).await;
                fetched.expect("the file opens")
            }
            .boxed_local()
        });
        patiently_beside("more of the file is here", moving, receiving).await
    }
}

async fn run(
    mut driver: Driver,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    changed: watch::Sender<u64>,
) {
    loop {
        tokio::select! {
            job = jobs.recv() => match job {
                Some(job) => job(&mut driver).await,
                None => return,
            },
            turned = driver.turn() => turned.expect("the device runs"),
        }
        changed.send_modify(|times| *times += 1);
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.to_owned()).expect("not empty")
}

fn is_text(line: &Line, text: &str) -> bool {
    matches!(&line.body, Body::Text { body, .. } if body == text)
}

fn count(lines: &[Line], text: &str) -> usize {
    lines.iter().filter(|line| is_text(line, text)).count()
}

fn find_file(lines: &[Line], name: &str) -> Option<Attachment> {
    lines.iter().find_map(|line| match &line.body {
        Body::Attachment(file) if file.file_name == name => Some(file.clone()),
        _ => None,
    })
}
