//! How much a first visit fetches.

use crate::assets::Assets;

/// Bytes of a first load over the wire that a cheap phone on a slow line can bear.
const BUDGET: usize = 1_000_000;

/// Every file with its size, and the sum against the budget.
pub fn report(assets: &Assets) -> String {
    let mut lines: Vec<String> = assets
        .files()
        .map(|(path, file)| {
            let (wire, plain) = (file.wire(), file.plain.len());
            format!("{wire:>10} of {plain:>10}  {path}")
        })
        .collect();
    let sum: usize = assets.files().map(|(_, file)| file.wire()).sum();
    let verdict = if sum <= BUDGET { "within" } else { "BEYOND" };
    lines.push(format!(
        "{sum:>10} bytes with brotli, {verdict} the budget of {BUDGET}"
    ));
    lines.join("\n")
}
