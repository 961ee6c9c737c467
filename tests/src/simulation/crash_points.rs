//! Crashes every device of the [`super::scenario`] at every one of its persist effects,
//! once before the batch is stored and once after, and compares what people see with the
//! story in which nothing crashed.

use std::collections::BTreeMap;

use super::picture;
use super::scenario::{CHAPTERS, Chapter, say_a_word_each};
use super::world::{CrashPoint, World};

/// Both places of a crash at one persist effect.
pub const POINTS: [CrashPoint; 2] = [CrashPoint::Before, CrashPoint::After];

/// What was crashed.
#[derive(Default, Debug)]
pub struct Report {
    /// Persist effects of the story, by what they were for.
    pub sites: BTreeMap<String, u64>,
    /// Crashes that were carried out, by place.
    pub crashed: BTreeMap<&'static str, u64>,
    /// Ends that differ from the one without a crash.
    pub differences: Vec<String>,
}

impl Report {
    /// Persist effects of the story.
    pub fn sites(&self) -> u64 {
        self.sites.values().sum()
    }

    /// Takes in what another part found.
    pub fn merge(&mut self, other: Self) {
        for (cause, count) in other.sites {
            *self.sites.entry(cause).or_default() += count;
        }
        for (point, count) in other.crashed {
            *self.crashed.entry(point).or_default() += count;
        }
        self.differences.extend(other.differences);
    }
}

/// Which persist effects are crashed: of those numbered `part`, `part + of`, and so on.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// The first, counted from 0.
    pub part: u64,
    /// How many steps there are to the next.
    pub of: u64,
}

impl Share {
    /// Whether it has the persist effect of this number, counted from 0.
    pub const fn has(&self, number: u64) -> bool {
        number % self.of == self.part
    }
}

/// Tells the story once and crashes a share of its persist effects.
pub fn crash(seed: u64, share: Share) -> Report {
    let mut report = Report::default();
    let mut world = World::new(seed);
    for chapter in CHAPTERS {
        let before = world.fork();
        world = before.fork();
        (chapter.play)(&mut world);
        for cause in &world.causes[before.causes.len()..] {
            *report.sites.entry(cause.clone()).or_default() += 1;
        }
        let known = report.sites() - (world.causes.len() - before.causes.len()) as u64;
        let sites = (before.batches + 1..=world.batches).zip(known..);
        say_a_word_each(&mut world, chapter.name);
        let expected = picture::of(&world);
        for (site, _) in sites.filter(|(_, number)| share.has(*number)) {
            crash_at(&before, *chapter, site, &expected, &mut report);
        }
    }
    report
}

fn crash_at(before: &World, chapter: Chapter, site: u64, expected: &[String], report: &mut Report) {
    for point in POINTS {
        let mut world = before.fork();
        world.crash_at = Some((site, point));
        let end = end_of(chapter, &mut world);
        if world.crashes > before.crashes {
            let name = match point {
                CrashPoint::Before => "before",
                CrashPoint::After => "after",
            };
            *report.crashed.entry(name).or_default() += 1;
        }
        let cause = world.causes.get(site as usize - 1).cloned();
        for (expected, end) in expected.iter().zip(&end) {
            if expected != end {
                let place = format!(
                    "{}: {point:?} the store of effect {site} ({})",
                    chapter.name,
                    cause.as_deref().unwrap_or("never reached")
                );
                report
                    .differences
                    .push(format!("{place}\n{}", difference(expected, end)));
            }
        }
        if expected.len() != end.len() {
            report
                .differences
                .push(format!("{}: other devices", chapter.name));
        }
    }
}

fn end_of(chapter: Chapter, world: &mut World) -> Vec<String> {
    (chapter.play)(world);
    say_a_word_each(world, chapter.name);
    picture::of(world)
}

fn difference(expected: &str, found: &str) -> String {
    let mut text = String::new();
    let (mut old, mut new): (Vec<&str>, Vec<&str>) =
        (expected.lines().collect(), found.lines().collect());
    let head = old.first().copied().unwrap_or_default().to_owned();
    while old.first() == new.first() && !old.is_empty() {
        old.remove(0);
        new.remove(0);
    }
    while old.last() == new.last() && !old.is_empty() {
        old.pop();
        new.pop();
    }
    text += &format!("{head}\n");
    for line in old {
        text += &format!("  - {line}\n");
    }
    for line in new {
        text += &format!("  + {line}\n");
    }
    text
}
