//! Writes canonical JSON in one pass: no tree of values is made on the way.
//!
//! # Why not through `serde_json::Value`
//! It was most of what a bid's record and receipt cost: each key and text copied, each object a
//! tree. Here a value is written where it belongs; only the members of an object that do not come
//! in their order are moved, once, at its end.

#[cfg(test)]
mod tests;

use serde::ser::{
    self, Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct,
    SerializeStructVariant, SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};
use serde_json::{Error, Value};
use std::fmt::Write as _;
use std::ops::Range;

/// The canonical JSON of a value whose numbers are integers.
///
/// # Errors
/// When the value can't be JSON, or contains a float.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut text = String::new();
    value.serialize(Writer(&mut text))?;
    Ok(text)
}

/// Appends one value.
struct Writer<'a>(&'a mut String);

/// Appends the items of an array.
struct Items<'a> {
    text: &'a mut String,
    is_first: bool,
    /// What closes it; a variant's array stands in an object.
    end: &'static str,
}

/// Appends the members of an object, and brings them into their order at its end.
struct Members<'a> {
    text: &'a mut String,
    /// Where the first member begins.
    start: usize,
    /// The key of each, in JSON and as it is compared, and where it stands.
    members: Vec<(Key, Range<usize>)>,
    is_sorted: bool,
    /// The key whose value is still to come, and where it begins.
    next: Option<(Key, usize)>,
    end: &'static str,
}

/// A key, unescaped.
enum Key {
    Field(&'static str),
    Text(String),
}

impl Key {
    fn text(&self) -> &str {
        match self {
            Self::Field(text) => text,
            Self::Text(text) => text,
        }
    }
}

/// Most texts are names and numbers, which need no escaping.
fn write_text(string: &str, text: &mut String) {
    let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\' && byte != 0x7f;
    if string.bytes().all(plain) {
        text.push('"');
        text.push_str(string);
        text.push('"');
    } else {
        text.push_str(&Value::from(string).to_string());
    }
}

fn float() -> Error {
    Error::custom("a float can't be signed")
}

macro_rules! integers {
    ($($method:ident: $kind:ty),*) => {$(
        fn $method(self, value: $kind) -> Result<(), Error> {
            // Writing to a string can't fail.
            let _ = write!(self.0, "{value}");
            Ok(())
        }
    )*};
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Members<'a>;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_i128: i128, serialize_u128: u128
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.0.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Error> {
        Err(float())
    }

    fn serialize_f64(self, _: f64) -> Result<(), Error> {
        Err(float())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        write_text(value, self.0);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        open_variant(self.0, variant);
        value.serialize(Writer(&mut *self.0))?;
        self.0.push('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Error> {
        Ok(Items::open(self.0, "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, Error> {
        Ok(Items::open(self.0, "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Error> {
        Ok(Items::open(self.0, "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items<'a>, Error> {
        open_variant(self.0, variant);
        Ok(Items::open(self.0, "]}"))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Members<'a>, Error> {
        Ok(Members::open(self.0, length.unwrap_or_default(), "}"))
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Members<'a>, Error> {
        Ok(Members::open(self.0, length, "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Members<'a>, Error> {
        open_variant(self.0, variant);
        Ok(Members::open(self.0, length, "}}"))
    }
}

/// A variant with content is an object of one member, its name.
fn open_variant(text: &mut String, variant: &'static str) {
    text.push('{');
    write_text(variant, text);
    text.push(':');
}

impl<'a> Items<'a> {
    fn open(text: &'a mut String, end: &'static str) -> Self {
        text.push('[');
        Self { text, is_first: true, end }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if !std::mem::take(&mut self.is_first) {
            self.text.push(',');
        }
        value.serialize(Writer(&mut *self.text))
    }

    fn close(self) -> Result<(), Error> {
        self.text.push_str(self.end);
        Ok(())
    }
}

macro_rules! items {
    ($($kind:ident: $method:ident),*) => {$(
        impl $kind for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )*};
}

items! {
    SerializeSeq: serialize_element, SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field, SerializeTupleVariant: serialize_field
}

impl<'a> Members<'a> {
    fn open(text: &'a mut String, length: usize, end: &'static str) -> Self {
        text.push('{');
        let (start, members) = (text.len(), Vec::with_capacity(length));
        Self { text, start, members, is_sorted: true, next: None, end }
    }

    fn begin(&mut self, key: Key) {
        let at = self.text.len();
        write_text(key.text(), self.text);
        self.text.push(':');
        self.next = Some((key, at));
    }

    fn finish<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Writer(&mut *self.text))?;
        let (key, at) = self.next.take().ok_or_else(|| Error::custom("a value without a key"))?;
        let end = self.text.len();
        self.text.push(',');
        self.is_sorted &= self.members.last().is_none_or(|(last, _)| last.text() < key.text());
        self.members.push((key, at..end));
        Ok(())
    }

    fn close(mut self) -> Result<(), Error> {
        if !self.is_sorted {
            self.sort();
        }
        if !self.members.is_empty() {
            // The last member's comma.
            self.text.pop();
        }
        self.text.push_str(self.end);
        Ok(())
    }

    /// Of several members with one key the last counts.
    fn sort(&mut self) {
        self.members.sort_by(|(one, _), (other, _)| one.text().cmp(other.text()));
        let unsorted = self.text.split_off(self.start);
        for (place, (key, range)) in self.members.iter().enumerate() {
            let next = self.members.get(place + 1);
            if next.is_none_or(|(next, _)| next.text() != key.text()) {
                self.text.push_str(&unsorted[range.start - self.start..range.end - self.start]);
                self.text.push(',');
            }
        }
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.begin(Key::Text(key_text(key)?));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.finish(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

macro_rules! fields {
    ($($kind:ident),*) => {$(
        impl $kind for Members<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.begin(Key::Field(key));
                self.finish(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )*};
}

fields! { SerializeStruct, SerializeStructVariant }

/// The text of a map's key: a text, or an integer or a truth value in its own text.
fn key_text<T: Serialize + ?Sized>(key: &T) -> Result<String, Error> {
    let mut written = String::new();
    key.serialize(Writer(&mut written))?;
    match written.as_bytes() {
        [b'"', ..] if written.contains('\\') => serde_json::from_str(&written),
        [b'"', .., b'"'] => Ok(written[1..written.len() - 1].to_owned()),
        [b'-' | b'0'..=b'9', ..] | b"true" | b"false" => Ok(written),
        _ => Err(Error::custom("a key must be a text")),
    }
}
