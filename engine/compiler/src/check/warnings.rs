//! Facts that are read and not declared needed.

use std::collections::BTreeSet;

use super::Checker;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::ir::{FunctionId, Program};

impl Checker<'_> {
    /// Where the manifest declares which facts the policy needs, every fact that holds the
    /// case is one of them.
    pub(super) fn needs(&mut self, program: &Program, reached: &BTreeSet<FunctionId>) {
        let Some(needs) = self.env.needs else { return };
        let mut said = Vec::new();
        for function in reached.iter().filter_map(|id| program.function(*id)) {
            for read in function
                .reads
                .iter()
                .filter(|read| read.holds && !needs.contains(&read.slot))
            {
                let name = self
                    .env
                    .schema
                    .fact(read.slot)
                    .map(|fact| fact.name.clone());
                let name = name.unwrap_or_default();
                said.push(Diagnostic {
                    rule: Rule::UndeclaredNeed,
                    severity: Severity::Warning,
                    message: format!(
                        "`{name}` is read here and not among the facts that the manifest needs"
                    ),
                    help: Some(format!(
                        "add it to `needs`, or read it as `facts.maybe.{name} ?? value`"
                    )),
                    span: read.span,
                });
            }
        }
        self.diagnostics.extend(said);
    }
}
