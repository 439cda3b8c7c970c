//! Money: whole minor units of one currency, checked at every step.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

/// Why money could not be made or computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not an amount with a currency.
    #[error("{found:?} is not an amount such as \"250.00 EUR\"")]
    Malformed {
        /// The text found, cut to 80 characters.
        found: String,
    },
    /// The currency is not in ISO 4217.
    #[error("{found:?} is not an ISO 4217 currency code")]
    UnknownCurrency {
        /// The text found, cut to 80 characters.
        found: String,
    },
    /// The amount has more decimals than its currency has minor units.
    #[error("{currency} has {digits} decimal digits, {found:?} has another number of them")]
    Decimals {
        /// The text found, cut to 80 characters.
        found: String,
        /// The currency named.
        currency: Currency,
        /// The digits after the decimal point that the currency has.
        digits: u8,
    },
    /// The result does not fit into 64 bits of minor units.
    #[error("the amount is too large: it does not fit into 64 bits of minor units")]
    Overflow,
    /// Two currencies met.
    #[error("{left} and {right} are different currencies")]
    CurrencyMismatch {
        /// The left operand's currency.
        left: Currency,
        /// The right operand's currency.
        right: Currency,
    },
    /// A division by zero.
    #[error("an amount was divided by zero")]
    DivisionByZero,
}

impl MoneyError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "money_malformed",
            Self::UnknownCurrency { .. } => "money_unknown_currency",
            Self::Decimals { .. } => "money_decimals",
            Self::Overflow => "money_overflow",
            Self::CurrencyMismatch { .. } => "money_currency_mismatch",
            Self::DivisionByZero => "money_division_by_zero",
        }
    }
}

/// An ISO 4217 alphabetic currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The currencies of ISO 4217 list one that have minor units, by number of decimal digits.
const CURRENCIES: [(u8, &str); 4] = [
    (
        0,
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    ),
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD \
         CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP \
         GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK \
         LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO \
         NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS \
         SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST \
         XCD XCG YER ZAR ZMW ZWG",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

impl Currency {
    /// Reads an ISO 4217 code.
    ///
    /// # Errors
    /// [`MoneyError::UnknownCurrency`] for any other text.
    pub fn new(code: &str) -> Result<Self, MoneyError> {
        let unknown = || MoneyError::UnknownCurrency {
            found: code.chars().take(80).collect(),
        };
        let bytes = code.as_bytes().try_into().map_err(|_| unknown())?;
        Self::from_bytes(bytes).ok_or_else(unknown)
    }

    /// The code of these letters, the form in the guest ABI; `None` if there is none.
    #[must_use]
    pub fn from_bytes(letters: [u8; 3]) -> Option<Self> {
        let code = Self(letters);
        code.digits().map(|_| code)
    }

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The three letters as bytes, the form in the guest ABI.
    #[must_use]
    pub const fn bytes(self) -> [u8; 3] {
        self.0
    }

    fn digits(&self) -> Option<u8> {
        // The currencies this engine meets most, before the search.
        if [*b"EUR", *b"CNY", *b"USD", *b"GBP", *b"CAD"].contains(&self.0) {
            return Some(2);
        }
        CURRENCIES
            .iter()
            .find(|(_, codes)| codes.split(' ').any(|code| code.as_bytes() == self.0))
            .map(|(digits, _)| *digits)
    }

    /// How many decimal digits the currency's minor unit takes: 2 for EUR, 0 for JPY.
    #[must_use]
    pub fn exponent(self) -> u8 {
        self.digits().unwrap_or(2)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = SmolStr::deserialize(deserializer)?;
        Self::new(&code).map_err(serde::de::Error::custom)
    }
}

/// How a quotient becomes whole minor units. Each release names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest, halves away from zero.
    HalfUp,
    /// To the nearest, halves to the even neighbour (IEEE 754 roundTiesToEven).
    HalfEven,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
}

impl Rounding {
    /// `half_up`, `half_even`, `down` or `up`, as in a manifest.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfUp => "half_up",
            Self::HalfEven => "half_even",
            Self::Down => "down",
            Self::Up => "up",
        }
    }

    /// Whether a quotient with a remainder moves away from zero; `half` is how the
    /// remainder lies to half the divisor.
    #[inline]
    fn is_away_from_zero(self, half: Ordering, is_odd: bool) -> bool {
        match self {
            Self::Down => false,
            Self::Up => true,
            Self::HalfUp => half.is_ge(),
            Self::HalfEven => half.is_gt() || (half.is_eq() && is_odd),
        }
    }
}

/// An amount of one currency in whole minor units (cents, fen, pence).
///
/// Arithmetic is checked; nothing wraps, nothing is a float.
/// Written as `250.00 EUR`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` minor units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            })
        }
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    #[inline]
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The difference, which may be negative.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    #[inline]
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self
            .minor
            .checked_sub(other.minor)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The amount `factor` times.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    #[inline]
    pub fn times(self, factor: i64) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(factor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// `numerator / denominator` of the amount, rounded to whole minor units.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`], [`MoneyError::Overflow`].
    #[inline]
    pub fn ratio(
        self,
        numerator: i64,
        denominator: i64,
        rounding: Rounding,
    ) -> Result<Self, MoneyError> {
        // Nearly every product fits the machine's own word, which divides it at once.
        let short = self
            .minor
            .checked_mul(numerator)
            .and_then(|product| divide_short(product, denominator, rounding));
        let minor = match short {
            Some(minor) => minor,
            None => long_ratio(self.minor, numerator, denominator, rounding)?,
        };
        Ok(Self { minor, ..self })
    }

    /// So many basis points (hundredths of a percent) of the amount, rounded.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    #[inline]
    pub fn basis_points(self, points: i64, rounding: Rounding) -> Result<Self, MoneyError> {
        self.ratio(points, 10_000, rounding)
    }

    /// The amount as a decimal number in major units, such as `250.00`.
    #[must_use]
    pub fn to_decimal(self) -> SmolStr {
        SmolStr::new(Written::new(self).decimal())
    }

    /// Reads a decimal number in major units, with as many decimals as the currency has
    /// or none at all: `250`, `250.00`, `-3.50`.
    ///
    /// # Errors
    /// [`MoneyError::Malformed`], [`MoneyError::Decimals`], [`MoneyError::Overflow`].
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let found = || text.chars().take(80).collect();
        let malformed = || MoneyError::Malformed { found: found() };
        let (negative, number) = match text.strip_prefix('-') {
            Some(number) => (true, number),
            None => (false, text),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((_, "")) => return Err(malformed()),
            Some(parts) => parts,
            None => (number, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(malformed());
        }
        let digits = currency.exponent();
        if !fraction.is_empty() && fraction.len() != usize::from(digits) {
            return Err(MoneyError::Decimals {
                found: found(),
                currency,
                digits,
            });
        }
        let shift = if fraction.is_empty() {
            10_i64.pow(u32::from(digits))
        } else {
            1
        };
        let minor = whole
            .bytes()
            .chain(fraction.bytes())
            .try_fold(0_i64, |sum, byte| {
                let digit = i64::from(byte - b'0');
                let digit = if negative { -digit } else { digit };
                sum.checked_mul(10)?.checked_add(digit)
            })
            .and_then(|minor| minor.checked_mul(shift))
            .ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency })
    }
}

/// `dividend / divisor`, rounded.
///
/// # Errors
/// [`MoneyError::DivisionByZero`], [`MoneyError::Overflow`].
pub fn divide(dividend: i128, divisor: i128, rounding: Rounding) -> Result<i128, MoneyError> {
    if divisor == 0 {
        return Err(MoneyError::DivisionByZero);
    }
    if let (Ok(short), Ok(by)) = (i64::try_from(dividend), i64::try_from(divisor))
        && let Some(quotient) = divide_short(short, by, rounding)
    {
        return Ok(quotient.into());
    }
    let quotient = dividend.checked_div(divisor).ok_or(MoneyError::Overflow)?;
    let remainder = dividend.checked_rem(divisor).ok_or(MoneyError::Overflow)?;
    if remainder == 0 {
        return Ok(quotient);
    }
    let twice = remainder
        .unsigned_abs()
        .checked_mul(2)
        .ok_or(MoneyError::Overflow)?;
    let half = twice.cmp(&divisor.unsigned_abs());
    if rounding.is_away_from_zero(half, quotient % 2 != 0) {
        let is_negative = (dividend < 0) != (divisor < 0);
        let away = if is_negative { -1 } else { 1 };
        quotient.checked_add(away).ok_or(MoneyError::Overflow)
    } else {
        Ok(quotient)
    }
}

/// The same in 64 bits; `None` for what needs more, or is an error.
#[inline]
fn divide_short(dividend: i64, divisor: i64, rounding: Rounding) -> Option<i64> {
    let quotient = dividend.checked_div(divisor)?;
    let remainder = dividend.checked_rem(divisor)?;
    if remainder == 0 {
        return Some(quotient);
    }
    // A remainder is less than the divisor, so twice its size fits without a sign.
    let twice = remainder.unsigned_abs().checked_mul(2)?;
    let half = twice.cmp(&divisor.unsigned_abs());
    if rounding.is_away_from_zero(half, quotient % 2 != 0) {
        let is_negative = (dividend < 0) != (divisor < 0);
        quotient.checked_add(if is_negative { -1 } else { 1 })
    } else {
        Some(quotient)
    }
}

/// A ratio whose product needs more than 64 bits, or that is an error.
#[cold]
fn long_ratio(
    minor: i64,
    numerator: i64,
    denominator: i64,
    rounding: Rounding,
) -> Result<i64, MoneyError> {
    let product = i128::from(minor)
        .checked_mul(i128::from(numerator))
        .ok_or(MoneyError::Overflow)?;
    let quotient = divide(product, i128::from(denominator), rounding)?;
    i64::try_from(quotient).map_err(|_| MoneyError::Overflow)
}

/// A sum as `-250.00 EUR`, written from its end so that nothing is allocated.
struct Written {
    text: [u8; Self::SIZE],
    start: usize,
}

impl Written {
    /// A sign, the 19 digits of an `i64`, a point, a space and a currency.
    const SIZE: usize = 25;
    /// Where the decimal ends and the currency's space stands.
    const DECIMAL_END: usize = Self::SIZE - 4;

    fn new(money: Money) -> Self {
        let mut text = [b' '; Self::SIZE];
        let mut start = Self::DECIMAL_END;
        if let Some(currency) = text.last_chunk_mut() {
            *currency = money.currency.bytes();
        }
        let mut put = |byte: u8| {
            start = start.saturating_sub(1);
            if let Some(place) = text.get_mut(start) {
                *place = byte;
            }
        };
        let point = money.currency.exponent();
        let mut left = money.minor.unsigned_abs();
        let mut digits = 0;
        while left > 0 || digits <= point {
            if digits == point && point > 0 {
                put(b'.');
            }
            put(b'0' + u8::try_from(left % 10).unwrap_or_default());
            left /= 10;
            digits += 1;
        }
        if money.minor < 0 {
            put(b'-');
        }
        Self { text, start }
    }

    fn until(&self, end: usize) -> &str {
        let bytes = self.text.get(self.start..end).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    fn decimal(&self) -> &str {
        self.until(Self::DECIMAL_END)
    }

    fn with_currency(&self) -> &str {
        self.until(Self::SIZE)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Written::new(*self).with_currency())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `250.00 EUR`.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (number, currency) = text.split_once(' ').ok_or_else(|| MoneyError::Malformed {
            found: text.chars().take(80).collect(),
        })?;
        Self::from_decimal(number, Currency::new(currency)?)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Written::new(*self).with_currency())
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SmolStr::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn money_reads_and_writes_its_decimals() {
        for text in [
            "250.00 EUR",
            "-0.01 CNY",
            "1.234 BHD",
            "7 JPY",
            "92233720368547758.07 USD",
        ] {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), text);
        }
        assert_eq!("250 EUR".parse::<Money>().unwrap().minor(), 25_000);
    }

    #[test]
    fn malformed_money_is_refused_with_its_code() {
        let check = |text: &str, code: &str| {
            assert_eq!(text.parse::<Money>().unwrap_err().code(), code, "{text}");
        };
        check("250", "money_malformed");
        check("1e3 EUR", "money_malformed");
        check("+1 EUR", "money_malformed");
        check("1. EUR", "money_malformed");
        check("1.5 EUR", "money_decimals");
        check("1.00 JPY", "money_decimals");
        check("1.00 eur", "money_unknown_currency");
        check("92233720368547758.08 USD", "money_overflow");
    }

    #[test]
    fn currencies_never_mix() {
        let euro: Money = "1.00 EUR".parse().unwrap();
        let dollar: Money = "1.00 USD".parse().unwrap();
        assert_eq!(
            euro.plus(dollar).unwrap_err().code(),
            "money_currency_mismatch"
        );
        assert_eq!(
            euro.minus(dollar).unwrap_err().code(),
            "money_currency_mismatch"
        );
    }

    #[test]
    fn halves_round_as_named() {
        let check = |minor: i64, rounding, expected: i64| {
            assert_eq!(
                divide(minor.into(), 2, rounding).unwrap(),
                i128::from(expected)
            );
        };
        check(5, Rounding::HalfUp, 3);
        check(5, Rounding::HalfEven, 2);
        check(7, Rounding::HalfEven, 4);
        check(5, Rounding::Down, 2);
        check(5, Rounding::Up, 3);
        check(-5, Rounding::HalfUp, -3);
        check(-5, Rounding::Down, -2);
    }

    #[test]
    fn a_quotient_is_the_same_at_any_width() {
        let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
        assert_eq!(divide(least, -1, Rounding::Down).unwrap(), most + 1);
        assert_eq!(divide(most, 2, Rounding::HalfUp).unwrap(), (most + 1) / 2);
        assert_eq!(
            divide(most + 2, 2, Rounding::HalfUp).unwrap(),
            (most + 3) / 2
        );
        assert_eq!(divide(i128::MAX, i128::MAX, Rounding::Up).unwrap(), 1);
        assert!(divide(1, 0, Rounding::Up).is_err());
    }

    proptest! {
        #[test]
        fn any_amount_reads_back(minor: i64) {
            for code in ["EUR", "JPY", "KWD", "CLF"] {
                let money = Money::new(minor, Currency::new(code).unwrap());
                prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
            }
        }

        #[test]
        fn a_quotient_rounds_alike_in_64_and_in_128_bits(dividend: i64, divisor: i64, small in 1_i64..64) {
            prop_assume!(divisor != 0);
            // So many times both is the same quotient, in more than 64 bits.
            let wide = i128::from(i64::MAX);
            for by in [divisor, small, -small] {
                let (dividend, by) = (i128::from(dividend), i128::from(by));
                for rounding in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Up] {
                    prop_assert_eq!(
                        divide(dividend, by, rounding),
                        divide(dividend * wide, by * wide, rounding)
                    );
                }
            }
        }

        #[test]
        fn a_ratio_is_within_one_unit_of_the_exact_value(minor in -1_000_000_i64..1_000_000, n in 0_i64..20_000, d in 1_i64..20_000) {
            let money = Money::new(minor, Currency::new("EUR").unwrap());
            for rounding in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Up] {
                let rounded = i128::from(money.ratio(n, d, rounding).unwrap().minor());
                let exact = i128::from(minor) * i128::from(n);
                prop_assert!((rounded * i128::from(d) - exact).abs() < i128::from(d));
            }
        }
    }
}
