//! QR codes in the terminal: two modules per character, with the quiet zone scanners need.

use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};

/// Modules of white around the code (ISO/IEC 18004).
const QUIET: usize = 4;

/// The text does not fit in a QR code.
#[derive(Debug, thiserror::Error)]
#[error("too long for a QR code")]
pub struct TooLong;

/// Whether colours may be set around the characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Black on white, whatever the terminal's own colours are.
    Terminal,
    /// Characters alone, dark ones for dark modules: for a file or a light page.
    Plain,
}

/// Draws the text as lines that end with a line break each.
pub fn draw(text: &str, paint: Paint) -> Result<String, TooLong> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| TooLong)?;
    let width = code.width();
    let colours = code.into_colors();
    let dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < width);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => colours.get(y * width + x) == Some(&Color::Dark),
            _ => false,
        }
    };
    let side = width + 2 * QUIET;
    let mut drawing = String::new();
    for y in (0..side).step_by(2) {
        let (before, after) = match paint {
            Paint::Terminal => ("\u{1b}[38;5;16;48;5;231m", "\u{1b}[0m"),
            Paint::Plain => ("", ""),
        };
        drawing.push_str(before);
        drawing.extend((0..side).map(|x| match (dark(x, y), dark(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        drawing.push_str(after);
        drawing.push('\n');
    }
    Ok(drawing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_is_the_code_with_its_quiet_zone() {
        let text = "https://siegel.example/#guest.abc";
        let drawing = draw(text, Paint::Plain).unwrap();
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let width = code.width();
        let lines: Vec<Vec<char>> = drawing.lines().map(|line| line.chars().collect()).collect();
        assert!(lines.iter().all(|line| line.len() == width + 2 * QUIET));
        for y in 0..width {
            for x in 0..width {
                let c = lines[(y + QUIET) / 2][x + QUIET];
                let dark = if (y + QUIET).is_multiple_of(2) {
                    "█▀"
                } else {
                    "█▄"
                }
                .contains(c);
                assert_eq!(dark, code[(x, y)] == Color::Dark, "at {x}, {y}");
            }
        }
        assert!(lines[..2].iter().flatten().all(|c| *c == ' '));
    }

    #[test]
    fn too_much_text_is_an_error() {
        assert!(draw(&"x".repeat(5000), Paint::Plain).is_err());
    }
}
