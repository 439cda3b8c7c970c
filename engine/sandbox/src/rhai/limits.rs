//! Every setting of the Rhai engine, written out.
//!
//! Rhai's own defaults differ between debug and release builds (call depth 8 against
//! 64) and between versions, so none is left standing: the same policy gets the same
//! answer from every build.

use redress_model::{FactType, Schema};
use rhai::{Engine, OptimizationLevel};

use crate::Budget;

/// The longest source in bytes. Checked before parsing, because compile time grows
/// with the square of the source.
pub const SOURCE_BYTES_MAX: usize = 64 * 1024;
/// The deepest nesting of expressions and blocks, in functions and outside.
/// The stack of a thread with 2 MiB holds it at [`CALL_DEPTH_MAX`], in debug builds too.
pub const EXPR_DEPTH_MAX: usize = 48;
/// The deepest nesting of calls that a budget can ask for.
pub const CALL_DEPTH_MAX: u32 = 32;
/// The most functions, closures included, that one source may define.
pub const FUNCTIONS_MAX: usize = 256;
/// The most variables, parameters included, that one function may hold at once, and the
/// most constants of one source.
pub const VARIABLES_MAX: usize = 64;
/// The most arguments of one call: arguments are held until the call, so that without
/// this bound one call could hold thousands of copies of a list.
pub const CALL_ARGS_MAX: usize = 8;
/// The longest text in bytes, unless the schema has a longer one.
pub const TEXT_BYTES_MAX: usize = 4 * 1024;
/// The most items of a list, those of lists within it counted too, unless the schema
/// has a longer one.
///
/// Rhai copies a list wherever it is read, and does not count copies. This bound, with
/// those of variables, arguments and depths, keeps a policy that means harm below 128
/// MiB; the test `the_worst_policy_stays_within_its_memory` holds it.
pub const LIST_ITEMS_MAX: usize = 64;
/// The most entries of a map, those of maps within it counted too.
pub const MAP_ENTRIES_MAX: usize = 64;
/// The longest key of a map in bytes; Rhai does not count them.
pub const MAP_KEY_BYTES_MAX: usize = 64;
/// The most money literals that one thread keeps parsed for one policy.
pub const MONEY_LITERALS_MAX: usize = 64;

/// What one item of a list counts against the memory budget, in bytes.
pub const ITEM_BYTES: u64 = 16;
/// What one remedy counts against the output budget, in bytes, its codes included and
/// its reasons not.
pub const REMEDY_BYTES: u64 = 256;
/// What one reason, or one obligation, counts against the output budget, in bytes.
pub const REASON_BYTES: u64 = 64;
/// What one argument of a reason counts against the output budget, in bytes.
pub const ARGUMENT_BYTES: u64 = 64;

/// Words of Rhai that a policy does without: code from text, output, function
/// pointers by name and questions about types, names and scopes.
const DISABLED: [&str; 9] = [
    "eval",
    "print",
    "debug",
    "Fn",
    "call",
    "curry",
    "is_def_var",
    "is_def_fn",
    "type_of",
];

/// The sizes that one value may have, from a budget and a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Bytes of a text, and of all texts in one list or map together.
    pub(super) text_bytes: usize,
    /// Items of a list.
    pub(super) list_items: usize,
    /// Entries of a map.
    pub(super) map_entries: usize,
}

impl Sizes {
    /// A budget may lower the sizes; the schema may raise them, for a fact that it
    /// admits must be readable.
    pub(super) fn new(budget: &Budget, schema: &Schema) -> Self {
        let memory = usize::try_from(budget.memory_bytes_max).unwrap_or(usize::MAX);
        let (mut text_bytes, mut list_items) =
            (TEXT_BYTES_MAX.min(memory), LIST_ITEMS_MAX.min(memory / 16));
        for fact in schema.facts() {
            let (item, items) = match &fact.ty {
                FactType::List { item, items_max } => (&**item, *items_max),
                ty => (ty, 1),
            };
            let items = usize::try_from(items).unwrap_or(usize::MAX);
            let bytes = match item {
                FactType::Text { chars_max } => usize::try_from(*chars_max)
                    .unwrap_or(usize::MAX)
                    .saturating_mul(4),
                FactType::Enum(names) => names.iter().map(|name| name.len()).max().unwrap_or(0),
                _ => 0,
            };
            text_bytes = text_bytes.max(bytes.saturating_mul(items));
            list_items = list_items.max(items);
        }
        Self {
            text_bytes,
            list_items,
            map_entries: MAP_ENTRIES_MAX,
        }
    }
}

/// An engine without any package and with every limit set.
///
/// Rhai's packages are left out as a whole, though arithmetic, iterators and arrays
/// would be harmless for the most part, because what is not is easily missed: `pad`
/// multiplies sizes unchecked, `sort` panics on a comparison that contradicts itself,
/// older array functions call others by name, and `to_json`, `chars` and `bits` grow what they are
/// given. What policies use instead stands in the parent module's table.
///
/// The seed of Rhai's hashes is not set: it is one for the whole process, and setting it
/// breaks every script that the host has compiled before. Hashes only name functions and
/// labels; nothing that a decision shows is ordered by them.
pub(super) fn engine(budget: &Budget, sizes: Sizes) -> Engine {
    let levels = usize::try_from(call_depth(budget)).unwrap_or(usize::MAX);
    let levels = levels.saturating_sub(1);
    let mut engine = Engine::new_raw();
    engine
        // `Simple` folds a property that is missing into `()`.
        .set_optimization_level(OptimizationLevel::None)
        // 0 means no limit; ours counts in `on_progress`, since this one starts anew
        // for every callback.
        .set_max_operations(0)
        // The function that the host calls is Rhai's level 0.
        .set_max_call_levels(levels)
        .set_max_expr_depths(EXPR_DEPTH_MAX, EXPR_DEPTH_MAX)
        .set_max_functions(FUNCTIONS_MAX)
        .set_max_variables(VARIABLES_MAX)
        .set_max_string_size(sizes.text_bytes)
        .set_max_array_size(sizes.list_items)
        .set_max_map_size(sizes.map_entries)
        // An interner would take a lock at every string.
        .set_max_strings_interned(0)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .set_fast_operators(true)
        .set_allow_shadowing(true)
        .set_allow_looping(true)
        .set_allow_anonymous_fn(true)
        .set_allow_if_expression(true)
        .set_allow_switch_expression(true)
        .set_allow_loop_expressions(true)
        .set_allow_statement_expression(true);
    for word in DISABLED {
        engine.disable_symbol(word);
    }
    engine
}

/// The deepest nesting of calls under a budget.
pub(super) fn call_depth(budget: &Budget) -> u32 {
    budget.call_depth_max.min(CALL_DEPTH_MAX)
}
