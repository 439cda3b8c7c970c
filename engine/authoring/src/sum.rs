//! Sums of many amounts, which 64 bits might not hold.

use std::fmt;

use redress_model::Currency;
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A sum of any size in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// Minor units.
    pub minor: i128,
    /// The currency.
    pub currency: Currency,
}

impl Sum {
    /// The amount in major units, such as `1234.50`.
    #[must_use]
    pub fn decimal(self) -> String {
        let (sign, major, minor) = self.parts();
        format!("{sign}{major}{minor}")
    }

    /// The amount with its currency, as a decision writes it: `1234.50 EUR`.
    #[must_use]
    pub fn plain(self) -> String {
        format!("{} {}", self.decimal(), self.currency)
    }

    /// The amount as people read it: `1,234.50`.
    #[must_use]
    pub fn grouped(self) -> String {
        let (sign, major, minor) = self.parts();
        format!("{sign}{}{minor}", crate::text::grouped(major))
    }

    fn parts(self) -> (&'static str, u128, String) {
        let digits = usize::from(self.currency.exponent());
        let unit = 10_u128.pow(u32::from(self.currency.exponent()));
        let (sign, minor) = match self.minor {
            ..0 => ("-", self.minor.unsigned_abs()),
            _ => ("", self.minor.unsigned_abs()),
        };
        let fraction = match digits {
            0 => String::new(),
            _ => format!(".{:0digits$}", minor % unit),
        };
        (sign, minor / unit, fraction)
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.grouped(), self.currency)
    }
}

impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Sum", 3)?;
        out.serialize_field("amount_minor", &self.minor)?;
        out.serialize_field("amount", &self.decimal())?;
        out.serialize_field("currency", &self.currency)?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_shows_the_digits_of_its_currency() {
        let check = |minor, currency, decimal: &str, shown: &str| {
            let currency = Currency::new(currency).unwrap();
            let sum = Sum { minor, currency };
            assert_eq!(sum.decimal(), decimal);
            assert_eq!(sum.to_string(), shown);
        };
        check(123_450, "EUR", "1234.50", "1,234.50 EUR");
        check(-5, "EUR", "-0.05", "-0.05 EUR");
        check(1_234, "JPY", "1234", "1,234 JPY");
        check(1_000, "BHD", "1.000", "1.000 BHD");
        check(
            i128::from(i64::MAX) * 100,
            "CNY",
            "9223372036854775807.00",
            "9,223,372,036,854,775,807.00 CNY",
        );
    }
}
