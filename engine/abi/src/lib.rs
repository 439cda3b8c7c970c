//! Guest ABI v1: the bytes between the host and a policy compiled to WASM.
//!
//! This page is a public contract. A policy in any language that compiles to a
//! core module can be written against it; version 1 never changes.
//!
//! # The module
//!
//! A guest is a core WebAssembly module without imports, without floating point
//! and without a start function, which exports:
//!
//! | export | type | what it does |
//! | --- | --- | --- |
//! | `memory` | memory, minimum = maximum | the only memory |
//! | `abi_version` | `() -> i32` | returns [`ABI_VERSION`], that is 1 |
//! | `alloc` | `(i32) -> i32` | reserves so many bytes, 8-byte aligned, and returns their address; 0 if there is no room |
//! | `remedy` | `(i32, i32) -> i64` | address and length of a record; returns where its answer lies |
//! | `route` | `(i32, i32) -> i64` | the same for the route |
//!
//! For each case the host makes a fresh instance, writes the record of the view
//! [`View::Remedy`] to the address that `alloc` gave, calls `remedy`, then does
//! the same with [`View::Route`] and `route`.
//! The result packs the answer's address and length: `address << 32 | length`,
//! both unsigned 32-bit numbers ([`pack`], [`unpack`]).
//!
//! Custom sections say what the module was built for:
//!
//! | section | bytes | required |
//! | --- | --- | --- |
//! | `redress.schema` | the 32 bytes of the schema's digest | always |
//! | `redress.tables` | the 32 bytes of the digest of the tables baked in | when the release has tables |
//! | `redress.rounding` | the name of the rounding built in, in ASCII: `half_up` | never; checked when there |
//!
//! # The record: from host to guest
//!
//! Every number is little-endian. Offsets are in bytes from the start of the
//! record, whose address is a multiple of 8.
//!
//! | offset | size | what |
//! | --- | --- | --- |
//! | 0 | u32 | layout version, 1 |
//! | 4 | u32 | length of the whole record |
//! | 8 | u32 | number of slots, *n* |
//! | 12 | u32 | 0 |
//! | 16 | i64 | warning counter `repeats`; 0 for `remedy` |
//! | 24 | i64 | warning counter `like_cases`; 0 for `remedy` |
//! | 32 | i64 | warning counter `burst`; 0 for `remedy` |
//! | 40 | ⌈*n*/64⌉ × 8 | bitmap: bit *s* mod 8 of byte 40 + *s*/8 is 1 when the fact in slot *s* is known |
//! | then | 8 or 16 each | one field for each slot, in slot order |
//! | then | | variable data: cells of lists, bytes of texts |
//!
//! Slots number the facts of the schema in the order of their full names
//! (`reroute.delay_minutes`). The field of an unknown fact, and of a fact whose
//! class the function may not see, is zero and its bit is 0: `remedy` sees
//! merit and gate facts, `route` also sees route facts.
//!
//! | type | size | field |
//! | --- | --- | --- |
//! | boolean | 8 | i64, 0 or 1 |
//! | integer | 8 | i64 |
//! | enum | 8 | i64, the place of the value in the schema's list, from 0 |
//! | date | 8 | i64, days since 1970-01-01 |
//! | date-time | 8 | i64, seconds since 1970-01-01T00:00:00Z |
//! | money | 16 | i64 minor units, three bytes of the ISO 4217 code, five bytes 0 |
//! | text | 8 | u32 offset, u32 length in bytes; UTF-8, no terminator |
//! | list | 8 | u32 offset of the first cell (a multiple of 8), u32 number of cells; a cell is a field of the item's type |
//!
//! An empty text or list has an offset within or at the end of the record.
//!
//! # The answer: from guest to host
//!
//! Bytes without alignment, one after the other, nothing before or after them.
//! There is exactly one way to write an answer.
//!
//! | name | bytes |
//! | --- | --- |
//! | *text* | u8 length, then so many bytes of UTF-8 |
//! | *code* | a text of 1 to 64 characters out of `a-z 0-9 _ . -` |
//! | *code?* | a code, or the single byte 0 for none |
//! | *money* | i64 minor units, three bytes of the ISO 4217 code |
//! | *arg* | u8 tag: 1 then i64 (a number), 2 then money, 3 then i32 (a date, days since 1970-01-01), 4 then text (at most 64 bytes) |
//! | *reason* | code, u8 number of args (at most 16), args |
//! | *reasons* | u8 number (at most 16), reasons |
//! | *remedy* | code of its kind; amount: u8 1 then money, or u8 2 then code of the unit and i64 count; basis: u8 1 then code (statutory), u8 2 then code (contractual), u8 3 (goodwill); reasons |
//!
//! An answer of `remedy` starts with u8 layout version 1 and u8 verdict:
//!
//! | verdict | then |
//! | --- | --- |
//! | 1 grant | code? of the tier, u8 number of remedies (at most 64; the kernel pays no more than eight), remedies |
//! | 2 refuse | reasons, at least one |
//! | 3 hold | reason |
//! | 4 unknown fact | u16 slot of the fact that was read and is unknown |
//!
//! An answer of `route` starts with u8 layout version 1 and then is one of
//!
//! | tag | then |
//! | --- | --- |
//! | 4 unknown fact | u16 slot |
//! | 5 route | code? of the queue; u8 priority, 1 to 9 or 0 for none; deadline; u8 number of obligations (at most 64), codes |
//!
//! | deadline | bytes |
//! | --- | --- |
//! | none | u8 0 |
//! | a span | u8 unit: 1 minutes, 2 hours, 3 calendar days, 4 working days; u32 count, at most 10,000; u8 start: 1 the decision, 2 then u16 slot of a date or date-time fact, 3 then i32 days since 1970-01-01 |
//!
//! A slot in an answer must be one that the function may see.

mod answer;
pub mod bindings;
mod layout;
pub mod report;

pub use self::answer::{
    ARGS_MAX, AnswerError, Names, OBLIGATIONS_MAX, REASONS_MAX, REMEDIES_MAX, RemedyAnswer,
    RouteAnswer, TEXT_BYTES_MAX,
};
pub use self::layout::{EncodeError, Layout, View};

/// The version of the guest ABI that this crate speaks, returned by `abi_version`.
pub const ABI_VERSION: i32 = 1;

/// The custom section that holds the digest of the schema.
pub const SCHEMA_SECTION: &str = "redress.schema";
/// The custom section that holds the digest of the tables.
pub const TABLES_SECTION: &str = "redress.tables";
/// The custom section that names the rounding.
pub const ROUNDING_SECTION: &str = "redress.rounding";

/// What `remedy` and `route` return for an answer at an address: `address << 32 | length`.
#[must_use]
pub const fn pack(address: u32, length: u32) -> i64 {
    let [a, b, c, d] = address.to_le_bytes();
    let [e, f, g, h] = length.to_le_bytes();
    i64::from_le_bytes([e, f, g, h, a, b, c, d])
}

/// Address and length of an answer from what `remedy` or `route` returned.
#[must_use]
pub const fn unpack(packed: i64) -> (u32, u32) {
    let [e, f, g, h, a, b, c, d] = packed.to_le_bytes();
    (
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_and_length_travel_in_one_number() {
        assert_eq!(pack(1, 2), 0x1_0000_0002);
        for (address, length) in [(0, 0), (u32::MAX, 1), (0x8000_0000, u32::MAX)] {
            assert_eq!(unpack(pack(address, length)), (address, length));
        }
        assert_eq!(unpack(-1), (u32::MAX, u32::MAX));
    }
}
