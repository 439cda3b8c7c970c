//! Objects and arrays of the record serializer.

use std::borrow::Cow;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::name::NameOnly;
use super::order;
use super::ser::{CanonicalError, Span, Writer};

/// Whether an object for a variant's name is still to be closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    No,
    Open,
}

pub(super) struct Members<'m, 'w> {
    pub(super) writer: &'m mut Writer<'w>,
    pub(super) base: usize,
    pub(super) start: usize,
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) variant: Variant,
}

impl Members<'_, '_> {
    fn member<T: Serialize + ?Sized>(
        &mut self,
        name: Cow<'static, str>,
        value: &T,
    ) -> Result<(), CanonicalError> {
        if self.writer.spans.len() > self.base {
            self.writer.out.push(b',');
        }
        let start = self.writer.out.len();
        self.writer.text(&name);
        self.writer.out.push(b':');
        let rules = self.writer.rules.and_then(|rules| rules.member(&name));
        self.writer.below(rules, value)?;
        let end = self.writer.out.len();
        self.writer.spans.push(Span { name, start, end });
        Ok(())
    }

    /// Puts the members in order.
    fn close(self) -> Result<(), CanonicalError> {
        let writer = self.writer;
        let spans = writer.spans.get_mut(self.base..).unwrap_or_default();
        let in_order = |left: &Span, right: &Span| order::utf16(&left.name, &right.name).is_lt();
        if !spans.is_sorted_by(in_order) {
            spans.sort_by(|left, right| order::utf16(&left.name, &right.name));
            let twice = spans.windows(2).find_map(|pair| match pair {
                [left, right] if left.name == right.name => Some(left.name.to_string()),
                _ => None,
            });
            if let Some(name) = twice {
                return Err(CanonicalError::Duplicate { name });
            }
            writer.scratch.clear();
            for (index, span) in spans.iter().enumerate() {
                if index > 0 {
                    writer.scratch.push(b',');
                }
                let member = writer.out.get(span.start..span.end);
                writer.scratch.extend(member.unwrap_or_default());
            }
            writer.out.truncate(self.start.saturating_add(1));
            writer.out.extend(&writer.scratch);
        }
        writer.out.push(b'}');
        if self.variant == Variant::Open {
            writer.out.push(b'}');
        }
        writer.spans.truncate(self.base);
        Ok(())
    }
}

pub(super) struct Items<'m, 'w> {
    pub(super) writer: &'m mut Writer<'w>,
    pub(super) empty: bool,
    pub(super) variant: Variant,
}

impl Items<'_, '_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
        if !std::mem::replace(&mut self.empty, false) {
            self.writer.out.push(b',');
        }
        let rules = self.writer.rules.and_then(|rules| rules.items.as_deref());
        self.writer.below(rules, value)
    }

    fn close(self) {
        self.writer.out.push(b']');
        if self.variant == Variant::Open {
            self.writer.out.push(b'}');
        }
    }
}

impl SerializeSeq for Items<'_, '_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Self::Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        self.close();
        Ok(())
    }
}

impl SerializeTuple for Items<'_, '_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Self::Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleStruct for Items<'_, '_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Self::Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleVariant for Items<'_, '_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Self::Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        SerializeSeq::end(self)
    }
}

impl SerializeMap for Members<'_, '_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Self::Error> {
        self.name = Some(Cow::Owned(key.serialize(NameOnly)?));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Self::Error> {
        let name = self.name.take().ok_or(CanonicalError::Name)?;
        self.member(name, value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        self.close()
    }
}

impl SerializeStruct for Members<'_, '_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        self.member(Cow::Borrowed(name), value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        self.close()
    }
}

impl SerializeStructVariant for Members<'_, '_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        self.member(Cow::Borrowed(name), value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        self.close()
    }
}
