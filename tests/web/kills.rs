//! Eight tabs of one account, of which one after the other goes, however tabs go: also the
//! one that holds the vault, also in the middle of sending.

use std::io::Write as _;

use fantoccini::wd::WindowHandle;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use siegel_tests::browser::Browser;
use siegel_tests::harness::{World, join, story};

use crate::people::{admin, colleague, invites_colleague, makes_room, opens_room, says, unlocks};

/// Walked unless the variable names another.
const SEED: u64 = 1;
const SEED_VARIABLE: &str = "TABS_SEED";
const TABS: usize = 8;
const ROOM: &str = "Team";

#[test]
fn attack_62_eight_tabs_with_random_kills_lose_and_double_nothing() {
    let seed = std::env::var(SEED_VARIABLE).map_or(SEED, |seed| seed.parse().expect("a number"));
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        // Cem's device is away: the relay keeps everything for it.
        let cem = world.device("Cem Ay");
        join(&cem, &invites_colleague(&anna, "Cem Ay").await).await;
        cem.settles().await;
        makes_room(&anna, ROOM, &["Bo Tal", "Cem Ay"]).await;
        let room = cem.room(ROOM).await;
        cem.settles().await;
        cem.crash().await;

        let mut tabs = Tabs::open(&anna, &world, seed).await;
        while tabs.open.len() > 1 {
            tabs.happens().await;
        }
        tabs.report(seed);
        let said = tabs.said;
        said.are_seen(&anna).await;
        anna.reloads().await;
        unlocks(&anna).await;
        opens_room(&anna, ROOM).await;
        said.are_seen(&anna).await;
        opens_room(&bo, ROOM).await;
        said.are_seen(&bo).await;
        // What the relay hands to somebody who was away for all of it.
        cem.restart().await;
        cem.sees(room, said.sure.last().expect("somebody spoke"))
            .await;
        cem.settles().await;
        said.are_in(&cem.texts(room).await.join("\n"), "Cem Ay's device");
        anna.ends().await;
        bo.ends().await;
    });
}

/// The tabs that are left.
struct Tabs<'a> {
    anna: &'a Browser,
    random: ChaCha8Rng,
    /// In the order in which they were loaded: the first one holds the vault.
    open: Vec<WindowHandle>,
    said: Said,
    holders_gone: usize,
}

/// How a tab goes.
#[derive(Clone, Copy, Debug)]
enum End {
    Closed,
    Crashed,
    LoadedAnew,
}

impl<'a> Tabs<'a> {
    async fn open(anna: &'a Browser, world: &World, seed: u64) -> Self {
        let address = format!("http://{}/", world.address());
        let mut open = vec![anna.tab().await];
        while open.len() < TABS {
            open.push(anna.opens_tab(&address).await);
            opens_room(anna, ROOM).await;
        }
        Self {
            anna,
            random: ChaCha8Rng::seed_from_u64(seed),
            open,
            said: Said::default(),
            holders_gone: 0,
        }
    }

    /// Somebody speaks in one tab, or a tab goes, or both at once.
    async fn happens(&mut self) {
        let speaker = self.any();
        let victim = if self.chance(2) { 0 } else { self.any() };
        let end = match self.draw(3) {
            0 => End::Closed,
            1 => End::Crashed,
            _ => End::LoadedAnew,
        };
        match self.draw(4) {
            0 => self.goes(victim, end).await,
            1 => {
                let text = self.said.next();
                self.starts_to_say(speaker, &text).await;
                if speaker == victim {
                    // Nobody has seen whether it was taken.
                    self.said.unsure.push(text);
                    self.goes(victim, end).await;
                } else {
                    let speaker = self.open[speaker].clone();
                    self.goes(victim, end).await;
                    self.anna.goes_to(&speaker).await;
                    self.anna.reads(&text).await;
                    self.said.sure.push(text);
                }
            }
            _ => {
                let text = self.said.next();
                self.anna.goes_to(&self.open[speaker]).await;
                says(self.anna, &text).await;
                self.said.sure.push(text);
            }
        }
        if self.open.len() == 3 {
            for tab in self.open.clone() {
                self.anna.goes_to(&tab).await;
                self.said.are_seen(self.anna).await;
            }
        }
    }

    /// Writes and presses, and does not look what comes of it.
    async fn starts_to_say(&self, speaker: usize, text: &str) {
        self.anna.goes_to(&self.open[speaker]).await;
        self.anna.types("#composer", text).await;
        self.anna.clicks("[aria-label='Senden']").await;
    }

    async fn goes(&mut self, victim: usize, end: End) {
        let tab = self.open.remove(victim);
        if victim == 0 {
            self.holders_gone += 1;
        }
        let another = self.open[self.open.len() - 1].clone();
        match end {
            End::Closed => {
                self.anna.goes_to(&tab).await;
                self.anna.closes_tab(&another).await;
            }
            End::Crashed => {
                self.anna.goes_to(&another).await;
                self.anna.crashes_tab(&tab).await;
            }
            End::LoadedAnew => {
                self.anna.goes_to(&tab).await;
                self.anna.reloads().await;
                opens_room(self.anna, ROOM).await;
                self.open.push(tab);
            }
        }
        self.anna.goes_to(&another).await;
    }

    fn any(&mut self) -> usize {
        self.draw(self.open.len())
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.draw(one_in) == 0
    }

    fn draw(&mut self, below: usize) -> usize {
        let below = u32::try_from(below).expect("a small number");
        (self.random.next_u32() % below) as usize
    }

    /// Said past the test's own capture: a run that went well has a seed as well.
    fn report(&self, seed: u64) {
        let report = format!(
            "eight tabs, seed {seed} ({SEED_VARIABLE}): {} texts shown, {} cut off in sending, \
             {} times the tab went that held the vault\n",
            self.said.sure.len(),
            self.said.unsure.len(),
            self.holders_gone,
        );
        std::io::stderr()
            .write_all(report.as_bytes())
            .expect("somebody reads");
    }
}

/// What was said in all tabs.
#[derive(Default)]
struct Said {
    count: usize,
    /// The page has shown it.
    sure: Vec<String>,
    /// The tab went before it could.
    unsure: Vec<String>,
}

impl Said {
    fn next(&mut self) -> String {
        self.count += 1;
        format!("Satz {:03}", self.count)
    }

    /// Waits until the last text is there, and holds that all are.
    async fn are_seen(&self, browser: &Browser) {
        if let Some(last) = self.sure.last() {
            browser.reads(last).await;
        }
        self.are_in(&browser.conversation().await, &browser.name);
    }

    /// Each text that was shown stands there once and in its order, and each that was cut
    /// off once or not at all.
    fn are_in(&self, room: &str, whose: &str) {
        let places: Vec<Option<usize>> = (self.sure.iter())
            .map(|text| {
                let times = room.matches(text.as_str()).count();
                assert_eq!(times, 1, "{whose} has “{text}” {times} times:\n{room}");
                room.find(text.as_str())
            })
            .collect();
        assert!(places.is_sorted(), "{whose} has another order:\n{room}");
        for text in &self.unsure {
            let times = room.matches(text.as_str()).count();
            assert!(times <= 1, "{whose} has “{text}” {times} times:\n{room}");
        }
    }
}
