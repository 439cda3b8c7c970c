//! Calls: of the policy's own functions, and of the engine's.

use std::collections::BTreeSet;

use redress_model::code::nearest;
use redress_model::{Code, Date, DeadlineUnit, FactType, Money};
use rowan::{TextRange, TextSize};
use smol_str::SmolStr;

use super::body::Body;
use super::chain::Arg;
use super::facts::input_type;
use super::{Checker, Declared};
use crate::diagnostic::{Rule, counted};
use crate::ir::{Amount, Expr, ExprKind, Ground, SpanUnit, TextTest, Type};
use crate::syntax::{SyntaxToken, ast};

/// The engine's functions with the numbers of their arguments, what stands before a dot
/// included; one that does not compile has none.
const ARGUMENTS: &[(&str, &[usize])] = &[
    ("abs", &[1]),
    ("all", &[]),
    ("basis_points", &[2]),
    ("because", &[2, 3]),
    ("cash", &[1]),
    ("contains", &[2]),
    ("contractual", &[2]),
    ("credit", &[1]),
    ("date", &[1]),
    ("days_between", &[2]),
    ("ends_with", &[2]),
    ("filter", &[]),
    ("gift", &[2]),
    ("grant", &[1]),
    ("grant_in_tier", &[2]),
    ("hold", &[1]),
    ("hours_between", &[2]),
    ("is_empty", &[1]),
    ("is_negative", &[1]),
    ("is_zero", &[1]),
    ("keys", &[]),
    ("len", &[1]),
    ("map", &[]),
    ("max", &[2]),
    ("min", &[2]),
    ("minutes_between", &[2]),
    ("money", &[1]),
    ("oblige", &[2]),
    ("percent", &[2]),
    ("plus_days", &[2]),
    ("priority", &[2]),
    ("push", &[2]),
    ("queue", &[2]),
    ("ratio", &[3]),
    ("reduce", &[]),
    ("refuse", &[1]),
    ("route", &[0]),
    ("service", &[1]),
    ("since", &[2]),
    ("some", &[]),
    ("starts_with", &[2]),
    ("statutory", &[2]),
    ("table", &[2]),
    ("to_string", &[]),
    ("units", &[2]),
    ("values", &[]),
    ("voucher", &[1]),
    ("with_item", &[3]),
    ("within_days", &[2]),
    ("within_hours", &[2]),
    ("within_minutes", &[2]),
    ("within_working_days", &[2]),
];

impl Checker<'_> {
    pub(super) fn is_builtin(&self, name: &str) -> bool {
        ARGUMENTS.iter().any(|(builtin, _)| *builtin == name)
    }

    pub(super) fn call(&mut self, body: &mut Body, call: &ast::Call) -> Expr {
        let span = call.range();
        let Some(name) = call.name() else {
            return Expr::unknown(span);
        };
        let args: Vec<ast::Expr> = call.args().collect();
        let key = self.by_name.get(&(name.text().into(), args.len())).copied();
        let Some(key) = key else {
            let args: Vec<Arg> = args.iter().map(|arg| self.argument(body, arg)).collect();
            let mut value = self.builtin(body, &name, args, name.text_range().start());
            value.span = span;
            // The expression, and the engine's function itself.
            let steps = value.steps.saturating_add(2);
            return value.costs(steps);
        };
        let args: Vec<Expr> = args.iter().map(|arg| self.arg(body, arg)).collect();
        let types = args.iter().map(|arg| arg.ty.clone()).collect();
        let Some(id) = self.instance(key, types) else {
            body.outside(
                span,
                "a function that calls itself does not compile",
                "write a `for`, or put the cases into a table",
            );
            return Expr::unknown(span);
        };
        body.calls.insert(id);
        let ty = self.result_of(id);
        // The expression, and the function itself.
        Expr::new(ExprKind::Call(id, args), ty, span)
            .fails_at(name.text_range().start())
            .costs(2)
    }

    /// A call of one of the engine's functions.
    pub(super) fn builtin(
        &mut self,
        body: &mut Body,
        name: &SyntaxToken,
        args: Vec<Arg>,
        at: TextSize,
    ) -> Expr {
        let span = args.first().map_or_else(
            || name.text_range(),
            |first| {
                TextRange::new(
                    first.span().start().min(name.text_range().start()),
                    args.last()
                        .map_or(name.text_range().end(), |last| last.span().end())
                        .max(name.text_range().end()),
                )
            },
        );
        let made = |kind, ty| Expr::new(kind, ty, span).fails_at(at);
        let count = args.len();
        let mut args = Args {
            all: args.into_iter(),
            span,
        };
        match (name.text(), count) {
            ("money" | "date", 1) => {
                let text = args.value(self, body);
                match name.text() {
                    "money" => self.money_literal(body, &text, span),
                    _ => self.date_literal(body, &text, span),
                }
            }
            ("table", 2) => self.lookup(body, &mut args, span, at),
            ("cash" | "voucher" | "credit", 1) => {
                let kind = match name.text() {
                    "credit" => "balance_credit",
                    other => other,
                };
                let kind = self.symbol(kind, name.text_range());
                let sum = args.of(self, body, &Type::Money(None));
                let amount = Amount::Money(Box::new(sum));
                made(
                    ExprKind::Remedy {
                        kind: Box::new(kind),
                        amount,
                    },
                    Type::Remedy,
                )
            }
            ("gift" | "units", 2) => {
                let kind = args.code(self, body, None);
                let amount = match name.text() {
                    "gift" => Amount::Money(Box::new(args.of(self, body, &Type::Money(None)))),
                    _ => Amount::Units(Box::new(args.of(self, body, &Type::Int))),
                };
                made(
                    ExprKind::Remedy {
                        kind: Box::new(kind),
                        amount,
                    },
                    Type::Remedy,
                )
            }
            ("service", 1) => {
                let kind = args.code(self, body, None);
                let one = Expr::new(ExprKind::Int(1), Type::Int, span);
                let amount = Amount::Units(Box::new(one));
                made(
                    ExprKind::Remedy {
                        kind: Box::new(kind),
                        amount,
                    },
                    Type::Remedy,
                )
            }
            ("statutory" | "contractual", 2) => {
                let ground = match name.text() {
                    "statutory" => Ground::Statutory,
                    _ => Ground::Contractual,
                };
                let remedy = Box::new(args.of(self, body, &Type::Remedy));
                let claim = Box::new(args.code(self, body, None));
                self.declared(body, &claim, "claim", |declared| &declared.claims);
                made(
                    ExprKind::OnGround {
                        remedy,
                        ground,
                        claim,
                    },
                    Type::Remedy,
                )
            }
            ("because", 2 | 3) => {
                let remedy = Box::new(args.of(self, body, &Type::Remedy));
                let code = Box::new(args.code(self, body, Some("reason")));
                let (items, steps) = match count {
                    // What is not written out may be any number of arguments.
                    3 => args
                        .items(self, body)
                        .unwrap_or_else(|| (vec![Expr::unknown(span)], 0)),
                    _ => (Vec::new(), 0),
                };
                let items = items
                    .into_iter()
                    .map(|item| self.reason_arg(body, item))
                    .collect();
                made(
                    ExprKind::Because {
                        remedy,
                        code,
                        args: items,
                    },
                    Type::Remedy,
                )
                .costs(steps)
            }
            ("grant", 1) => {
                let remedies = Box::new(args.remedies(self, body));
                made(
                    ExprKind::Grant {
                        tier: None,
                        remedies,
                    },
                    Type::Verdict,
                )
            }
            ("grant_in_tier", 2) => {
                let tier = Box::new(args.code(self, body, None));
                self.declared(body, &tier, "level", |declared| &declared.tiers);
                let tier = Some(tier);
                let remedies = Box::new(args.remedies(self, body));
                made(ExprKind::Grant { tier, remedies }, Type::Verdict)
            }
            ("refuse", 1) => {
                let reason = args.reasons(self, body);
                made(ExprKind::Refuse(Box::new(reason)), Type::Verdict)
            }
            ("hold", 1) => {
                let reason = args.code(self, body, Some("reason"));
                made(ExprKind::Hold(Box::new(reason)), Type::Verdict)
            }
            ("route", 0) => made(ExprKind::Route, Type::Route),
            ("queue" | "oblige", 2) => {
                let route = Box::new(args.of(self, body, &Type::Route));
                let is_queue = name.text() == "queue";
                let code = Box::new(args.code(self, body, (!is_queue).then_some("obligation")));
                match is_queue {
                    true => made(ExprKind::Queue(route, code), Type::Route),
                    false => made(ExprKind::Oblige(route, code), Type::Route),
                }
            }
            ("priority", 2) => {
                let route = Box::new(args.of(self, body, &Type::Route));
                let priority = args.of(self, body, &Type::Int);
                if let ExprKind::Int(number) = priority.kind
                    && !(1..=9).contains(&number)
                {
                    body.error(
                        Rule::BadLiteral,
                        priority.span,
                        format!("priority {number} is not within 1 to 9"),
                        "1 is the most urgent",
                    );
                }
                made(ExprKind::Priority(route, Box::new(priority)), Type::Route)
            }
            ("within_minutes" | "within_hours" | "within_days" | "within_working_days", 2) => {
                let unit = match name.text() {
                    "within_minutes" => DeadlineUnit::Minutes,
                    "within_hours" => DeadlineUnit::Hours,
                    "within_days" => DeadlineUnit::CalendarDays,
                    _ => DeadlineUnit::WorkingDays,
                };
                let route = Box::new(args.of(self, body, &Type::Route));
                let count = Box::new(args.of(self, body, &Type::Int));
                made(ExprKind::Within(unit, route, count), Type::Route)
            }
            ("since", 2) => self.since(body, &mut args, span, at),
            ("percent" | "basis_points", 2) => {
                let sum = args.of(self, body, &Type::Money(None));
                let ty = sum.ty.clone();
                let numerator = Box::new(args.of(self, body, &Type::Int));
                let of = if name.text() == "percent" {
                    100
                } else {
                    10_000
                };
                let denominator = Box::new(Expr::new(ExprKind::Int(of), Type::Int, span));
                made(
                    ExprKind::Share {
                        sum: Box::new(sum),
                        numerator,
                        denominator,
                    },
                    ty,
                )
            }
            ("ratio", 3) => {
                let sum = args.of(self, body, &Type::Money(None));
                let ty = sum.ty.clone();
                let numerator = Box::new(args.of(self, body, &Type::Int));
                let denominator = Box::new(args.of(self, body, &Type::Int));
                made(
                    ExprKind::Share {
                        sum: Box::new(sum),
                        numerator,
                        denominator,
                    },
                    ty,
                )
            }
            ("is_zero" | "is_negative", 1) => {
                let sum = args.of(self, body, &Type::Money(None));
                self.sign(sum, name.text() == "is_zero", span)
            }
            ("min" | "max", 2) => self.extreme(body, &mut args, name.text() == "max", span, at),
            ("abs", 1) => {
                let number = args.of(self, body, &Type::Int);
                made(ExprKind::Abs(Box::new(number)), Type::Int)
            }
            ("days_between", 2) => {
                let from = args.value(self, body);
                let unit = match from.ty {
                    Type::DateTime => SpanUnit::Seconds(86_400),
                    _ => SpanUnit::Days,
                };
                let wanted = match unit {
                    SpanUnit::Days => Type::Date,
                    SpanUnit::Seconds(_) => Type::DateTime,
                };
                let from = Box::new(self.must_be(body, from, &wanted));
                let to = Box::new(args.of(self, body, &wanted));
                made(ExprKind::Between(unit, from, to), Type::Int)
            }
            ("hours_between" | "minutes_between", 2) => {
                let unit = SpanUnit::Seconds(if name.text() == "hours_between" {
                    3_600
                } else {
                    60
                });
                let from = Box::new(args.of(self, body, &Type::DateTime));
                let to = Box::new(args.of(self, body, &Type::DateTime));
                made(ExprKind::Between(unit, from, to), Type::Int)
            }
            ("plus_days", 2) => {
                let date = Box::new(args.of(self, body, &Type::Date));
                let days = Box::new(args.of(self, body, &Type::Int));
                made(ExprKind::PlusDays(date, days), Type::Date)
            }
            ("len" | "is_empty", 1) => {
                let value = args.value(self, body);
                self.length(body, value, name.text() == "is_empty", span)
            }
            ("contains", 2) => {
                let of = args.value(self, body);
                let item = args.value(self, body);
                self.contains(body, of, item, at, span)
            }
            ("starts_with" | "ends_with", 2) => {
                let test = if name.text() == "starts_with" {
                    TextTest::StartsWith
                } else {
                    TextTest::EndsWith
                };
                let text = Box::new(args.of(self, body, &Type::Text));
                let part = Box::new(args.of(self, body, &Type::Text));
                made(ExprKind::TextTest(test, text, part), Type::Bool)
            }
            ("with_item", 3) => {
                let list = args.value(self, body);
                let place = args.of(self, body, &Type::Int);
                let item = args.value(self, body);
                self.with_item(body, list, place, item, at, span)
            }
            (other, _) => {
                self.no_function(body, name, other, count);
                Expr::unknown(span)
            }
        }
    }

    fn no_function(&mut self, body: &mut Body, name: &SyntaxToken, text: &str, count: usize) {
        let span = name.text_range();
        if matches!(text, "map" | "filter" | "some" | "all" | "reduce") {
            body.outside(
                span,
                format!("`{text}` takes a closure, which does not compile"),
                "write a `for` over the list",
            );
            return;
        }
        if matches!(text, "to_string" | "keys" | "values") {
            body.outside(
                span,
                format!("`{text}` does not compile"),
                "give values to a reason as arguments; sentences stand in the messages",
            );
            return;
        }
        if text == "push" {
            body.error(
                Rule::WrongArguments,
                span,
                "`push` is a statement of its own, on the name of a list",
                "write `list.push(x);`",
            );
            return;
        }
        if self.is_builtin(text) || self.by_name.keys().any(|(own, _)| own == text) {
            let takes = self.takes(text);
            let message = format!("`{text}` takes {takes}, not {count}");
            let help = "what stands before a dot is the first one";
            body.error(Rule::WrongArguments, span, message, help);
            return;
        }
        let own = self.by_name.keys().map(|(own, _)| own.as_str());
        let near =
            nearest(text, own.chain(ARGUMENTS.iter().map(|(name, _)| *name))).map(str::to_owned);
        let help = near
            .map(|near| format!("did you mean `{near}`?"))
            .unwrap_or_default();
        body.error(
            Rule::UnknownName,
            span,
            format!("there is no function `{text}`"),
            help,
        );
    }

    /// How many arguments a function takes.
    fn takes(&self, name: &str) -> String {
        let own = self.by_name.keys().filter(|(own, _)| own == name);
        let mut counts: Vec<usize> = own.map(|(_, count)| *count).collect();
        if let Some((_, own)) = ARGUMENTS.iter().find(|(builtin, _)| *builtin == name) {
            counts.extend(own.iter());
        }
        counts.sort_unstable();
        counts.dedup();
        match counts.as_slice() {
            [] => "other arguments".to_owned(),
            [only] => counted(*only, "argument"),
            [first @ .., last] => {
                let first: Vec<String> = first.iter().map(usize::to_string).collect();
                format!("{} or {last} arguments", first.join(", "))
            }
        }
    }

    pub(super) fn symbol(&mut self, text: &str, span: TextRange) -> Expr {
        let id = self.text(text);
        Expr::new(ExprKind::Text(id), Type::Symbol, span)
    }

    fn literal_text(&mut self, body: &mut Body, value: &Expr, what: &str) -> Option<String> {
        match value.kind {
            ExprKind::Text(id) => {
                let text = self.texts.get(usize::try_from(id.0).ok()?)?;
                Some(text.to_string())
            }
            _ if value.ty == Type::Unknown => None,
            _ => {
                body.outside(
                    value.span,
                    format!("{what} that is not written out does not compile"),
                    "write it as a text in quotes",
                );
                None
            }
        }
    }

    fn money_literal(&mut self, body: &mut Body, value: &Expr, span: TextRange) -> Expr {
        let Some(text) = self.literal_text(body, value, "a sum") else {
            return Expr::unknown(span);
        };
        match text.parse::<Money>() {
            Ok(money) => {
                let ty = Type::Money(Some(money.currency()));
                Expr::new(ExprKind::Money(money), ty, span).costs(value.steps)
            }
            Err(error) => {
                body.error(Rule::BadLiteral, value.span, error.to_string(), "");
                Expr::unknown(span)
            }
        }
    }

    fn date_literal(&mut self, body: &mut Body, value: &Expr, span: TextRange) -> Expr {
        let Some(text) = self.literal_text(body, value, "a date") else {
            return Expr::unknown(span);
        };
        match text.parse::<Date>() {
            Ok(date) => Expr::new(ExprKind::Date(date), Type::Date, span).costs(value.steps),
            Err(error) => {
                body.error(Rule::BadLiteral, value.span, error.to_string(), "");
                Expr::unknown(span)
            }
        }
    }

    fn lookup(&mut self, body: &mut Body, args: &mut Args, span: TextRange, at: TextSize) -> Expr {
        let name = args.value(self, body);
        let items = args.items(self, body);
        let Some(text) = self.literal_text(body, &name, "the name of a table") else {
            return Expr::unknown(span);
        };
        let tables = self.env.tables;
        let Some((number, table)) = tables
            .iter()
            .enumerate()
            .find(|(_, t)| t.name().as_str() == text)
        else {
            let help = nearest(&text, tables.iter().map(|t| t.name().as_str()));
            let help = help
                .map(|near| format!("did you mean `{near}`?"))
                .unwrap_or_default();
            body.error(
                Rule::UnknownTable,
                name.span,
                format!("there is no table `{text}`"),
                help,
            );
            return Expr::unknown(span);
        };
        let Some((mut inputs, steps)) = items else {
            return Expr::unknown(span);
        };
        if inputs.len() != table.inputs().len() {
            let names: Vec<&str> = table.inputs().iter().map(|c| c.name.as_str()).collect();
            let message = format!(
                "the table `{text}` takes {}, not {}",
                counted(names.len(), "input"),
                inputs.len()
            );
            body.error(
                Rule::WrongArguments,
                span,
                message,
                format!("give [{}]", names.join(", ")),
            );
            return Expr::unknown(span);
        }
        let mut extra = 0;
        for (input, column) in inputs.iter_mut().zip(table.inputs()) {
            extra += 1;
            let value = std::mem::replace(input, Expr::unknown(span));
            *input = self.must_be(body, value, &input_type(column));
        }
        // The lookup counts a step for each input.
        let steps = steps + extra + name.steps;
        Expr::new(
            ExprKind::Lookup {
                table: number,
                inputs,
            },
            Type::Row(number),
            span,
        )
        .fails_at(at)
        .costs(steps)
    }

    fn reason_arg(&mut self, body: &mut Body, item: Expr) -> Expr {
        let fits = matches!(
            item.ty,
            Type::Int | Type::Money(_) | Type::Date | Type::Unknown | Type::Never
        ) || item.ty.is_text();
        if fits {
            return item;
        }
        let message = format!(
            "an argument of a reason is an integer, a sum, a date or a short text, not {}",
            item.ty.in_words(self.env.tables)
        );
        body.error(Rule::WrongType, item.span, message, "");
        Expr::unknown(item.span)
    }

    fn since(&mut self, body: &mut Body, args: &mut Args, span: TextRange, at: TextSize) -> Expr {
        let route = Box::new(args.of(self, body, &Type::Route));
        let name = args.value(self, body);
        let Some(text) = self.literal_text(body, &name, "the name of a fact") else {
            return Expr::unknown(span);
        };
        let schema = self.env.schema;
        let found = schema.slots().find(|(_, fact)| fact.name == text);
        let problem = match found {
            None => {
                let near = nearest(&text, schema.facts().iter().map(|fact| fact.name.as_str()));
                let help = near
                    .map(|near| format!("did you mean `{near}`?"))
                    .unwrap_or_default();
                Some((format!("there is no fact `{text}`"), help))
            }
            Some((_, fact)) if !fact.class.seen_by_route() => Some((
                format!("`route` does not see the fact `{text}`"),
                String::new(),
            )),
            Some((_, fact)) if !matches!(fact.ty, FactType::Date | FactType::DateTime) => Some((
                format!("a deadline cannot start from `{text}`: it is not a date"),
                String::new(),
            )),
            Some(_) => None,
        };
        if let Some((message, help)) = problem {
            body.error(Rule::UnknownFact, name.span, message, help);
            return Expr::unknown(span);
        }
        let Some((slot, _)) = found else {
            return Expr::unknown(span);
        };
        Expr::new(ExprKind::Since(route, slot), Type::Route, span)
            .fails_at(at)
            .costs(name.steps)
    }

    /// Tells of a claim or a level that the guardrails do not declare.
    fn declared(
        &self,
        body: &mut Body,
        code: &Expr,
        what: &str,
        names: fn(&Declared) -> &BTreeSet<SmolStr>,
    ) {
        let (ExprKind::Text(id), Some(declared)) = (&code.kind, self.env.declared) else {
            return;
        };
        let at = usize::try_from(id.0).unwrap_or(usize::MAX);
        let names = names(declared);
        let Some(text) = self.texts.get(at).filter(|text| !names.contains(*text)) else {
            return;
        };
        let names = || names.iter().map(SmolStr::as_str);
        let help = match nearest(text, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names().next().is_none() => format!("the guardrails declare no {what}"),
            None => format!("there is {}", names().collect::<Vec<_>>().join(", ")),
        };
        let message =
            format!("the guardrails declare no {what} `{text}`, so that a person decides");
        body.warn(Rule::UndeclaredCode, code.span, message, help);
    }

    /// A code: written out, or one of the texts that the program can name.
    pub(super) fn as_code(&mut self, body: &mut Body, value: Expr, sentence: Option<&str>) -> Expr {
        if let ExprKind::Text(id) = value.kind {
            let text = self
                .texts
                .get(usize::try_from(id.0).unwrap_or(usize::MAX))
                .cloned()
                .unwrap_or_default();
            if let Err(error) = Code::new(&text) {
                body.error(Rule::BadLiteral, value.span, error.to_string(), "");
            } else if let (Some(what), Some(codes)) = (sentence, self.env.sentences)
                && !codes.contains_key(&text)
            {
                // One that nothing is near to is told with its line of the messages.
                let near = nearest(&text, codes.keys().map(SmolStr::as_str));
                if let Some(near) = near {
                    let help = format!("did you mean `{near}`?");
                    body.warn(
                        Rule::UnknownCode,
                        value.span,
                        format!("the {what} `{text}` has no sentence"),
                        help,
                    );
                }
            }
            return value;
        }
        match value.ty {
            Type::Symbol | Type::Unknown | Type::Never => value,
            Type::Text => {
                body.outside(
                    value.span,
                    "a code out of a free text does not compile",
                    "write codes out, or take them from an enum or a table",
                );
                Expr::unknown(value.span)
            }
            _ => self.must_be(body, value, &Type::Text),
        }
    }
}

/// The arguments of a call, one after the other.
pub(super) struct Args {
    all: std::vec::IntoIter<Arg>,
    span: TextRange,
}

impl Args {
    pub(super) fn value(&mut self, checker: &mut Checker<'_>, body: &mut Body) -> Expr {
        match self.all.next() {
            Some(Arg::Value(value)) => value,
            Some(Arg::Items(items, steps, span)) => checker.list_of(body, items, span).costs(steps),
            None => Expr::unknown(self.span),
        }
    }

    pub(super) fn of(&mut self, checker: &mut Checker<'_>, body: &mut Body, ty: &Type) -> Expr {
        let value = self.value(checker, body);
        checker.must_be(body, value, ty)
    }

    fn code(&mut self, checker: &mut Checker<'_>, body: &mut Body, sentence: Option<&str>) -> Expr {
        let value = self.value(checker, body);
        checker.as_code(body, value, sentence)
    }

    /// The items of a list that is written out; `None` where it is not.
    fn items(&mut self, checker: &mut Checker<'_>, body: &mut Body) -> Option<(Vec<Expr>, u32)> {
        match self.all.next() {
            Some(Arg::Items(items, steps, _)) => Some((items, steps)),
            Some(Arg::Value(value)) => {
                if value.ty != Type::Unknown {
                    body.outside(
                        value.span,
                        "a list that is not written out here does not compile",
                        "write its items in `[ ]`",
                    );
                    if !matches!(value.ty, Type::List(_)) {
                        let _told =
                            checker.must_be(body, value, &Type::List(Box::new(Type::Never)));
                    }
                }
                None
            }
            None => None,
        }
    }

    fn remedies(&mut self, checker: &mut Checker<'_>, body: &mut Body) -> Expr {
        let value = self.value(checker, body);
        match &value.ty {
            Type::List(item) if matches!(**item, Type::Remedy | Type::Never | Type::Unknown) => {
                value
            }
            Type::Unknown | Type::Never => value,
            other => {
                let message = format!(
                    "`grant` takes a list of remedies such as `[cash(money)]`, not {}",
                    other.in_words(checker.env.tables)
                );
                body.error(Rule::WrongType, value.span, message, "");
                Expr::unknown(value.span)
            }
        }
    }

    fn reasons(&mut self, checker: &mut Checker<'_>, body: &mut Body) -> Expr {
        match self.all.next() {
            Some(Arg::Items(items, steps, span)) => {
                if items.is_empty() {
                    body.error(
                        Rule::WrongArguments,
                        span,
                        "a refusal says why: `refuse` takes a reason",
                        "",
                    );
                }
                let items = items
                    .into_iter()
                    .map(|item| checker.as_code(body, item, Some("reason")))
                    .collect();
                checker.list_of(body, items, span).costs(steps)
            }
            Some(Arg::Value(value)) => match &value.ty {
                Type::List(item) => match **item {
                    Type::Symbol | Type::Never | Type::Unknown => value,
                    _ => {
                        body.error(
                            Rule::WrongType,
                            value.span,
                            "`refuse` takes reason codes",
                            "",
                        );
                        Expr::unknown(value.span)
                    }
                },
                _ => checker.as_code(body, value, Some("reason")),
            },
            None => Expr::unknown(self.span),
        }
    }
}
