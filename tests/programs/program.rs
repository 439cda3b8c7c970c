//! Whole programs: functions, statements, verdicts, routes.

use crate::expr::{BOUND, CODES, Helper, Ty, Writer};
use crate::random::Random;

/// The program with this seed.
pub(crate) fn program(seed: u64) -> String {
    let mut random = Random(seed);
    let mut writer = Writer {
        random: &mut random,
        helpers: Vec::new(),
        scope: Vec::new(),
        sees_facts: false,
        sees_warnings: false,
        result: None,
        loops: 0,
        names: 0,
    };
    let mut text = String::new();
    for number in 0..writer.random.below(4) {
        writer.helper(number, &mut text);
    }
    writer.scope.clear();
    writer.sees_facts = true;
    text.push_str("fn remedy(facts) {\n");
    let count = writer.random.below(7) + 1;
    writer.statements(count, 2, 1, &mut text);
    let verdict = writer.verdict();
    text.push_str(&format!("  {verdict}\n}}\n"));
    if writer.random.once_in(3) {
        writer.scope.clear();
        writer.sees_warnings = true;
        text.push_str("fn route(facts, warnings) {\n");
        let count = writer.random.below(3);
        writer.statements(count, 1, 1, &mut text);
        let route = writer.route();
        text.push_str(&format!("  {route}\n}}\n"));
    }
    text
}

impl Writer<'_> {
    fn helper(&mut self, number: u64, text: &mut String) {
        let facts = self.random.once_in(2);
        let count = self.random.below(3);
        let params: Vec<Ty> = (0..count).map(|_| *self.random.one_of(&BOUND)).collect();
        let result = *self
            .random
            .one_of(&[Ty::Bool, Ty::Int, Ty::Text, Ty::Money, Ty::Remedy]);
        let name = format!("h{number}");
        self.sees_facts = facts;
        self.scope = (0..)
            .zip(&params)
            .map(|(at, ty)| (format!("p{at}"), *ty))
            .collect();
        let names: Vec<String> = facts
            .then(|| "facts".to_owned())
            .into_iter()
            .chain(self.scope.iter().map(|(name, _)| name.clone()))
            .collect();
        text.push_str(&format!("fn {name}({}) {{\n", names.join(", ")));
        self.result = Some(result);
        let count = self.random.below(3);
        self.statements(count, 1, 1, text);
        self.result = None;
        let value = self.expr(result, 3);
        text.push_str(&format!("  {value}\n}}\n"));
        self.helpers.push(Helper {
            name,
            facts,
            params,
            result,
        });
    }

    /// Statements in a scope of their own, indented so far.
    fn block(&mut self, depth: u32, indent: usize, text: &mut String) {
        let known = self.scope.len();
        let count = self.random.below(3) + 1;
        self.statements(count, depth, indent, text);
        self.scope.truncate(known);
    }

    fn statements(&mut self, count: u64, depth: u32, indent: usize, text: &mut String) {
        for _ in 0..count {
            self.statement(depth, indent, text);
        }
    }

    fn statement(&mut self, depth: u32, indent: usize, text: &mut String) {
        let pad = "  ".repeat(indent);
        let put = |text: &mut String, line: String| text.push_str(&format!("{pad}{line}\n"));
        let leaves = self.loops > 0 && self.random.once_in(4);
        let kinds = if depth == 0 { 7 } else { 13 };
        match if leaves { 6 } else { self.random.below(kinds) } {
            0..=2 => {
                let ty = *self.random.one_of(&BOUND);
                let value = self.expr(ty, 3);
                let name = self.fresh();
                put(text, format!("let {name} = {value};"));
                self.scope.push((name, ty));
            }
            3 | 4 => {
                let ty = *self
                    .random
                    .one_of(&[Ty::Int, Ty::Money, Ty::Bool, Ty::Date]);
                let Some(name) = self.variable(ty) else {
                    return;
                };
                let op = match ty {
                    Ty::Int => *self.random.one_of(&["=", "+=", "-=", "*=", "/="]),
                    Ty::Money => *self.random.one_of(&["=", "+=", "-="]),
                    _ => "=",
                };
                let value = self.expr(ty, 3);
                put(text, format!("{name} {op} {value};"));
            }
            5 => match self.variable(Ty::Ints) {
                Some(list) => {
                    let value = self.expr(Ty::Int, 2);
                    let line = match self.random.below(2) {
                        0 => format!("{list}.push({value});"),
                        _ => format!("{list} += {value};"),
                    };
                    put(text, line);
                }
                None => {
                    let value = self.expr(Ty::Ints, 2);
                    let name = self.fresh();
                    put(text, format!("let {name} = {value};"));
                    self.scope.push((name, Ty::Ints));
                }
            },
            6 if self.loops > 0 => {
                let condition = self.expr(Ty::Bool, 2);
                let end = *self.random.one_of(&["break", "continue"]);
                put(text, format!("if {condition} {{ {end}; }}"));
            }
            6 | 7 => {
                let condition = self.expr(Ty::Bool, 2);
                let value = match self.result {
                    Some(ty) => self.expr(ty, 2),
                    None if self.sees_warnings => self.route(),
                    None => self.verdict(),
                };
                put(text, format!("if {condition} {{ return {value}; }}"));
            }
            8 | 9 => {
                let condition = self.expr(Ty::Bool, 3);
                put(text, format!("if {condition} {{"));
                self.block(depth - 1, indent + 1, text);
                if self.random.once_in(2) {
                    put(text, "} else {".to_owned());
                    self.block(depth - 1, indent + 1, text);
                }
                put(text, "}".to_owned());
            }
            10 => {
                let value = self.expr(Ty::Int, 2);
                put(text, format!("switch {value} {{"));
                put(text, "  0 => {".to_owned());
                self.block(depth - 1, indent + 2, text);
                put(text, "  }".to_owned());
                let guard = self.expr(Ty::Bool, 2);
                put(text, format!("  1..30 if {guard} => {{"));
                self.block(depth - 1, indent + 2, text);
                put(text, "  }".to_owned());
                put(text, "  _ => { }".to_owned());
                put(text, "}".to_owned());
            }
            _ => self.repeat(depth, indent, text),
        }
    }

    fn repeat(&mut self, depth: u32, indent: usize, text: &mut String) {
        let pad = "  ".repeat(indent);
        let known = self.scope.len();
        let (item, counter) = (self.fresh(), self.fresh());
        let head = match self.random.below(3) {
            0 if item != counter && self.sees_facts => {
                self.scope.push((item.clone(), Ty::Text));
                self.scope.push((counter.clone(), Ty::Int));
                format!("for ({item}, {counter}) in facts.wishes {{")
            }
            1 => {
                let list = self.expr(Ty::Ints, 2);
                self.scope.push((item.clone(), Ty::Int));
                format!("for {item} in {list} {{")
            }
            _ => {
                self.scope.push((item.clone(), Ty::Int));
                let (from, to) = (self.random.below(3), self.random.below(6));
                let dots = *self.random.one_of(&["..", "..="]);
                format!("for {item} in {from}{dots}{to} {{")
            }
        };
        text.push_str(&format!("{pad}{head}\n"));
        self.loops += 1;
        self.block(depth - 1, indent + 1, text);
        self.loops -= 1;
        self.scope.truncate(known);
        text.push_str(&format!("{pad}}}\n"));
    }

    fn verdict(&mut self) -> String {
        match self.random.below(10) {
            0 => format!("refuse({})", self.code()),
            1 => format!(
                "refuse([\"{}\", {}])",
                self.random.one_of(&CODES),
                self.code()
            ),
            2 => format!("hold({})", self.code()),
            3 | 4 => format!(
                "grant_in_tier({}, {})",
                self.code(),
                self.expr(Ty::Remedies, 3)
            ),
            5 => {
                // Every variable is told, so that none of them differs unseen.
                let ints = self.variable(Ty::Int).unwrap_or_else(|| "1".to_owned());
                let sums = self.variable(Ty::Money);
                let sum = sums.unwrap_or_else(|| "money(\"1.00 EUR\")".to_owned());
                let text = self
                    .variable(Ty::Text)
                    .unwrap_or_else(|| "\"t\"".to_owned());
                let flag = self.variable(Ty::Bool).unwrap_or_else(|| "true".to_owned());
                format!(
                    "grant([units(\"n\", {ints}).because(\"all\", [{ints}, {sum}, {text}, if {flag} {{ 1 }} else {{ 0 }}])])"
                )
            }
            _ => format!("grant({})", self.expr(Ty::Remedies, 4)),
        }
    }

    fn route(&mut self) -> String {
        let mut text = "route()".to_owned();
        for _ in 0..self.random.below(4) {
            let step = match self.random.below(6) {
                0 => format!(".queue({})", self.code()),
                1 => format!(".priority({})", self.random.below(9) + 1),
                2 => format!(".priority({} + 0)", self.expr(Ty::Int, 2)),
                3 => format!(
                    ".within_{}({} + 0)",
                    self.random
                        .one_of(&["days", "hours", "minutes", "working_days"]),
                    self.expr(Ty::Int, 1)
                ),
                4 => ".within_days(3).since(\"complained_on\")".to_owned(),
                _ => format!(".oblige({})", self.code()),
            };
            text.push_str(&step);
        }
        text
    }
}
