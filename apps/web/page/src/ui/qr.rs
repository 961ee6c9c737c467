//! A QR code as one path.

use qrcode::{Color, EcLevel, QrCode};
use tachys::prelude::*;
use tachys::{html::element as el, svg};

/// White cells around the code that readers need.
const QUIET: usize = 4;

/// Draws a text; `None` if it is too long for a code.
pub(crate) fn qr(text: &str, label: impl Into<String>) -> Option<AnyView> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (place, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (place % width + QUIET, place / width + QUIET);
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    let side = width + 2 * QUIET;
    let drawing = svg::svg()
        .attr("viewBox", format!("0 0 {side} {side}"))
        .attr("role", "img")
        .attr("aria-label", label.into())
        .attr("shape-rendering", "crispEdges")
        .child(svg::path().attr("d", path));
    Some(el::div().class("qr").child(drawing).into_any())
}
