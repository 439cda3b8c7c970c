//! What a word means, in Markdown.

use redress_authoring::repl::FUNCTIONS;
use redress_kernel::guardrails::ClaimBasis;
use redress_model::Code;
use redress_model::table::Column;
use redress_release::ReleaseSource;

use super::meaning::Meaning;

/// What there is to say of a word; `None` for a function that only its script knows.
pub(super) fn text(meaning: &Meaning, source: &ReleaseSource) -> Option<String> {
    match meaning {
        Meaning::Fact(name) => fact(name, source),
        Meaning::Table(name) => {
            let table = source.tables().get(name)?;
            let columns = |columns: &[Column]| {
                let columns = columns.iter();
                let lines =
                    columns.map(|column| format!("- `{}`: {}", column.name, column.ty.expected()));
                lines.collect::<Vec<_>>().join("\n")
            };
            Some(format!(
                "table `{name}`, {} rows, hit policy {}\n\nasked by\n{}\n\nanswers\n{}",
                table.rows().len(),
                table.hit().name(),
                columns(table.inputs()),
                columns(table.outputs()),
            ))
        }
        Meaning::Reason(code) => Some(format!("reason `{code}`{}", sentences(code, source))),
        Meaning::Claim(code) => {
            let claim = source.guardrails().claim(code)?;
            let basis = match claim.basis {
                ClaimBasis::Statutory => "statutory",
                ClaimBasis::Contractual => "contractual",
            };
            let (head, sentences) = (&claim.head, sentences(code, source));
            Some(format!("{basis} claim `{code}`, head `{head}`{sentences}"))
        }
        Meaning::Function(name) => {
            let mut functions = FUNCTIONS.iter();
            let (_, call, gives, example) = functions.find(|(own, ..)| own == name)?;
            let mut text = format!("```rhai\n{call}\n```\n{gives}");
            if !example.is_empty() {
                text.push_str(&format!("\n\nfor instance\n```rhai\n{example}\n```"));
            }
            Some(text)
        }
    }
}

/// What a code says, in each language of the release.
fn sentences(code: &Code, source: &ReleaseSource) -> String {
    let messages = source.messages();
    let lines = messages.locales().filter_map(|locale| {
        let sentence = messages.sentence(locale, code)?;
        Some(format!("\n- {locale}: {}", sentence.with(&[])))
    });
    let lines: String = lines.collect();
    if lines.is_empty() {
        lines
    } else {
        format!("\n{lines}")
    }
}

fn fact(name: &str, source: &ReleaseSource) -> Option<String> {
    let schema = source.schema();
    let fact = schema.fact(schema.slot(name)?)?;
    let mut text = format!(
        "`{name}`: {}\n\n{}\n\n- class: {}",
        fact.ty.expected(),
        fact.description,
        fact.class.name(),
    );
    if let Some(unit) = &fact.unit {
        text.push_str(&format!("\n- unit: {unit}"));
    }
    if let Some(direction) = fact.direction {
        text.push_str(&format!("\n- direction: {}", direction.name()));
    }
    text.push_str(match fact.required {
        true => "\n- required",
        false => "\n- may be unknown: `facts.maybe` reads it without holding the case",
    });
    Some(text)
}
