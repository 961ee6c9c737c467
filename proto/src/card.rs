//! The data card: what there is to know about a person, each field with a day of its own.

use crate::error::{OutOfBounds, Part};
use crate::{limits, wire};

pub use wire::FieldKind;

/// Fields about one person.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct DataCard {
    /// In the order they are shown.
    pub fields: Vec<CardField>,
}

/// One field.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct CardField {
    /// What it is.
    #[serde(with = "stored_kind")]
    pub kind: FieldKind,
    /// What a field of kind [`FieldKind::Other`] is called.
    pub label: String,
    /// What it says; empty once it has expired.
    pub value: String,
    /// The value goes when this day begins, counted since 1970 in UTC; 0: with the message.
    pub expires_day: u32,
}

impl DataCard {
    /// Whether every part is within its limit.
    ///
    /// # Errors
    /// [`OutOfBounds`] with too many fields, none, or one that is too long.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        if self.fields.is_empty() || self.fields.len() > limits::CARD_FIELDS {
            return Err(OutOfBounds(Part::Card));
        }
        let fits = |field: &CardField| {
            field.label.len() <= limits::NAME_BYTES && field.value.len() <= limits::CARD_VALUE_BYTES
        };
        if self.fields.iter().all(fits) {
            Ok(())
        } else {
            Err(OutOfBounds(Part::Card))
        }
    }

    /// Empties the fields whose day has come. Returns whether there were any.
    pub fn expire(&mut self, today: u32) -> bool {
        let mut gone = false;
        for field in &mut self.fields {
            if field.is_due(today) {
                field.value.clear();
                gone = true;
            }
        }
        gone
    }

    /// The next day on which a value goes.
    pub fn next_expiry(&self) -> Option<u32> {
        let days = self.fields.iter().filter(|field| !field.value.is_empty());
        days.map(|field| field.expires_day)
            .filter(|day| *day != 0)
            .min()
    }

    pub(crate) fn from_wire(wire: wire::DataCard) -> Self {
        let fields = wire.fields.into_iter();
        Self {
            fields: fields
                .map(|field| CardField {
                    // A kind of a later version is shown under its label.
                    kind: match field.kind() {
                        FieldKind::Unspecified => FieldKind::Other,
                        kind => kind,
                    },
                    label: field.label,
                    value: field.value,
                    expires_day: field.expires_day,
                })
                .collect(),
        }
    }

    pub(crate) fn to_wire(&self) -> wire::DataCard {
        let fields = self.fields.iter();
        wire::DataCard {
            fields: fields
                .map(|field| wire::data_card::Field {
                    kind: field.kind.into(),
                    label: field.label.clone(),
                    value: field.value.clone(),
                    expires_day: field.expires_day,
                })
                .collect(),
        }
    }
}

impl CardField {
    const fn is_due(&self, today: u32) -> bool {
        self.expires_day != 0 && self.expires_day <= today && !self.value.is_empty()
    }
}

mod stored_kind {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::FieldKind;

    pub(super) fn serialize<S: Serializer>(kind: &FieldKind, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i32((*kind).into())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<FieldKind, D::Error> {
        let number = i32::deserialize(d)?;
        FieldKind::try_from(number).map_err(|_| D::Error::custom("field kind"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(value: &str, expires_day: u32) -> CardField {
        CardField {
            kind: FieldKind::Name,
            label: String::new(),
            value: value.into(),
            expires_day,
        }
    }

    #[test]
    fn each_field_goes_on_its_own_day() {
        let mut card = DataCard {
            fields: vec![field("Kaya", 10), field("0176", 12), field("bleibt", 0)],
        };
        assert_eq!(card.next_expiry(), Some(10));
        assert!(!card.expire(9));
        assert!(card.expire(10));
        assert!(!card.expire(10), "nothing goes twice");
        let values: Vec<&str> = card.fields.iter().map(|f| f.value.as_str()).collect();
        assert_eq!(values, ["", "0176", "bleibt"]);
        assert_eq!(card.next_expiry(), Some(12));
        assert!(card.expire(400));
        assert_eq!(card.next_expiry(), None);
    }

    #[test]
    fn an_empty_card_and_one_without_end_are_refused() {
        assert!(DataCard::default().check().is_err());
        let fields = vec![field("x", 0); limits::CARD_FIELDS + 1];
        assert!(DataCard { fields }.check().is_err());
    }
}
