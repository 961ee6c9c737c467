//! The page's end of the bridge: starts the worker, asks, and hears the news.
//!
//! ```text
//! let port = Port::start(worker_url, used_before, move |news| …)?;
//! let rooms = port.ask(Ask::Rooms).await?;
//! let (number, sent) = port.attach(Ask::Attach { … }, &file);   // number: progress, cancel
//! let (reply, blob) = port.fetch(Ask::Fetch { … }).1.await?;
//! ```
//!
//! A worker that locked itself ends, so that its memory goes; the port starts another one
//! and the page hears its standing. A worker that fails is started again once.

mod envelope;
pub mod locks;
pub mod service;
mod trusted;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_channel::oneshot;
use siegel_web_bridge::view::{Standing, Unusable};
use siegel_web_bridge::{Ask, BUILD, FromWorker, News, Number, Reply, ToWorker, Trouble};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Blob, ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

pub use trusted::trusted_url;

/// The worker cannot be started: the browser is too old or forbids it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoWorker;

/// The page's end. Clones share one worker.
#[derive(Clone)]
pub struct Port(Rc<Inner>);

type Answer = Result<(Reply, Option<Blob>), Trouble>;

struct Inner {
    url: String,
    used_before: Cell<bool>,
    news: Box<dyn Fn(News)>,
    worker: RefCell<Option<Running>>,
    waiting: RefCell<BTreeMap<Number, oneshot::Sender<Answer>>>,
    next: Cell<Number>,
    failures: Cell<u32>,
}

/// A worker with the closures it calls.
struct Running {
    worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(ErrorEvent)>,
}

/// A worker that fails more often without ever giving an answer is given up.
const MOST_FAILURES: u32 = 2;

impl Port {
    /// Starts the worker at `url`. `used_before` is what the page's own marks say.
    ///
    /// # Errors
    /// [`NoWorker`] if the browser does not start it.
    pub fn start(
        url: &str,
        used_before: bool,
        news: impl Fn(News) + 'static,
    ) -> Result<Self, NoWorker> {
        let port = Self(Rc::new(Inner {
            url: url.to_owned(),
            used_before: Cell::new(used_before),
            news: Box::new(news),
            worker: RefCell::new(None),
            waiting: RefCell::default(),
            next: Cell::new(0),
            failures: Cell::new(0),
        }));
        port.run()?;
        Ok(port)
    }

    /// Asks; the future is the answer. The question is on its way also if it is dropped.
    pub fn ask(&self, ask: Ask) -> impl Future<Output = Result<Reply, Trouble>> + use<> {
        let answer = self.send(ask, None).1;
        async move { answer.await.map(|(reply, _)| reply) }
    }

    /// Asks with a file. The number names the transfer in news and for [`Port::cancel`].
    pub fn attach(
        &self,
        ask: Ask,
        file: &Blob,
    ) -> (Number, impl Future<Output = Result<Reply, Trouble>> + use<>) {
        let (number, answer) = self.send(ask, Some(file));
        (number, async move { answer.await.map(|(reply, _)| reply) })
    }

    /// Asks for a file.
    pub fn fetch(
        &self,
        ask: Ask,
    ) -> (
        Number,
        impl Future<Output = Result<(Reply, Blob), Trouble>> + use<>,
    ) {
        let (number, answer) = self.send(ask, None);
        let file = async move {
            let (reply, blob) = answer.await?;
            let blob = blob.ok_or_else(|| Trouble::Internal("no file".to_owned()))?;
            Ok((reply, blob))
        };
        (number, file)
    }

    /// Gives a transfer up.
    pub fn cancel(&self, number: Number) {
        self.0.post(&ToWorker::Cancel(number), None);
    }

    /// Somebody is there. Call it on input, at most once a minute.
    pub fn active(&self) {
        self.0.post(&ToWorker::Active, None);
    }

    fn send(
        &self,
        ask: Ask,
        file: Option<&Blob>,
    ) -> (Number, impl Future<Output = Answer> + use<>) {
        let number = self.0.next.get() + 1;
        self.0.next.set(number);
        let (sender, receiver) = oneshot::channel();
        self.0.waiting.borrow_mut().insert(number, sender);
        self.0.post(&ToWorker::Ask { number, ask }, file);
        let answer = async move {
            receiver
                .await
                .unwrap_or_else(|_| Err(Trouble::Internal("no answer".to_owned())))
        };
        (number, answer)
    }

    fn run(&self) -> Result<(), NoWorker> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let url = trusted_url(&self.0.url).ok_or(NoWorker)?;
        let worker = started_ahead().or_else(|| new_worker(&url, &options));
        let worker = worker.ok_or(NoWorker)?;
        let (on_message, on_error) = (self.clone(), self.clone());
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            on_message.heard(&event);
        });
        let error = Closure::<dyn FnMut(ErrorEvent)>::new(move |_| on_error.failed());
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        self.0.worker.replace(Some(Running {
            worker,
            _message: message,
            _error: error,
        }));
        let hello = ToWorker::Hello {
            build: BUILD.to_owned(),
            used_before: self.0.used_before.get(),
        };
        self.0.post(&hello, None);
        Ok(())
    }

    fn heard(&self, event: &MessageEvent) {
        let Some((message, blob)) = envelope::open(&event.data()) else {
            return self.failed();
        };
        match message {
            FromWorker::Answer { number, answer } => {
                self.0.failures.set(0);
                let waiting = self.0.waiting.borrow_mut().remove(&number);
                if let Some(sender) = waiting {
                    // Whoever asked may have stopped waiting.
                    sender.send(answer.map(|reply| (reply, blob))).ok();
                }
            }
            FromWorker::News(news) => {
                if let News::Standing(Standing::Open { joined: true, .. }) = &news {
                    self.0.used_before.set(true);
                }
                (self.0.news)(news);
            }
            FromWorker::Ending { wiped } => {
                if wiped {
                    self.0.used_before.set(false);
                }
                self.again(&Trouble::Locked);
            }
        }
    }

    fn failed(&self) {
        self.0.failures.set(self.0.failures.get() + 1);
        self.again(&Trouble::Internal("worker".to_owned()));
    }

    /// Another worker takes over; open questions are answered with `trouble`. The old
    /// worker's closures may be running, so they are dropped by the next turn only.
    fn again(&self, trouble: &Trouble) {
        if let Some(running) = self.0.worker.take() {
            running.worker.terminate();
            running.worker.set_onmessage(None);
            running.worker.set_onerror(None);
            let port = self.clone();
            let trouble = trouble.clone();
            let later = Closure::once_into_js(move || {
                drop(running);
                for (_, sender) in std::mem::take(&mut *port.0.waiting.borrow_mut()) {
                    sender.send(Err(trouble.clone())).ok();
                }
                if port.0.failures.get() > MOST_FAILURES || port.run().is_err() {
                    let broken = Standing::Unusable(Unusable::Broken);
                    (port.0.news)(News::Standing(broken));
                }
            });
            let now = js_sys::Promise::resolve(&wasm_bindgen::JsValue::UNDEFINED);
            envelope::after(&now, &later);
        }
    }
}

impl Inner {
    fn post(&self, message: &ToWorker, file: Option<&Blob>) {
        let worker = self.worker.borrow();
        if let (Some(running), Some(packed)) = (&*worker, envelope::pack(message, file)) {
            // Fails only for what cannot be cloned; bytes and blobs can.
            running.worker.post_message(&packed).ok();
            envelope::wipe(&packed);
        }
    }
}

/// The worker that the page's script has started while the page was loading. It gives it away
/// once, and not if it failed.
fn started_ahead() -> Option<Worker> {
    let ahead = js_sys::Reflect::get(&js_sys::global(), &"siegelWorker".into()).ok()?;
    let worker = ahead.dyn_ref::<js_sys::Function>()?;
    let worker = worker.call0(&wasm_bindgen::JsValue::UNDEFINED).ok()?;
    worker.dyn_into().ok()
}

/// `new Worker` with a trusted address, which web-sys has no signature for.
fn new_worker(url: &wasm_bindgen::JsValue, options: &WorkerOptions) -> Option<Worker> {
    let constructor = js_sys::Reflect::get(&js_sys::global(), &"Worker".into()).ok()?;
    let arguments = js_sys::Array::of2(url, options);
    js_sys::Reflect::construct(constructor.dyn_ref::<js_sys::Function>()?, &arguments)
        .ok()?
        .dyn_into()
        .ok()
}
