//! What a message says, read by the `.proto` sources and by none of our own decoders.

use std::collections::BTreeSet;

use prost_reflect::{
    DescriptorPool, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor,
    ReflectMessage as _, Value,
};
use serde_json::json;

/// Longer fields are shown by their beginning and length.
const SHOWN_BYTES: usize = 64;
const PACKAGE: &str = "siegel.v1.";

/// The compiled `.proto` sources.
pub struct Descriptors(DescriptorPool);

impl Default for Descriptors {
    fn default() -> Self {
        Self(DescriptorPool::decode(siegel_proto::DESCRIPTORS).expect("our own sources"))
    }
}

impl Descriptors {
    /// Reads bytes as a message of this name.
    ///
    /// # Errors
    /// They are none, or hold a field the sources do not know.
    pub fn read(&self, message: &str, bytes: &[u8]) -> Result<DynamicMessage, String> {
        let name = format!("{PACKAGE}{message}");
        let descriptor = self.0.get_message_by_name(&name);
        let descriptor = descriptor.ok_or_else(|| format!("{message}: not in the sources"))?;
        let read = DynamicMessage::decode(descriptor, bytes)
            .map_err(|error| format!("{message}: {error}"))?;
        if read.unknown_fields().next().is_some() {
            return Err(format!("{message}: holds an unknown field"));
        }
        Ok(read)
    }

    /// The numbers of an enumeration that mean something.
    pub fn numbers(&self, name: &str) -> Vec<i32> {
        let values = self.0.get_enum_by_name(&format!("{PACKAGE}{name}"));
        let values = values.expect("an enumeration of the sources");
        let numbers = values.values().map(|value| value.number());
        numbers.filter(|number| *number != 0).collect()
    }

    /// Every message, field and value there is: `Append`, `Append.epoch`, `EntryKind.VOID`.
    pub fn everything(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for message in self.0.all_messages() {
            names.insert(message_name(&message));
            names.extend(message.fields().map(|field| field_name(&field)));
        }
        for values in self.0.all_enums() {
            let meant = values.values().filter(|value| value.number() != 0);
            names.extend(meant.map(|value| value_name(&values, value.number())));
        }
        names
    }
}

/// What a message says, as JSON.
pub fn meaning(message: &DynamicMessage) -> serde_json::Value {
    let fields = message.fields();
    let fields = fields.map(|(field, value)| (field.name().to_owned(), told(&field, value)));
    serde_json::Value::Object(fields.collect())
}

/// The names, out of [`Descriptors::everything`], that a message makes use of.
pub fn uses(message: &DynamicMessage, names: &mut BTreeSet<String>) {
    names.insert(message_name(&message.descriptor()));
    for (field, value) in message.fields() {
        names.insert(field_name(&field));
        each(value, &mut |value| match (value, field.kind()) {
            (Value::Message(inner), _) => uses(inner, names),
            (Value::EnumNumber(number), Kind::Enum(values)) => {
                names.insert(value_name(&values, *number));
            }
            _ => {}
        });
    }
}

fn each(value: &Value, visit: &mut impl FnMut(&Value)) {
    match value {
        Value::List(items) => items.iter().for_each(visit),
        single => visit(single),
    }
}

fn told(field: &FieldDescriptor, value: &Value) -> serde_json::Value {
    match (value, field.kind()) {
        (Value::List(items), _) => items.iter().map(|item| told(field, item)).collect(),
        (Value::Message(inner), _) => meaning(inner),
        (Value::EnumNumber(number), Kind::Enum(values)) => json!(value_name(&values, *number)),
        (Value::Bytes(bytes), _) if bytes.len() > SHOWN_BYTES => {
            json!(format!(
                "{}… ({} bytes)",
                super::hex(&bytes[..16]),
                bytes.len()
            ))
        }
        (Value::Bytes(bytes), _) => json!(super::hex(bytes)),
        (Value::String(text), _) => json!(text),
        (Value::Bool(value), _) => json!(value),
        (Value::U32(value), _) => json!(value),
        (Value::U64(value), _) => json!(value),
        (Value::I64(value), _) => json!(value),
        (other, _) => json!(format!("{other:?}")),
    }
}

fn message_name(message: &MessageDescriptor) -> String {
    message.full_name().trim_start_matches(PACKAGE).to_owned()
}

fn field_name(field: &FieldDescriptor) -> String {
    field.full_name().trim_start_matches(PACKAGE).to_owned()
}

fn value_name(values: &EnumDescriptor, number: i32) -> String {
    let value = values.get_value(number);
    let name = value.map_or_else(|| number.to_string(), |value| value.name().to_owned());
    format!("{}.{name}", values.name())
}
