//! Records and answers in a module's memory. Every address is the module's own claim.

use std::cell::RefCell;

use redress_abi::{AnswerError, EncodeError, Layout, Names, View, unpack};
use redress_model::fault::BudgetKind;
use redress_model::{Facts, Fault};

thread_local! {
    /// The bytes of the last record written on this thread, kept for their room.
    static RECORD: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// The codes that modules named on this thread, whichever they are.
    static NAMES: RefCell<Names> = RefCell::default();
}

/// What a function answered, read.
pub(super) fn read<T>(
    bytes: &[u8],
    decode: impl FnOnce(&[u8], &mut Names) -> Result<T, AnswerError>,
) -> Result<T, Fault> {
    NAMES
        .with_borrow_mut(|names| decode(bytes, names))
        .map_err(|error| bad(error.to_string()))
}

/// Encodes the record of a view and lends it.
pub(super) fn with_record<T>(
    layout: &Layout,
    facts: &Facts,
    view: View<'_>,
    write: impl FnOnce(&[u8]) -> Result<T, Fault>,
) -> Result<T, Fault> {
    RECORD.with_borrow_mut(|record| {
        layout.encode(facts, view, record).map_err(not_encoded)?;
        write(record)
    })
}

fn not_encoded(error: EncodeError) -> Fault {
    Fault::Host {
        message: error.to_string(),
    }
}

/// The place that `alloc` gave for a record of `length` bytes.
pub(super) fn place(
    memory: &mut [u8],
    address: i32,
    length: usize,
) -> Result<(&mut [u8], i32), Fault> {
    let at = usize::try_from(address.cast_unsigned()).unwrap_or(usize::MAX);
    if at == 0 {
        let limit = number(memory.len());
        return Err(Fault::BudgetExceeded {
            budget: BudgetKind::Memory,
            limit,
            used: limit.saturating_add(number(length)),
        });
    }
    if !at.is_multiple_of(8) {
        return Err(bad(format!(
            "`alloc` gave address {at}, which is not a multiple of 8"
        )));
    }
    let size = memory.len();
    let place = at
        .checked_add(length)
        .and_then(|end| memory.get_mut(at..end));
    match place {
        Some(place) => Ok((place, address)),
        None => Err(bad(format!(
            "`alloc` gave address {at} for {length} bytes, outside a memory of {size} bytes"
        ))),
    }
}

/// The answer that a function returned the place of, within what is left of its budget.
pub(super) fn answer<'m>(
    memory: &'m [u8],
    packed: i64,
    function: &str,
    limit: u64,
    used_before: u64,
) -> Result<&'m [u8], Fault> {
    let (address, length) = unpack(packed);
    let at = usize::try_from(address).unwrap_or(usize::MAX);
    let size = usize::try_from(length).unwrap_or(usize::MAX);
    let answer = at.checked_add(size).and_then(|end| memory.get(at..end));
    let Some(answer) = answer else {
        return Err(bad(format!(
            "`{function}` returned {size} bytes at address {at}, outside a memory of {} bytes",
            memory.len()
        )));
    };
    let used = used_before.saturating_add(u64::from(length));
    if used > limit {
        return Err(Fault::BudgetExceeded {
            budget: BudgetKind::Output,
            limit,
            used,
        });
    }
    Ok(answer)
}

pub(super) const fn bad(message: String) -> Fault {
    Fault::BadAnswer { message }
}

pub(super) fn number(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}
