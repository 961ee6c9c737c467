//! Data cards, both ways.

use siegel_proto::card::{CardField as CoreField, DataCard as CoreCard, FieldKind as CoreKind};
use siegel_web_bridge::Trouble;
use siegel_web_bridge::view::{CardField, DataCard, FieldKind};

/// The card as the page shows it.
pub fn view(card: &CoreCard) -> DataCard {
    let fields = card.fields.iter().map(|field| CardField {
        kind: match field.kind {
            CoreKind::Name => FieldKind::Name,
            CoreKind::BirthDate => FieldKind::BirthDate,
            CoreKind::Address => FieldKind::Address,
            CoreKind::Phone => FieldKind::Phone,
            CoreKind::Other | CoreKind::Unspecified => FieldKind::Other,
        },
        label: field.label.clone(),
        value: field.value.clone(),
        expires_day: field.expires_day,
    });
    DataCard {
        fields: fields.collect(),
    }
}

/// The card as it is sent: what has no value is not on it.
pub fn filled_in(card: DataCard) -> Result<CoreCard, Trouble> {
    let fields: Vec<CoreField> = card
        .fields
        .into_iter()
        .map(|field| CoreField {
            kind: match field.kind {
                FieldKind::Name => CoreKind::Name,
                FieldKind::BirthDate => CoreKind::BirthDate,
                FieldKind::Address => CoreKind::Address,
                FieldKind::Phone => CoreKind::Phone,
                FieldKind::Other => CoreKind::Other,
            },
            label: field.label.trim().to_owned(),
            value: field.value.trim().to_owned(),
            expires_day: field.expires_day,
        })
        .filter(|field| !field.value.is_empty())
        .collect();
    if fields.is_empty() {
        return Err(Trouble::Empty);
    }
    Ok(CoreCard { fields })
}
