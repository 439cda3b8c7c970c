//! The digest of everything that a ledger holds: equal histories give equal digests,
//! whichever store keeps them.

use redress_model::Digest;

use crate::cell::{Cell, Field as _};
use crate::rows::{CheckpointRow, HeadRow, Meta, TABLES};
use crate::store::{Scan, Store, StoreError};
use crate::table::Record as _;

/// The digest over every row of every table, in order of tables and keys. The epoch of the
/// writer is left out, since it counts openings and not history, and so is what was signed,
/// since a checkpoint may be signed at any time.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub fn digest(store: &dyn Store) -> Result<Digest, StoreError> {
    let mut out = Vec::new();
    store.read(&mut |tables| {
        out.clear();
        for table in TABLES {
            if table.name == CheckpointRow::TABLE.name {
                continue;
            }
            let rows = tables.scan(&Scan::new(table, table.key, Vec::new()))?;
            write(&mut out, &Cell::Text(table.name.into()));
            for mut row in rows {
                let beside: &[&str] = if table.name == Meta::TABLE.name {
                    &["epoch"]
                } else if table.name == HeadRow::TABLE.name {
                    &["signed_size", "signed_at"]
                } else {
                    &[]
                };
                for column in beside {
                    if let Some(place) = table.place_of(column)
                        && let Some(cell) = row.get_mut(place)
                    {
                        *cell = 0_i64.to_cell();
                    }
                }
                row.iter().for_each(|cell| write(&mut out, cell));
            }
        }
        Ok(())
    })?;
    Ok(Digest::of(&out))
}

fn write(out: &mut Vec<u8>, cell: &Cell) {
    let (tag, bytes) = match cell {
        Cell::Null => (0, Vec::new()),
        Cell::Int(number) => (1, number.to_le_bytes().to_vec()),
        Cell::Text(text) => (2, text.as_bytes().to_vec()),
        Cell::Bytes(bytes) => (3, bytes.clone()),
    };
    out.push(tag);
    out.extend(bytes.len().to_le_bytes());
    out.extend(bytes);
}
