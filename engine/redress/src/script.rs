//! A release's script: what there is to say of it, and its compiled form.

use std::sync::Arc;

use redress_compiler::ir::{Limits, Program};
use redress_compiler::syntax::{self, Lines};
use redress_compiler::wasm::{Compiled, NotCompiled, compile};
use redress_compiler::{
    Declared, Diagnostic, Environment, SentencePlaces, Sentences, Severity, check,
};
use redress_release::{Messages, ReleaseSource};
use redress_sandbox::rhai::{list_items_max, text_bytes_max};
use redress_sandbox::wasm::CompiledPolicy;
use redress_sandbox::{Budget, PolicyError};

use crate::engine::Engine;

/// What there is to say of a script.
#[derive(Debug, Clone)]
pub struct ScriptCheck {
    /// The script, by lines.
    pub lines: Lines,
    /// What there is to say, in the order of the script.
    pub diagnostics: Vec<Diagnostic>,
    /// What the script means; `None` if it has a mistake or lies outside of what compiles.
    pub program: Option<Program>,
}

impl ScriptCheck {
    /// Checks the script of a release; `None` if it has none.
    #[must_use]
    pub fn of(source: &ReleaseSource, budget: Budget) -> Option<Self> {
        let text = &source.policy().rhai()?.text;
        let sentences = sentences(source.messages());
        let guardrails = source.guardrails();
        let claims = guardrails.claims.iter();
        let tiers = guardrails.tiers.iter();
        let declared = Declared {
            claims: claims.map(|claim| claim.code.as_str().into()).collect(),
            tiers: tiers.map(|tier| tier.name.as_str().into()).collect(),
        };
        let needs = source.policy().wasm().map(|module| module.needs.as_slice());
        let environment = Environment {
            schema: source.schema(),
            tables: source.tables(),
            sentences: Some(&sentences),
            declared: Some(&declared),
            needs: needs.filter(|needs| !needs.is_empty()),
            limits: limits(source, budget),
        };
        let parsed = syntax::parse(text);
        let checked = check(&parsed, environment);
        Some(Self {
            lines: parsed.into_lines(),
            diagnostics: checked.diagnostics,
            program: checked.program,
        })
    }

    /// The module of the script; `None` if there is no program.
    ///
    /// # Errors
    /// [`NotCompiled`] when the program is left to the interpreter.
    pub fn module(
        &self,
        source: &ReleaseSource,
        budget: Budget,
    ) -> Result<Option<Compiled>, NotCompiled> {
        let (schema, tables) = (source.schema(), source.tables());
        let rounding = source.manifest().rounding;
        let limits = limits(source, budget);
        let make = |program| compile(program, &self.lines, schema, tables, rounding, &limits);
        self.program.as_ref().map(make).transpose()
    }

    /// Why the script does not compile, as far as its author has a say in it.
    #[must_use]
    pub fn obstacle(&self) -> Option<&Diagnostic> {
        let mut found = self.diagnostics.iter();
        found.find(|diagnostic| diagnostic.severity != Severity::Warning)
    }
}

/// What the sentences of a release have places for.
fn sentences(messages: &Messages) -> Sentences {
    let mut sentences = Sentences::new();
    for code in messages.codes() {
        let mut of_code = SentencePlaces::default();
        for (locale, sentence) in messages.in_every_language(code) {
            of_code.languages.push(locale.as_str().into());
            for (number, ty) in sentence.places() {
                let declared = of_code.places.entry(number).or_default();
                *declared = declared.or(ty);
            }
        }
        sentences.insert(code.as_str().into(), of_code);
    }
    sentences
}

fn limits(source: &ReleaseSource, budget: Budget) -> Limits {
    Limits {
        steps_max: budget.steps_max,
        memory_bytes_max: budget.memory_bytes_max,
        call_depth_max: budget
            .call_depth_max
            .min(redress_sandbox::rhai::limits::CALL_DEPTH_MAX),
        output_bytes_max: budget.output_bytes_max.into(),
        list_items_max: list_items_max(&budget, source.schema()),
        text_bytes_max: text_bytes_max(&budget, source.schema()),
    }
}

/// Compiles the script of a release; what does not fit is left to the interpreter.
///
/// # Errors
/// [`PolicyError`] with what stands in the way, where there is a script.
pub(crate) fn compiled(
    engine: &Engine,
    source: &ReleaseSource,
) -> Result<CompiledPolicy, PolicyError> {
    let budget = engine.limits().budget;
    let plain = |problem: String| PolicyError {
        problem,
        at: None,
        help: None,
    };
    let Some(checked) = ScriptCheck::of(source, budget) else {
        return Err(plain("the release has no script".into()));
    };
    let made = checked.module(source, budget);
    let Some(made) = made.map_err(|error| plain(error.to_string()))? else {
        let obstacle = checked.obstacle();
        return Err(PolicyError {
            problem: obstacle.map_or_else(Default::default, |said| said.message.clone()),
            at: obstacle.map(|said| said.position(&checked.lines)),
            help: obstacle.and_then(|said| said.help.clone()),
        });
    };
    let host = engine.wasm().map_err(|error| plain(error.to_string()))?;
    CompiledPolicy::compile(
        host,
        &made.module,
        made.report,
        source.schema(),
        Arc::clone(source.tables()),
        source.manifest().rounding,
        budget,
    )
}
