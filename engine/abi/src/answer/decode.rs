//! Bytes to answers. Every byte comes from a guest and none is trusted.

use redress_model::{
    Amount, Basis, Code, Currency, Date, Deadline, DeadlineStart, DeadlineUnit, Money, Reason,
    ReasonArg, Remedy, Route, Slot, Warnings,
};

use super::names::Names;
use super::{
    ARG_DATE, ARG_INT, ARG_MONEY, ARG_TEXT, ARGS_MAX, AnswerError, CALENDAR_DAYS, CONTRACTUAL,
    DEADLINE_COUNT_MAX, GOODWILL, GRANT, HOLD, HOURS, LAYOUT_VERSION, MINUTES, MONEY, NO_DEADLINE,
    OBLIGATIONS_MAX, REASONS_MAX, REFUSE, REMEDIES_MAX, ROUTE, RemedyAnswer, RouteAnswer,
    START_AS_OF, START_FACT, START_ON, STATUTORY, TEXT_BYTES_MAX, UNITS, UNKNOWN_FACT,
    WORKING_DAYS,
};
use crate::{Layout, View};

impl Layout {
    /// Reads what `remedy` returned.
    ///
    /// # Errors
    /// [`AnswerError`] for anything but exactly one whole answer.
    pub fn decode_remedy(
        &self,
        bytes: &[u8],
        names: &mut Names,
    ) -> Result<RemedyAnswer, AnswerError> {
        let mut cursor = Cursor::new(bytes, names);
        cursor.version()?;
        let at = cursor.at;
        let answer = match cursor.byte("the verdict")? {
            GRANT => RemedyAnswer::Grant {
                tier: cursor.code_or_none("a tier")?,
                remedies: cursor.counted("remedies", REMEDIES_MAX, Cursor::remedy)?,
            },
            REFUSE => {
                let reasons = cursor.reasons()?;
                if reasons.is_empty() {
                    return Err(AnswerError::NoReason);
                }
                RemedyAnswer::Refuse(reasons)
            }
            HOLD => RemedyAnswer::Hold(cursor.reason()?),
            UNKNOWN_FACT => {
                RemedyAnswer::UnknownFact(cursor.unknown_fact(self, View::Remedy, "remedy")?)
            }
            found => return Err(unknown(at, "a verdict", found)),
        };
        cursor.end(answer)
    }

    /// Reads what `route` returned.
    ///
    /// # Errors
    /// [`AnswerError`] for anything but exactly one whole answer.
    pub fn decode_route(
        &self,
        bytes: &[u8],
        names: &mut Names,
    ) -> Result<RouteAnswer, AnswerError> {
        let mut cursor = Cursor::new(bytes, names);
        cursor.version()?;
        let at = cursor.at;
        let answer = match cursor.byte("the answer's tag")? {
            ROUTE => RouteAnswer::Route(Route {
                queue: cursor.code_or_none("a queue")?,
                priority: cursor.priority()?,
                deadline: cursor.deadline(self)?,
                obligations: cursor.counted("obligations", OBLIGATIONS_MAX, |cursor| {
                    cursor.code("an obligation")
                })?,
            }),
            UNKNOWN_FACT => {
                let view = View::Route(&Warnings {
                    repeats: 0,
                    like_cases: 0,
                    burst: 0,
                });
                RouteAnswer::UnknownFact(cursor.unknown_fact(self, view, "route")?)
            }
            found => return Err(unknown(at, "a route or an unknown fact", found)),
        };
        cursor.end(answer)
    }
}

const fn unknown(at: usize, what: &'static str, found: u8) -> AnswerError {
    AnswerError::UnknownTag { at, what, found }
}

/// The text whose length stands at a place.
fn text(bytes: &[u8], at: usize) -> Result<&str, AnswerError> {
    std::str::from_utf8(bytes).map_err(|_| AnswerError::NotUtf8 { at: at + 1 })
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
    names: &'b mut Names,
}

impl<'b> Cursor<'b> {
    const fn new(bytes: &'b [u8], names: &'b mut Names) -> Self {
        Self {
            bytes,
            at: 0,
            names,
        }
    }

    fn take(&mut self, count: usize, what: &'static str) -> Result<&'b [u8], AnswerError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest
            .get(..count)
            .ok_or(AnswerError::Truncated { at: self.at, what })?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], AnswerError> {
        let at = self.at;
        let taken = self.take(N, what)?;
        taken
            .try_into()
            .map_err(|_| AnswerError::Truncated { at, what })
    }

    fn byte(&mut self, what: &'static str) -> Result<u8, AnswerError> {
        let [byte] = self.array(what)?;
        Ok(byte)
    }

    fn i64(&mut self, what: &'static str) -> Result<i64, AnswerError> {
        self.array(what).map(i64::from_le_bytes)
    }

    fn end<T>(self, answer: T) -> Result<T, AnswerError> {
        match self.bytes.len() - self.at {
            0 => Ok(answer),
            extra => Err(AnswerError::TrailingBytes { at: self.at, extra }),
        }
    }

    fn version(&mut self) -> Result<(), AnswerError> {
        match self.byte("the layout version")? {
            LAYOUT_VERSION => Ok(()),
            found => Err(AnswerError::Version { found }),
        }
    }

    fn text_bytes(&mut self, what: &'static str) -> Result<&'b [u8], AnswerError> {
        let length = usize::from(self.byte(what)?);
        self.take(length, what)
    }

    fn text(&mut self, what: &'static str) -> Result<&'b str, AnswerError> {
        let at = self.at;
        text(self.text_bytes(what)?, at)
    }

    fn code(&mut self, what: &'static str) -> Result<Code, AnswerError> {
        let at = self.at;
        let bytes = self.text_bytes(what)?;
        if let Some(known) = self.names.get(bytes) {
            return Ok(known.clone());
        }
        let text = text(bytes, at)?;
        let code = self.names.code(text);
        code.map_err(|problem| AnswerError::BadCode { at, what, problem })
    }

    fn code_or_none(&mut self, what: &'static str) -> Result<Option<Code>, AnswerError> {
        if self.bytes.get(self.at) == Some(&0) {
            self.at += 1;
            return Ok(None);
        }
        self.code(what).map(Some)
    }

    /// A count, then so many items. The count is held to its limit before anything is
    /// allocated, and the items to the bytes that are there.
    fn counted<T>(
        &mut self,
        what: &'static str,
        limit: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, AnswerError>,
    ) -> Result<Vec<T>, AnswerError> {
        let used = usize::from(self.byte(what)?);
        if used > limit {
            return Err(AnswerError::TooMany { what, limit, used });
        }
        let mut items = Vec::with_capacity(used);
        for _ in 0..used {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn money(&mut self) -> Result<Money, AnswerError> {
        let minor = self.i64("an amount")?;
        let at = self.at;
        let letters = self.array("a currency")?;
        let unknown = || AnswerError::UnknownCurrency {
            at,
            found: String::from_utf8_lossy(&letters).as_ref().into(),
        };
        let currency = Currency::from_bytes(letters).ok_or_else(unknown)?;
        Ok(Money::new(minor, currency))
    }

    fn date(&mut self) -> Result<Date, AnswerError> {
        let at = self.at;
        let days = i32::from_le_bytes(self.array("a date")?);
        Date::from_days(days).ok_or(AnswerError::BadDate { at, days })
    }

    fn slot(&mut self) -> Result<Slot, AnswerError> {
        self.array("a slot")
            .map(|bytes| Slot::new(u16::from_le_bytes(bytes)))
    }

    fn unknown_fact(
        &mut self,
        layout: &Layout,
        view: View<'_>,
        function: &'static str,
    ) -> Result<Slot, AnswerError> {
        let slot = self.slot()?;
        if layout.sees(view, slot) {
            Ok(slot)
        } else {
            Err(AnswerError::SlotNotSeen { slot, function })
        }
    }

    fn remedy(&mut self) -> Result<Remedy, AnswerError> {
        let kind = self.code("a kind")?;
        let at = self.at;
        let amount = match self.byte("an amount")? {
            MONEY => Amount::Money(self.money()?),
            UNITS => Amount::Units {
                unit: self.code("a unit")?,
                count: self.i64("a number of units")?,
            },
            found => return Err(unknown(at, "an amount", found)),
        };
        let at = self.at;
        let basis = match self.byte("a basis")? {
            STATUTORY => Basis::Statutory(self.code("a claim")?),
            CONTRACTUAL => Basis::Contractual(self.code("a claim")?),
            GOODWILL => Basis::Goodwill,
            found => return Err(unknown(at, "a basis", found)),
        };
        Ok(Remedy {
            kind,
            amount,
            basis,
            reasons: self.reasons()?,
        })
    }

    fn reasons(&mut self) -> Result<Vec<Reason>, AnswerError> {
        self.counted("reasons", REASONS_MAX, Self::reason)
    }

    fn reason(&mut self) -> Result<Reason, AnswerError> {
        Ok(Reason {
            code: self.code("a reason")?,
            args: self.counted("arguments of a reason", ARGS_MAX, Self::arg)?,
        })
    }

    fn arg(&mut self) -> Result<ReasonArg, AnswerError> {
        let at = self.at;
        match self.byte("an argument")? {
            ARG_INT => self.i64("an argument").map(ReasonArg::Int),
            ARG_MONEY => self.money().map(ReasonArg::Money),
            ARG_DATE => self.date().map(ReasonArg::Date),
            ARG_TEXT => {
                let text = self.text("an argument")?;
                if text.len() > TEXT_BYTES_MAX {
                    return Err(AnswerError::TooMany {
                        what: "bytes of a text",
                        limit: TEXT_BYTES_MAX,
                        used: text.len(),
                    });
                }
                Ok(ReasonArg::Text(text.into()))
            }
            found => Err(unknown(at, "an argument", found)),
        }
    }

    fn priority(&mut self) -> Result<Option<u8>, AnswerError> {
        match self.byte("a priority")? {
            0 => Ok(None),
            priority @ 1..=9 => Ok(Some(priority)),
            found => Err(AnswerError::BadPriority { found }),
        }
    }

    fn deadline(&mut self, layout: &Layout) -> Result<Option<Deadline>, AnswerError> {
        let at = self.at;
        let unit = match self.byte("a deadline")? {
            NO_DEADLINE => return Ok(None),
            MINUTES => DeadlineUnit::Minutes,
            HOURS => DeadlineUnit::Hours,
            CALENDAR_DAYS => DeadlineUnit::CalendarDays,
            WORKING_DAYS => DeadlineUnit::WorkingDays,
            found => return Err(unknown(at, "the unit of a deadline", found)),
        };
        let count = u32::from_le_bytes(self.array("a deadline")?);
        if count > DEADLINE_COUNT_MAX {
            return Err(super::encode::too_long(count));
        }
        let at = self.at;
        let start = match self.byte("the start of a deadline")? {
            START_AS_OF => DeadlineStart::AsOf,
            START_FACT => {
                let slot = self.slot()?;
                if !layout.starts_deadline(slot) {
                    return Err(AnswerError::BadStart { slot });
                }
                DeadlineStart::Fact(slot)
            }
            START_ON => DeadlineStart::On(self.date()?),
            found => return Err(unknown(at, "the start of a deadline", found)),
        };
        Ok(Some(Deadline { count, unit, start }))
    }
}
