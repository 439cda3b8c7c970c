//! Names and types, and from them the typed representation.
//!
//! An author writes plain Rhai; every type follows from the schema, the tables and the
//! functions that there are. A function is typed for each combination of arguments that it
//! is called with, its body again and again until the types of its variables stay, which is
//! after two or three times.

mod body;
mod calls;
mod cents;
mod chain;
mod constants;
mod expr;
mod facts;
mod lists;
mod operators;
mod sentences;
mod stmt;
mod switch;
#[cfg(test)]
pub(crate) mod tests;
mod values;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};

use redress_model::code::nearest;
use redress_model::table::Tables;
use redress_model::{FactClass, Schema, Slot};
use rowan::{TextRange, TextSize};
use smol_str::SmolStr;

use self::body::Body;
pub use self::sentences::{SentencePlaces, Sentences};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::ir::{
    Expr, Function, FunctionId, Limits, Program, Site, SiteId, SiteKind, TextId, Type,
};
use crate::limits::DIAGNOSTICS_MAX;
use crate::syntax::{Lines, Parse, ast};

/// What a policy is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Environment<'e> {
    /// The fact schema.
    pub schema: &'e Schema,
    /// The tables of the release.
    pub tables: &'e Tables,
    /// The sentences of the release; `None` where they are not known.
    pub sentences: Option<&'e Sentences>,
    /// The claims and levels that the guardrails declare; `None` where they are not known.
    pub declared: Option<&'e Declared>,
    /// The facts that the manifest declares needed; `None` where it declares nothing.
    pub needs: Option<&'e [Slot]>,
    /// What a run may use.
    pub limits: Limits,
}

/// What the guardrails declare and a script names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The codes of claims by law or contract.
    pub claims: BTreeSet<SmolStr>,
    /// The levels of goodwill.
    pub tiers: BTreeSet<SmolStr>,
}

/// What there is to say of a source, and what it means if it can be compiled.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What there is to say, in the order of the source.
    pub diagnostics: Vec<Diagnostic>,
    /// What it means; `None` if it has a mistake or lies outside of the subset.
    pub program: Option<Program>,
}

/// Checks a source.
#[must_use]
pub fn check(parse: &Parse, environment: Environment<'_>) -> Checked {
    let mut diagnostics: Vec<Diagnostic> = parse
        .errors()
        .iter()
        .map(|error| Diagnostic {
            rule: Rule::Syntax,
            severity: Severity::Error,
            message: error.problem.clone(),
            help: error.help.clone(),
            span: error.range,
        })
        .collect();
    if parse.is_refused() {
        // Whatever else is missing is missing for that.
        return Checked {
            diagnostics,
            program: None,
        };
    }
    let mut checker = Checker::new(&parse.file(), environment);
    let lines = parse.lines();
    let program = checker.run(lines);
    let is_whole = diagnostics.is_empty();
    let broken: BTreeSet<u32> = diagnostics.iter().map(|d| d.position(lines).line).collect();
    let functions: Vec<TextRange> = parse.file().functions().map(|f| f.range()).collect();
    let mut named = BTreeSet::new();
    let told = std::mem::take(&mut checker.diagnostics).into_iter();
    // What is not parsed may be the very thing that a doubt is about.
    diagnostics.extend(told.filter(|d| {
        is_whole || d.severity != Severity::Warning && !broken.contains(&d.position(lines).line)
    }));
    diagnostics.sort_by(|left, right| {
        let key = |d: &Diagnostic| (d.span.start(), d.severity, d.span.end());
        key(left)
            .cmp(&key(right))
            .then_with(|| left.message.cmp(&right.message))
    });
    diagnostics.dedup_by(|later, first| later.span == first.span && later.message == first.message);
    // A name that is written otherwise where it is declared is missing wherever it is used.
    diagnostics.retain(|d| {
        let within = functions
            .iter()
            .position(|range| range.contains(d.span.start()));
        d.rule != Rule::UnknownName || named.insert((within, d.message.clone()))
    });
    diagnostics.truncate(DIAGNOSTICS_MAX);
    let compiles = diagnostics.iter().all(|d| d.severity == Severity::Warning);
    Checked {
        diagnostics,
        program: program.filter(|_| compiles),
    }
}

/// A function of the source, by its place in it.
type FunctionKey = usize;

struct Checker<'e> {
    env: Environment<'e>,
    sources: Vec<ast::Function>,
    by_name: BTreeMap<(SmolStr, usize), FunctionKey>,
    constants: BTreeMap<SmolStr, Expr>,
    instances: BTreeMap<(FunctionKey, Vec<Type>), FunctionId>,
    /// Made functions, each with what there is to say of it.
    functions: Vec<(Function, Vec<Diagnostic>)>,
    /// The functions that are being typed, which must not be called from within.
    open: Vec<FunctionKey>,
    sites: Vec<Site>,
    site_ids: BTreeMap<(TextSize, TextSize, u8), SiteId>,
    texts: Vec<SmolStr>,
    text_ids: BTreeMap<SmolStr, TextId>,
    diagnostics: Vec<Diagnostic>,
}

impl<'e> Checker<'e> {
    fn new(file: &ast::File, env: Environment<'e>) -> Self {
        let mut checker = Self {
            env,
            sources: file.functions().collect(),
            by_name: BTreeMap::new(),
            constants: BTreeMap::new(),
            instances: BTreeMap::new(),
            functions: Vec::new(),
            open: Vec::new(),
            sites: Vec::new(),
            site_ids: BTreeMap::new(),
            texts: Vec::new(),
            text_ids: BTreeMap::new(),
            diagnostics: Vec::new(),
        };
        for (key, function) in checker.sources.iter().enumerate() {
            if let Some(name) = function.name() {
                let arity = function.params().count();
                checker
                    .by_name
                    .entry((name.text().into(), arity))
                    .or_insert(key);
            }
        }
        checker.constants(file);
        checker
    }

    fn run(&mut self, lines: &Lines) -> Option<Program> {
        let remedy = self.entry("remedy", vec![Type::Facts], &Type::Verdict);
        let has_route = self
            .sources
            .iter()
            .any(|f| f.name().is_some_and(|n| n.text() == "route"));
        let route = match has_route {
            true => Some(self.entry("route", vec![Type::Facts, Type::Warnings], &Type::Route)),
            false => None,
        };
        self.uncalled();
        let program = Program {
            functions: self
                .functions
                .iter()
                .map(|(function, _)| function.clone())
                .collect(),
            remedy: remedy.unwrap_or(FunctionId(u32::MAX)),
            route: route.flatten(),
            sites: self.sites.clone(),
            texts: self.texts.clone(),
        };
        let mut reached: BTreeSet<FunctionId> = BTreeSet::new();
        if let Some(id) = remedy {
            let seen = program.reached_from(id);
            self.hidden_facts(&program, &seen);
            reached.extend(seen);
        }
        if let Some(Some(id)) = route {
            reached.extend(program.reached_from(id));
        }
        for (number, (_, said)) in (0..).zip(&self.functions) {
            if reached.contains(&FunctionId(number)) {
                self.diagnostics.extend(said.iter().cloned());
            }
        }
        self.needs(&program, &reached);
        self.dropped_cents(&program, &reached);
        self.sentences(&program, &reached, lines);
        let complete = remedy.is_some() && route.is_none_or(|route| route.is_some());
        complete.then(|| program.only(&reached))
    }

    /// A function that the engine calls.
    fn entry(&mut self, name: &str, params: Vec<Type>, result: &Type) -> Option<FunctionId> {
        let arity = params.len();
        let Some(key) = self.by_name.get(&(name.into(), arity)).copied() else {
            let other = self
                .sources
                .iter()
                .find(|f| f.name().is_some_and(|n| n.text() == name));
            let span = other
                .and_then(ast::Function::name)
                .map(|name| name.text_range());
            let shape = if name == "remedy" {
                "fn remedy(facts)"
            } else {
                "fn route(facts, warnings)"
            };
            let message = match other {
                Some(_) => format!(
                    "`{name}` takes {arity} argument{}",
                    if arity == 1 { "" } else { "s" }
                ),
                None => format!("the policy has no function `{name}`"),
            };
            let names = self.sources.iter().filter_map(ast::Function::name);
            let near = names
                .clone()
                .find(|own| nearest(own.text(), std::iter::once(name)).is_some());
            let span = span.or_else(|| near.as_ref().map(|near| near.text_range()));
            let help = match near.filter(|_| other.is_none()) {
                Some(near) => format!("is `{}` meant? write `{shape} {{ .. }}`", near.text()),
                None => format!("write `{shape} {{ .. }}`"),
            };
            self.say(Diagnostic {
                rule: Rule::EntryPoint,
                severity: Severity::Error,
                message,
                help: Some(help),
                span: span.unwrap_or_default(),
            });
            return None;
        };
        let id = self.instance(key, params)?;
        let (function, said) = self.functions.get_mut(usize::try_from(id.0).ok()?)?;
        let fits =
            function.result == *result || matches!(function.result, Type::Never | Type::Unknown);
        if !fits {
            let wanted = match result {
                Type::Verdict => "a verdict from `grant`, `grant_in_tier`, `refuse` or `hold`",
                _ => "a route from `route()`",
            };
            let found = function.result.in_words(self.env.tables);
            said.push(Diagnostic {
                rule: Rule::EntryPoint,
                severity: Severity::Error,
                message: format!("`{name}` returns {found}, not {wanted}"),
                help: None,
                span: function.span,
            });
        }
        Some(id)
    }

    /// The function for these argument types; `None` where it calls itself.
    fn instance(&mut self, key: FunctionKey, params: Vec<Type>) -> Option<FunctionId> {
        let id = (key, params);
        if let Some(made) = self.instances.get(&id) {
            return Some(*made);
        }
        if self.open.contains(&key) {
            return None;
        }
        let source = self.sources.get(key)?.clone();
        self.open.push(key);
        let made = Body::function(self, &source, &id.1);
        self.open.pop();
        let number = FunctionId(u32::try_from(self.functions.len()).unwrap_or(u32::MAX));
        self.functions.push(made);
        self.instances.insert(id, number);
        Some(number)
    }

    fn result_of(&self, id: FunctionId) -> Type {
        let at = usize::try_from(id.0).unwrap_or(usize::MAX);
        let function = self.functions.get(at);
        function.map_or(Type::Unknown, |(function, _)| function.result.clone())
    }

    /// Functions that nothing calls are checked as far as can be told without their
    /// arguments.
    fn uncalled(&mut self) {
        for key in 0..self.sources.len() {
            if self.instances.keys().any(|(made, _)| *made == key) {
                continue;
            }
            let Some(source) = self.sources.get(key).cloned() else {
                continue;
            };
            let params = source.params().map(|param| match param.text() {
                "facts" => Type::Facts,
                "warnings" => Type::Warnings,
                _ => Type::Unknown,
            });
            let params: Vec<Type> = params.collect();
            self.open.push(key);
            let (_, said) = Body::function(self, &source, &params);
            self.open.pop();
            // What is outside of the subset and never runs keeps nothing from compiling.
            let said = said.into_iter().filter(|d| d.severity != Severity::Outside);
            self.diagnostics.extend(said);
        }
    }

    /// `remedy` reads no fact that may not move an amount, through whatever function.
    fn hidden_facts(&mut self, program: &Program, reached: &[FunctionId]) {
        let mut said = Vec::new();
        for function in reached.iter().filter_map(|id| program.function(*id)) {
            for read in &function.reads {
                let Some(fact) = self.env.schema.fact(read.slot) else {
                    continue;
                };
                if fact.class == FactClass::Route {
                    let name = &fact.name;
                    said.push(Diagnostic {
                        rule: Rule::HiddenFact,
                        severity: Severity::Error,
                        message: format!(
                            "`{name}` is a fact of class route, which `remedy` does not see"
                        ),
                        help: Some("read it in `fn route(facts, warnings)`".into()),
                        span: read.span,
                    });
                }
            }
        }
        self.diagnostics.extend(said);
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn text(&mut self, text: &str) -> TextId {
        if let Some(id) = self.text_ids.get(text) {
            return *id;
        }
        let id = TextId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.into());
        self.text_ids.insert(text.into(), id);
        id
    }

    fn site(
        &mut self,
        kind: SiteKind,
        span: TextRange,
        decides_on: TextRange,
        branches: Vec<TextRange>,
    ) -> SiteId {
        let number = match kind {
            SiteKind::If => 0,
            SiteKind::Switch => 1,
            SiteKind::Condition => 2,
            SiteKind::Coalesce => 3,
        };
        let key = (span.start(), span.end(), number);
        if let Some(id) = self.site_ids.get(&key) {
            return *id;
        }
        let id = SiteId(u32::try_from(self.sites.len()).unwrap_or(u32::MAX));
        self.sites.push(Site {
            span,
            decides_on,
            branches,
            kind,
        });
        self.site_ids.insert(key, id);
        id
    }
}
