//! Facts, groups of facts, columns of rows, counters of the ledger.

use redress_model::code::nearest;
use redress_model::schema::Entry;
use redress_model::table::{CellType, Column};
use redress_model::{FactClass, FactType, Slot};
use rowan::TextRange;
use smol_str::SmolStr;

use super::Checker;
use super::body::Body;
use crate::diagnostic::Rule;
use crate::ir::{Expr, ExprKind, FactRead, Type, WarningField};
use crate::syntax::SyntaxToken;

impl Checker<'_> {
    /// A property of the facts, or of a group of them.
    pub(super) fn fact_property(
        &mut self,
        body: &mut Body,
        value: Expr,
        name: &SyntaxToken,
    ) -> Expr {
        let schema = self.env.schema;
        let span = TextRange::new(value.span.start(), name.text_range().end());
        // Reading a property is a call of its own to the interpreter.
        let steps = value.steps.saturating_add(1);
        let made = |kind, ty| Expr {
            kind,
            ty,
            span,
            at: name.text_range().start(),
            steps,
        };
        let (text, entries) = (name.text(), schema.entries());
        let is_maybe = matches!(value.ty, Type::Maybe | Type::MaybeGroup(_));
        let members = match value.ty {
            Type::Group(group) | Type::MaybeGroup(group) => match entries.get(group) {
                Some((group, Entry::Group(members))) => Some((group, members)),
                _ => None,
            },
            _ => None,
        };
        if let Some((group, members)) = members {
            return match members.iter().find(|(member, _)| member == text) {
                Some((_, slot)) => {
                    self.read(body, *slot, !is_maybe, made(ExprKind::Unit, Type::Unknown))
                }
                None => {
                    let near = nearest(text, members.iter().map(|(member, _)| member.as_str()));
                    let help = near.map(|near| format!("did you mean `{group}.{near}`?"));
                    let message = format!("the group `{group}` has no fact `{text}`");
                    body.error(
                        Rule::UnknownFact,
                        name.text_range(),
                        message,
                        help.unwrap_or_default(),
                    );
                    Expr::unknown(span)
                }
            };
        }
        if text == "maybe" && value.ty == Type::Facts {
            return made(ExprKind::Unit, Type::Maybe);
        }
        match entries.iter().position(|(entry, _)| entry == text) {
            Some(place) => match entries.get(place) {
                Some((_, Entry::Fact(slot))) => {
                    self.read(body, *slot, !is_maybe, made(ExprKind::Unit, Type::Unknown))
                }
                _ if is_maybe => made(ExprKind::Unit, Type::MaybeGroup(place)),
                _ => made(ExprKind::Unit, Type::Group(place)),
            },
            None => {
                let names = entries.iter().map(|(entry, _)| entry.as_str());
                let full = schema.facts().iter().map(|fact| fact.name.as_str());
                let ends = format!(".{text}");
                let grouped = full.clone().find(|full| full.ends_with(&ends));
                let help = match (nearest(text, names), grouped) {
                    (Some(near), _) => format!("did you mean `{near}`?"),
                    (None, Some(grouped)) => format!("did you mean `{grouped}`?"),
                    (None, None) => String::new(),
                };
                let message = format!("there is no fact `{text}`");
                body.error(Rule::UnknownFact, name.text_range(), message, help);
                Expr::unknown(span)
            }
        }
    }

    fn read(&mut self, body: &mut Body, slot: Slot, holds: bool, at: Expr) -> Expr {
        let Some(fact) = self.env.schema.fact(slot) else {
            return at;
        };
        let help = match fact.class {
            FactClass::Merit | FactClass::Gate | FactClass::Route => None,
            FactClass::Actor => Some("who decides is the guardrails' to weigh"),
            FactClass::Safety => Some("what follows from it stands in the guardrails"),
            FactClass::Forbidden => Some("no policy reads it"),
        };
        if let Some(help) = help {
            let (name, class) = (&fact.name, fact.class.name());
            let message =
                format!("`{name}` is a fact of class {class}, which a policy does not see");
            body.error(Rule::HiddenFact, at.span, message, help);
            return Expr::unknown(at.span);
        }
        body.reads.push(FactRead {
            slot,
            holds,
            span: at.span,
        });
        let ty = fact_type(&fact.ty);
        match holds {
            true => Expr {
                kind: ExprKind::Fact(slot),
                ty,
                ..at
            },
            false => Expr {
                kind: ExprKind::MaybeFact(slot),
                ty: Type::Optional(Box::new(ty)),
                ..at
            },
        }
    }

    pub(super) fn column(
        &mut self,
        body: &mut Body,
        row: Expr,
        table: usize,
        name: &SyntaxToken,
        span: TextRange,
    ) -> Expr {
        let Some(found) = self.env.tables.iter().nth(table) else {
            return Expr::unknown(span);
        };
        let steps = row.steps.saturating_add(1);
        match found.output_index(name.text()) {
            Some(place) => {
                let ty = found
                    .outputs()
                    .get(place)
                    .map_or(Type::Unknown, |column| cell_type(&column.ty));
                let row = row.costs(0);
                let kind = ExprKind::Column(Box::new(row), place);
                Expr::new(kind, ty, span)
                    .fails_at(name.text_range().start())
                    .costs(steps)
            }
            None => {
                let outputs = found.outputs().iter().map(|column| column.name.as_str());
                let help = match nearest(name.text(), outputs.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has {}", outputs.collect::<Vec<_>>().join(", ")),
                };
                let message = format!(
                    "the table `{}` has no output column `{}`",
                    found.name(),
                    name.text()
                );
                body.error(Rule::UnknownColumn, name.text_range(), message, help);
                Expr::unknown(span)
            }
        }
    }

    pub(super) fn warning(
        &mut self,
        body: &mut Body,
        value: Expr,
        name: &SyntaxToken,
        span: TextRange,
    ) -> Expr {
        let field = match name.text() {
            "repeats" => WarningField::Repeats,
            "like_cases" => WarningField::LikeCases,
            "burst" => WarningField::Burst,
            other => {
                let near = nearest(other, ["repeats", "like_cases", "burst"].into_iter());
                let help = near.map(|near| format!("did you mean `{near}`?"));
                let message = format!("the warnings have no `{other}`");
                body.error(
                    Rule::UnknownName,
                    name.text_range(),
                    message,
                    help.unwrap_or_default(),
                );
                return Expr::unknown(span);
            }
        };
        Expr::new(ExprKind::Warning(field), Type::Int, span).costs(value.steps.saturating_add(1))
    }

    /// The fact behind a text and the values that it can have, where that is known.
    pub(super) fn domain(&self, value: &Expr) -> Option<(SmolStr, Vec<SmolStr>)> {
        match &value.kind {
            ExprKind::Fact(slot) | ExprKind::MaybeFact(slot) => {
                let fact = self.env.schema.fact(*slot)?;
                match &fact.ty {
                    FactType::Enum(values) => Some((fact.name.clone(), values.to_vec())),
                    _ => None,
                }
            }
            ExprKind::Coalesce { value, default, .. } => {
                let (name, mut values) = self.domain(value)?;
                let ExprKind::Text(id) = default.kind else {
                    return None;
                };
                let text = self.texts.get(usize::try_from(id.0).ok()?)?;
                if !values.contains(text) {
                    values.push(text.clone());
                }
                Some((name, values))
            }
            ExprKind::Widen(inner) => self.domain(inner),
            _ => None,
        }
    }
}

/// The type of a known fact.
pub(super) fn fact_type(ty: &FactType) -> Type {
    match ty {
        FactType::Bool => Type::Bool,
        FactType::Int { .. } => Type::Int,
        FactType::Enum(_) => Type::Symbol,
        FactType::Text { .. } => Type::Text,
        FactType::Date => Type::Date,
        FactType::DateTime => Type::DateTime,
        FactType::Money { currency, .. } => Type::Money(*currency),
        FactType::List { item, .. } => Type::List(Box::new(fact_type(item))),
    }
}

/// The type of an output.
fn cell_type(ty: &CellType) -> Type {
    match ty {
        CellType::Bool => Type::Bool,
        CellType::Int { .. } => Type::Int,
        CellType::Enum(_) | CellType::Text => Type::Symbol,
        CellType::Date { .. } => Type::Date,
        CellType::Money(currency) => Type::Money(Some(*currency)),
    }
}

/// The type that an input takes.
pub(super) fn input_type(column: &Column) -> Type {
    match &column.ty {
        CellType::Enum(_) => Type::Text,
        other => cell_type(other),
    }
}
