//! What a module of this project's own compiler says when it stops itself, in the words in
//! which the interpreter says it.

use redress_abi::report::{Failure, FailureKind};
use redress_abi::unpack;
use redress_model::fault::BudgetKind;
use redress_model::table::{CellType, LookupError, Tables};
use redress_model::{Code, Currency, Date, Fault, MoneyError};
use smol_str::{SmolStr, ToSmolStr};

/// A failure with the values that it is about.
pub(super) struct Told<'t> {
    pub(super) failure: &'t Failure,
    pub(super) first: i64,
    pub(super) second: i64,
    pub(super) memory: &'t [u8],
    pub(super) tables: &'t Tables,
    pub(super) list_items_max: u64,
    pub(super) output_bytes_max: u64,
}

impl Told<'_> {
    pub(super) fn fault(&self) -> Fault {
        let (a, b) = (self.first, self.second);
        let failed = |message: String| Fault::Failed {
            message,
            at: self.failure.at,
        };
        let exceeded = |budget, limit: u64, used: u64| Fault::BudgetExceeded {
            budget,
            limit,
            used,
        };
        let count = |number: i64| u64::try_from(number).unwrap_or(u64::MAX);
        match &self.failure.kind {
            FailureKind::AddOverflow => failed(format!("Addition overflow: {a} + {b}")),
            FailureKind::SubOverflow => failed(format!("Subtraction overflow: {a} - {b}")),
            FailureKind::MulOverflow => failed(format!("Multiplication overflow: {a} * {b}")),
            FailureKind::DivOverflow => failed(format!("Division overflow: {a} / {b}")),
            FailureKind::DivByZero => failed(format!("Division by zero: {a} / {b}")),
            FailureKind::RemOverflow | FailureKind::RemByZero => {
                failed(format!("Modulo division by zero or overflow: {a} % {b}"))
            }
            FailureKind::NegOverflow => failed("integer overflow".into()),
            FailureKind::AbsOverflow => failed("the integer is too large".into()),
            FailureKind::MoneyOverflow => failed(MoneyError::Overflow.to_string()),
            FailureKind::MoneyByZero => failed(MoneyError::DivisionByZero.to_string()),
            FailureKind::Currencies => failed(match (currency(a), currency(b)) {
                (Some(left), Some(right)) => {
                    MoneyError::CurrencyMismatch { left, right }.to_string()
                }
                _ => "two sums have different currencies".into(),
            }),
            FailureKind::PlusDays => failed(format!(
                "{} plus {b} days is not in the years 1 to 9999",
                date(a).map(|date| date.to_string()).unwrap_or_default(),
            )),
            FailureKind::Lookup { table, column } => failed(self.lookup(*table, *column)),
            FailureKind::Item => failed(match a {
                0 => format!("Array index {b} out of bounds: array is empty"),
                1 => format!("Array index {b} out of bounds: only 1 element in array"),
                _ => format!("Array index {b} out of bounds: only {a} elements in array"),
            }),
            FailureKind::WithItem => failed(format!("there is no item {b} in {a}")),
            FailureKind::ListTooLong => {
                let limit = self.list_items_max.saturating_mul(16);
                exceeded(BudgetKind::Memory, limit, limit.saturating_add(1))
            }
            FailureKind::BadCode => {
                let text = self.text(a);
                let message = Code::new(&text).err().map(|error| error.to_string());
                Fault::BadAnswer {
                    message: message.unwrap_or_default(),
                }
            }
            FailureKind::TextTooLong => Fault::BadAnswer {
                message: format!(
                    "an argument of a reason has {a} bytes of text, more than {}",
                    redress_abi::TEXT_BYTES_MAX,
                ),
            },
            FailureKind::Priority => Fault::BadAnswer {
                message: format!("priority {a} is not within 1 to 9"),
            },
            FailureKind::Within(name) => Fault::BadAnswer {
                message: format!("{name}({a}) is not within 0 to 10,000"),
            },
            FailureKind::NoReason => Fault::BadAnswer {
                message: "a refusal says why: `refuse` takes a reason".into(),
            },
            FailureKind::SinceWithoutSpan => Fault::BadAnswer {
                message: "`since` needs a span such as `within_days(7)`".into(),
            },
            FailureKind::TooMany { bytes_each } => {
                let most = match bytes_each {
                    256 => redress_abi::REMEDIES_MAX,
                    _ if count(a) > 64 => redress_abi::OBLIGATIONS_MAX,
                    _ => redress_abi::REASONS_MAX,
                };
                let most = u64::try_from(most).unwrap_or(u64::MAX);
                let bytes = |count: u64| count.saturating_mul(*bytes_each);
                exceeded(BudgetKind::Output, bytes(most), bytes(count(a)))
            }
            FailureKind::Output => exceeded(BudgetKind::Output, self.output_bytes_max, count(a)),
        }
    }

    /// The bytes of a text in the module's memory.
    fn text(&self, packed: i64) -> String {
        let (address, length) = unpack(packed);
        let at = usize::try_from(address).unwrap_or(usize::MAX);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let end = at.saturating_add(length);
        let bytes = self.memory.get(at..end).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn lookup(&self, table: usize, column: usize) -> String {
        let Some(table) = self.tables.iter().nth(table) else {
            return "a table has no row for these inputs".into();
        };
        let Some(column) = table.inputs().get(column) else {
            return "a table has no row for these inputs".into();
        };
        let found: SmolStr = match &column.ty {
            CellType::Enum(_) => {
                let text = self.text(self.first);
                let shown: String = text.chars().take(80).collect();
                format!("{shown:?}").into()
            }
            CellType::Date { .. } => date(self.first)
                .map(|date| date.to_smolstr())
                .unwrap_or_default(),
            _ => self.first.to_smolstr(),
        };
        LookupError::OutOfRange {
            table: table.name().clone(),
            column: column.name.clone(),
            expected: column.ty.expected(),
            found,
        }
        .to_string()
    }
}

fn currency(letters: i64) -> Option<Currency> {
    let [a, b, c, ..] = letters.to_le_bytes();
    Currency::from_bytes([a, b, c])
}

fn date(days: i64) -> Option<Date> {
    Date::from_days(i32::try_from(days).ok()?)
}
