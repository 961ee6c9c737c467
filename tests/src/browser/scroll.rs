//! How smoothly a page scrolls: frame by frame, as somebody with a wheel does it.

use serde_json::Value;

use super::Browser;

/// What scrolling through a list was like.
#[derive(Debug)]
pub struct Scroll {
    /// Milliseconds from each frame to the next, the shortest first.
    pub frames: Vec<f64>,
    /// The most rows that were in the document at once.
    pub most_rows: u64,
    /// Frames in which the list stood still although there was more.
    pub stalled: u64,
}

impl Scroll {
    /// The duration that so many in a hundred frames do not exceed.
    pub fn percentile(&self, percent: usize) -> f64 {
        let place = (self.frames.len() * percent / 100).min(self.frames.len() - 1);
        self.frames[place]
    }
}

impl Browser {
    /// Scrolls a list up by so many pixels in every frame, for so many frames or until its
    /// beginning.
    pub async fn scrolls_up(&self, list: &str, row: &str, pixels: u32, frames: u32) -> Scroll {
        let script = format!(
            "const list = document.querySelector('{list}');
             const scroll = window.scroll_seen = {{ frames: [], rows: 0, stalled: 0, over: false }};
             let before, left = {frames};
             const frame = (now) => {{
               if (before !== undefined) scroll.frames.push(now - before);
               before = now;
               scroll.rows = Math.max(scroll.rows, list.querySelectorAll('{row}').length);
               const place = list.scrollTop;
               list.scrollTop = place - {pixels};
               if (list.scrollTop === place) scroll.stalled += 1;
               left -= 1;
               if (left > 0) requestAnimationFrame(frame); else scroll.over = true;
             }};
             requestAnimationFrame(frame);"
        );
        self.does(&script).await;
        let mut passed = 0;
        let seen = loop {
            let seen = self
                .until("the list scrolls on", async || {
                    let seen = self.run("return window.scroll_seen").await;
                    let moved = seen["frames"].as_array()?.len() > passed;
                    (moved || seen["over"] == true).then_some(seen)
                })
                .await;
            if seen["over"] == true {
                break seen;
            }
            passed = seen["frames"].as_array().map_or(0, Vec::len);
        };
        let frames = seen["frames"].as_array().cloned().unwrap_or_default();
        let mut frames: Vec<f64> = frames.iter().filter_map(Value::as_f64).collect();
        frames.sort_by(f64::total_cmp);
        Scroll {
            frames,
            most_rows: seen["rows"].as_u64().unwrap_or(0),
            stalled: seen["stalled"].as_u64().unwrap_or(0),
        }
    }
}
