//! `table("name", [inputs])`: a row of a decision table of the release.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use redress_model::Value;
use redress_model::code::nearest;
use redress_model::table::{Table, Tables};
use rhai::{Array, Dynamic, Engine, ImmutableString, NativeCallContext};
use smol_str::SmolStr;

use super::probe::Noted;
use super::state::{Raised, RunState, failed};
use super::trace::{TracedStep, words};
use super::value::{read, show, type_in_words};

/// The answer of a lookup: the outputs of a row by the table's number.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowView {
    table: usize,
    row: usize,
}

impl RowView {
    /// The outputs as an author reads them: `amount 250.00 EUR, percent 25`.
    pub(super) fn words(self, tables: &Tables) -> String {
        let table = tables.iter().nth(self.table);
        let row = table.and_then(|table| table.rows().get(self.row));
        let Some((table, row)) = table.zip(row) else {
            return String::new();
        };
        let cells = table.outputs().iter().zip(&row.outputs);
        let cells = cells.map(|(column, value)| format!("{} {}", column.name, words(&show(value))));
        cells.collect::<Vec<_>>().join(", ")
    }
}

/// Registers `table` and a getter for every output column.
pub(super) fn register(engine: &mut Engine, state: &Rc<RunState>, tables: &Arc<Tables>) {
    engine.register_type_with_name::<RowView>("row of a table");
    let (on, all) = (Rc::clone(state), Arc::clone(tables));
    // One list for all lookups, so that none allocates.
    let given = RefCell::new(Vec::new());
    let lookup = move |context: NativeCallContext, name: &str, inputs: Array| {
        on.charge_steps(inputs.len())?;
        let mut given = given.borrow_mut();
        given.clear();
        for input in &inputs {
            let Some(value) = read(input) else {
                return Err(failed(format!(
                    "a table cannot look up {}",
                    type_in_words(context.engine(), input),
                )));
            };
            given.push(value);
        }
        let found = find(&all, name, &given)?;
        on.trace(&context, || TracedStep::Row {
            table: name.into(),
            inputs: inputs.iter().map(words).collect(),
            row: found.words(&all),
        });
        on.note(|| Noted::Row {
            table: found.table,
            row: found.row,
        });
        Ok(found)
    };
    engine.register_fn("table", lookup);
    let mut columns: Vec<&SmolStr> = tables
        .iter()
        .flat_map(|table| table.outputs().iter().map(|column| &column.name))
        .collect();
    columns.sort_unstable();
    columns.dedup();
    for name in columns {
        register_column(engine, tables, name);
    }
    engine.register_indexer_get(|_: &mut RowView, name: ImmutableString| {
        Err::<Dynamic, _>(failed(format!("the table has no output column `{name}`")))
    });
}

fn find(tables: &Tables, name: &str, inputs: &[Value]) -> Result<RowView, Raised> {
    let Some((number, table)) = tables
        .iter()
        .enumerate()
        .find(|(_, table)| table.name() == name)
    else {
        return Err(failed(no_table(tables, name)));
    };
    let found = table
        .find(inputs)
        .map_err(|error| failed(error.to_string()))?;
    // INVARIANT: `find` answers with one of the table's own rows.
    let row = table.rows().iter().position(|row| std::ptr::eq(row, found));
    Ok(RowView {
        table: number,
        row: row.unwrap_or(usize::MAX),
    })
}

/// That no table has this name, and which one was meant.
pub(super) fn no_table(tables: &Tables, name: &str) -> String {
    let names = tables.iter().map(|table| table.name().as_str());
    match nearest(name, names) {
        Some(near) => format!("there is no table `{name}`; did you mean `{near}`?"),
        None => format!("there is no table `{name}`"),
    }
}

/// A getter for one output column, over the tables that have it. Its cells are made once
/// for each thread, so that a text is shared and not made anew at every read.
fn register_column(engine: &mut Engine, tables: &Tables, name: &SmolStr) {
    let cells = |table: &Table| {
        let place = table.output_index(name)?;
        let rows = table.rows().iter();
        rows.map(|row| row.outputs.get(place).map(show))
            .collect::<Option<Box<[Dynamic]>>>()
    };
    let columns: Vec<Option<Box<[Dynamic]>>> = tables.iter().map(cells).collect();
    let missing = format!("the table has no output column `{name}`");
    engine.register_get(name, move |found: &mut RowView| {
        let column = columns.get(found.table).and_then(Option::as_ref);
        let cell = column.and_then(|cells| cells.get(found.row));
        cell.cloned().ok_or_else(|| failed(missing.as_str()))
    });
}
