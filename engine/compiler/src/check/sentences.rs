//! What a policy says, held against the sentences that say it to people.
//!
//! A sentence has places for arguments, and a script gives arguments at each `because`.
//! Where the two do not fit, a customer would read a sentence with a hole in it.

use std::collections::{BTreeMap, BTreeSet};

use redress_model::code::nearest;
use redress_model::table::Tables;
use redress_model::{ReasonArgType, Value};
use rowan::TextRange;
use smol_str::SmolStr;

use super::Checker;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::ir::{Expr, ExprKind, Function, FunctionId, LocalId, Program, StmtKind, Type};
use crate::syntax::Lines;

/// The sentences of a release, by code.
pub type Sentences = BTreeMap<SmolStr, SentencePlaces>;

/// What the sentences of one code have places for; they are the same in every language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SentencePlaces {
    /// The languages that have the sentence.
    pub languages: Vec<SmolStr>,
    /// The places by number, each with the type that a language declares for it.
    pub places: BTreeMap<usize, Option<ReasonArgType>>,
}

impl SentencePlaces {
    fn languages(&self) -> String {
        self.languages.join(", ")
    }
}

/// A place in the script that gives a code to people.
struct Use<'p> {
    /// The codes that it can be, each where it is written.
    codes: Vec<(SmolStr, TextRange)>,
    args: &'p [Expr],
    /// The function that gives it.
    by: &'static str,
}

/// The types that the arguments of a code had first, and the line of each.
type Seen = BTreeMap<(SmolStr, usize), (ReasonArgType, u32)>;

impl Checker<'_> {
    /// Holds every reason and obligation that the policy gives against its sentence.
    pub(super) fn sentences(
        &mut self,
        program: &Program,
        reached: &BTreeSet<FunctionId>,
        lines: &Lines,
    ) {
        let Some(sentences) = self.env.sentences else {
            return;
        };
        let mut uses = Vec::new();
        let followed = Followed {
            program,
            reached,
            tables: self.env.tables,
        };
        for function in reached.iter().filter_map(|id| program.function(*id)) {
            followed.uses(function, &mut uses);
        }
        uses.sort_by_key(|found| found.codes.first().map(|(_, span)| span.start()));
        let mut seen = Seen::new();
        for found in &uses {
            self.diagnostics.extend(unknown(found, sentences));
            self.diagnostics.extend(missing(found, sentences));
            for (number, arg) in found.args.iter().enumerate() {
                let told = type_differs(found, sentences, &mut seen, (number, arg), lines);
                self.diagnostics.extend(told);
                self.diagnostics
                    .extend(unused(found, sentences, number, arg));
            }
        }
    }
}

/// Where codes are followed to: through variables, branches, tables and functions.
struct Followed<'p> {
    program: &'p Program,
    reached: &'p BTreeSet<FunctionId>,
    tables: &'p Tables,
}

/// A function with what it was called with.
#[derive(Clone, Copy)]
struct Frame<'p, 'f> {
    function: &'p Function,
    /// The call and the function that makes it; whoever is not followed into has none.
    by: Option<(&'p [Expr], &'f Frame<'p, 'f>)>,
    /// How many calls it is deep.
    depth: u32,
}

/// The most calls that a code is followed through.
const CALLS_MAX: u32 = 8;

impl<'p> Followed<'p> {
    fn uses(&self, function: &'p Function, uses: &mut Vec<Use<'p>>) {
        let frame = Frame {
            function,
            by: None,
            depth: 0,
        };
        each(&function.body, &mut |expr| {
            let (code, args, by): (_, &[Expr], _) = match &expr.kind {
                ExprKind::Because { code, args, .. } => (code, args, "because"),
                ExprKind::Refuse(code) => (code, &[], "refuse"),
                ExprKind::Hold(code) => (code, &[], "hold"),
                ExprKind::Oblige(_, code) => (code, &[], "oblige"),
                _ => return,
            };
            let mut codes = Vec::new();
            if self
                .codes(frame, code, &mut Vec::new(), &mut codes)
                .is_some()
            {
                uses.push(Use { codes, args, by });
            }
        });
    }

    /// Every code that an expression can be; `None` where that cannot be told.
    fn codes(
        &self,
        frame: Frame<'p, '_>,
        expr: &'p Expr,
        open: &mut Vec<LocalId>,
        found: &mut Vec<(SmolStr, TextRange)>,
    ) -> Option<()> {
        let mut part = |expr: &'p Expr, found: &mut Vec<(SmolStr, TextRange)>| {
            self.codes(frame, expr, open, found)
        };
        match &expr.kind {
            ExprKind::Text(id) => found.push((self.program.text(*id)?.clone(), expr.span)),
            ExprKind::Unit | ExprKind::Return(_) => {}
            ExprKind::Widen(inner) => part(inner, found)?,
            ExprKind::List(items) => items.iter().try_for_each(|item| part(item, found))?,
            ExprKind::Block(_, value) => part(value, found)?,
            ExprKind::If {
                then, otherwise, ..
            } => {
                part(then, found)?;
                part(otherwise, found)?;
            }
            ExprKind::Switch { arms, default, .. } => {
                arms.iter().try_for_each(|arm| part(&arm.body, found))?;
                part(default, found)?;
            }
            ExprKind::Coalesce { value, default, .. } => {
                part(value, found)?;
                part(default, found)?;
            }
            ExprKind::Column(row, column) => {
                let Type::Row(table) = row.ty else {
                    return None;
                };
                let table = self.tables.iter().nth(table)?;
                for row in table.rows() {
                    match row.outputs.get(*column)? {
                        Value::Text(code) => found.push((code.as_str().into(), expr.span)),
                        _ => return None,
                    }
                }
            }
            ExprKind::Call(id, args) => self.result(frame, *id, args, found)?,
            ExprKind::Local(local) => self.variable(frame, *local, open, found)?,
            _ => return None,
        }
        Some(())
    }

    /// Every code that a call can give: the function's value, and what it returns early.
    fn result(
        &self,
        frame: Frame<'p, '_>,
        id: FunctionId,
        args: &'p [Expr],
        found: &mut Vec<(SmolStr, TextRange)>,
    ) -> Option<()> {
        let called = Frame {
            function: self.program.function(id)?,
            by: Some((args, &frame)),
            depth: frame
                .depth
                .checked_add(1)
                .filter(|depth| *depth <= CALLS_MAX)?,
        };
        let body = &called.function.body;
        self.codes(called, body, &mut Vec::new(), found)?;
        let mut returned = Vec::new();
        each(body, &mut |expr| {
            if let ExprKind::Return(value) = &expr.kind {
                returned.push(&**value);
            }
        });
        returned
            .into_iter()
            .try_for_each(|value| self.codes(called, value, &mut Vec::new(), found))
    }

    fn variable(
        &self,
        frame: Frame<'p, '_>,
        local: LocalId,
        open: &mut Vec<LocalId>,
        found: &mut Vec<(SmolStr, TextRange)>,
    ) -> Option<()> {
        let at = usize::try_from(local.0).ok()?;
        if open.contains(&local) {
            return None;
        }
        let mut values = Vec::new();
        each_set(&frame.function.body, &mut |set, value| {
            if set == local {
                values.push(value);
            }
        });
        if at < frame.function.params {
            self.given(frame, at, found)?;
        } else if values.is_empty() {
            // A variable of a loop is set by the loop.
            return None;
        }
        open.push(local);
        for value in values {
            self.codes(frame, value, open, found)?;
        }
        open.pop();
        Some(())
    }

    /// Every code that a parameter can be: what this call gives, or what any call does where
    /// the function itself is looked at.
    fn given(
        &self,
        frame: Frame<'p, '_>,
        at: usize,
        found: &mut Vec<(SmolStr, TextRange)>,
    ) -> Option<()> {
        if let Some((args, caller)) = frame.by {
            return self.codes(*caller, args.get(at)?, &mut Vec::new(), found);
        }
        let depth = frame
            .depth
            .checked_add(1)
            .filter(|depth| *depth <= CALLS_MAX)?;
        let mut is_called = false;
        for caller in self
            .reached
            .iter()
            .filter_map(|id| self.program.function(*id))
        {
            let mut given = Vec::new();
            each(&caller.body, &mut |expr| {
                if let ExprKind::Call(id, args) = &expr.kind
                    && self
                        .program
                        .function(*id)
                        .is_some_and(|it| std::ptr::eq(it, frame.function))
                {
                    given.push(args.get(at));
                }
            });
            let caller = Frame {
                function: caller,
                by: None,
                depth,
            };
            for arg in given {
                is_called = true;
                self.codes(caller, arg?, &mut Vec::new(), found)?;
            }
        }
        is_called.then_some(())
    }
}

/// A code that has no sentence and is near to one that has; one that is near to none is told
/// with its line of the messages.
fn unknown<'u>(
    found: &'u Use<'_>,
    sentences: &'u Sentences,
) -> impl Iterator<Item = Diagnostic> + 'u {
    let what = match found.by {
        "oblige" => "obligation",
        _ => "reason",
    };
    let codes = found.codes.iter();
    let unknown = codes.filter(|(code, _)| !sentences.contains_key(code));
    unknown.filter_map(move |(code, span)| {
        let near = nearest(code, sentences.keys().map(SmolStr::as_str))?;
        Some(Diagnostic {
            rule: Rule::UnknownCode,
            severity: Severity::Warning,
            message: format!("the {what} `{code}` has no sentence"),
            help: Some(format!("did you mean `{near}`?")),
            span: *span,
        })
    })
}

/// A place of the sentence for which no argument is given.
fn missing<'u>(
    found: &'u Use<'_>,
    sentences: &'u Sentences,
) -> impl Iterator<Item = Diagnostic> + 'u {
    found.codes.iter().filter_map(|(code, span)| {
        let sentence = sentences.get(code)?;
        // An argument that could not be typed may be a whole list of them.
        if found.args.iter().any(|arg| arg.ty == Type::Unknown) {
            return None;
        }
        let beyond = sentence.places.keys();
        let beyond: Vec<String> = beyond
            .filter(|number| **number >= found.args.len())
            .map(|number| format!("{{{number}}}"))
            .collect();
        if beyond.is_empty() {
            return None;
        }
        let given = match found.args.len() {
            0 => "no argument is given".to_owned(),
            1 => "1 argument is given".to_owned(),
            count => format!("{count} arguments are given"),
        };
        let help = match found.by {
            "because" => format!(
                "give every place its argument, `because(\"{code}\", [..])`, or take it out of the sentence"
            ),
            by => format!("`{by}` gives no arguments; take the place out of the sentence"),
        };
        Some(Diagnostic {
            rule: Rule::SentenceArguments,
            severity: Severity::Error,
            message: format!(
                "the sentence `{code}` ({}) has {}, and {given}",
                sentence.languages(),
                beyond.join(" and "),
            ),
            help: Some(help),
            span: *span,
        })
    })
}

/// An argument of another type than the sentence declares, or than another place gives.
fn type_differs(
    found: &Use<'_>,
    sentences: &Sentences,
    seen: &mut Seen,
    (number, arg): (usize, &Expr),
    lines: &Lines,
) -> Option<Diagnostic> {
    let ty = reason_type(&arg.ty)?;
    let mut told = None;
    for (code, _) in &found.codes {
        let Some(sentence) = sentences.get(code) else {
            continue;
        };
        let Some(declared) = sentence.places.get(&number) else {
            continue;
        };
        let line = lines.position(arg.span.start()).line;
        let (first, first_line) = *seen.entry((code.clone(), number)).or_insert((ty, line));
        let is = ty.in_words();
        let problem = match declared {
            Some(declared) if *declared != ty => Some((
                format!(
                    "the sentence `{code}` ({}) takes {} for {{{number}}}, and this is {is}",
                    sentence.languages(),
                    declared.in_words(),
                ),
                format!(
                    "give {}, or declare {{{number}:{}}}",
                    declared.in_words(),
                    ty.name()
                ),
            )),
            None if first != ty => Some((
                format!(
                    "{{{number}}} of the sentence `{code}` ({}) is {} in line {first_line}, and {is} here",
                    sentence.languages(),
                    first.in_words(),
                ),
                "give it one type everywhere, or use two codes".to_owned(),
            )),
            _ => None,
        };
        if let Some((message, help)) = problem {
            told.get_or_insert(Diagnostic {
                rule: Rule::SentenceArguments,
                severity: Severity::Error,
                message,
                help: Some(help),
                span: arg.span,
            });
        }
    }
    told
}

/// An argument for which none of the sentences has a place.
fn unused(found: &Use<'_>, sentences: &Sentences, number: usize, arg: &Expr) -> Option<Diagnostic> {
    let worded: Vec<_> = found
        .codes
        .iter()
        .filter_map(|(code, _)| Some((code, sentences.get(code)?)))
        .collect();
    let (code, _) = worded.first()?;
    let is_used = worded
        .iter()
        .any(|(_, sentence)| sentence.places.contains_key(&number));
    // An unknown one may stand for a whole list.
    if is_used || arg.ty == Type::Unknown {
        return None;
    }
    Some(Diagnostic {
        rule: Rule::UnusedArgument,
        severity: Severity::Warning,
        message: format!("no sentence of `{code}` has {{{number}}}, so nobody reads this"),
        help: Some("name it in the sentence of every language, or leave it out".into()),
        span: arg.span,
    })
}

/// The type of an argument as a sentence names it.
fn reason_type(ty: &Type) -> Option<ReasonArgType> {
    Some(match ty {
        Type::Int => ReasonArgType::Int,
        Type::Money(_) => ReasonArgType::Money,
        Type::Date => ReasonArgType::Date,
        Type::Symbol | Type::Text => ReasonArgType::Text,
        _ => return None,
    })
}

/// Sees an expression and everything within it.
pub(super) fn each<'e>(expr: &'e Expr, see: &mut impl FnMut(&'e Expr)) {
    see(expr);
    expr.each_within(&mut |part| each(part, see));
}

/// Sees every value that a variable is set to.
pub(super) fn each_set<'e>(expr: &'e Expr, see: &mut impl FnMut(LocalId, &'e Expr)) {
    each(expr, &mut |expr| {
        let ExprKind::Block(statements, _) = &expr.kind else {
            return;
        };
        for statement in statements {
            if let StmtKind::Set(local, value) = &statement.kind {
                see(*local, value);
            }
        }
    });
}
