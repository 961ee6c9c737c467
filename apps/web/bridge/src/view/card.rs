//! The data card: what there is to know about a person, each field with a day of its own.

use serde::{Deserialize, Serialize};

/// Fields about one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataCard {
    /// In the order they are shown.
    pub fields: Vec<CardField>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardField {
    /// What it is.
    pub kind: FieldKind,
    /// What a field of kind [`FieldKind::Other`] is called.
    pub label: String,
    /// What it says; empty once it has expired.
    pub value: String,
    /// The value goes when this day begins, counted since 1970 in UTC; 0: with the message.
    pub expires_day: u32,
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    /// What the person is called.
    Name,
    /// When they were born.
    BirthDate,
    /// Where they live.
    Address,
    /// How to call them.
    Phone,
    /// Anything else, under its label.
    Other,
}
