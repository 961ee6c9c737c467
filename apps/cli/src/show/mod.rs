//! What people and scripts get to see.

pub mod language;
pub mod line;
pub mod output;
pub mod printable;
pub mod qr;
pub mod texts;
pub mod when;
