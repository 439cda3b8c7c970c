//! What a word means, in Markdown.

use redress_authoring::repl::FUNCTIONS;
use redress_compiler::syntax::parse;
use redress_kernel::guardrails::ClaimBasis;
use redress_model::table::Column;
use redress_model::{Code, Direction, FactClass, FactDef, FactType};
use redress_release::ReleaseSource;

use super::meaning::Meaning;

/// What there is to say of a word; `None` for a name that nothing explains.
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
                "**`{name}`**: a table of {}, hit policy {}\n\nasked by\n{}\n\nanswers\n{}",
                redress_authoring::text::counted(table.rows().len(), "row"),
                table.hit().name(),
                columns(table.inputs()),
                columns(table.outputs()),
            ))
        }
        Meaning::Reason(code) => Some(format!("**`{code}`**: a reason{}", sentences(code, source))),
        Meaning::Claim(code) => {
            let claim = source.guardrails().claim(code)?;
            let basis = match claim.basis {
                ClaimBasis::Statutory => "statutory",
                ClaimBasis::Contractual => "contractual",
            };
            let (head, sentences) = (&claim.head, sentences(code, source));
            Some(format!(
                "**`{code}`**: a {basis} claim, head `{head}`{sentences}"
            ))
        }
        Meaning::Function(name) => {
            let mut functions = FUNCTIONS.iter();
            let Some((_, call, gives, example)) = functions.find(|(own, ..)| own == name) else {
                return of_script(name, source);
            };
            let mut text = format!("```rhai\n{call}\n```\n{gives}");
            if !example.is_empty() {
                text.push_str(&format!("\n\nfor instance\n```rhai\n{example}\n```"));
            }
            Some(text)
        }
    }
}

/// A function of the script: how it is called, and the comment above it.
fn of_script(name: &str, source: &ReleaseSource) -> Option<String> {
    let text = &source.policy().rhai()?.text;
    let file = parse(text).file();
    let mut functions = file.functions();
    let function = functions.find(|own| own.name().is_some_and(|own| own.text() == name))?;
    let params: Vec<String> = function
        .params()
        .map(|param| param.text().to_owned())
        .collect();
    let call = format!("```rhai\nfn {name}({})\n```", params.join(", "));
    let comment = above(text, function.name()?.text_range().start().into());
    Some(match comment.is_empty() {
        true => call,
        false => format!("{call}\n{comment}"),
    })
}

/// The comment that ends in the line before that of an offset, without its marks.
fn above(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let before = before.rfind('\n').and_then(|end| before.get(..end));
    let lines = before.unwrap_or_default().split('\n').rev();
    let lines = lines.map_while(|line| line.trim().strip_prefix("//"));
    let mut lines: Vec<&str> = lines
        .map(|line| line.trim_start_matches(['/', '!']).trim())
        .collect();
    lines.reverse();
    lines.join("\n")
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
    let required = match fact.required {
        true => "required",
        false => "may be unknown",
    };
    let mut text = format!("**`{name}`**: a {} fact, {required}", fact.class.name());
    if !fact.description.is_empty() {
        text.push_str(&format!("\n\n{}", fact.description));
    }
    text.push_str(&format!("\n\n- value: {}", fact.ty.expected()));
    if let Some(unit) = &fact.unit {
        text.push_str(&format!("\n- unit: {unit}"));
    }
    text.push_str(&format!("\n- class: {}", class(fact.class)));
    if let Some(direction) = fact.direction {
        text.push_str(&format!("\n- direction: {}", worse(fact, direction)));
    }
    if !fact.required && fact.class.seen_by_route() {
        text.push_str(&format!(
            "\n- unknown: `facts.{name}` holds the case, `facts.maybe.{name} ?? value` goes on"
        ));
    }
    Some(text)
}

/// What a class means for whoever writes a policy.
const fn class(class: FactClass) -> &'static str {
    match class {
        FactClass::Merit => "merit, read by `remedy` and `route`; it may move the amount",
        FactClass::Gate => "gate, read by `remedy` and `route`; a category",
        FactClass::Route => "route, read by `route` alone; it never moves the amount",
        FactClass::Actor => "actor, read by no policy; who decides",
        FactClass::Safety => "safety, read by the guardrails; it brings a person",
        FactClass::Forbidden => "forbidden, on record and read by nothing",
    }
}

/// Which way is worse, in the words of the fact's type.
const fn worse(fact: &FactDef, direction: Direction) -> &'static str {
    match (direction, &fact.ty) {
        (Direction::HigherIsWorse, FactType::Bool) => "true is worse for the customer",
        (Direction::LowerIsWorse, FactType::Bool) => "false is worse for the customer",
        (Direction::HigherIsWorse, FactType::Date | FactType::DateTime) => {
            "later is worse for the customer"
        }
        (Direction::LowerIsWorse, FactType::Date | FactType::DateTime) => {
            "earlier is worse for the customer"
        }
        (Direction::HigherIsWorse, _) => "higher is worse for the customer",
        (Direction::LowerIsWorse, _) => "lower is worse for the customer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_shows_the_comment_that_stands_right_above_it() {
        let check = |text: &str, expected: &str| {
            let at = text.find("fn ").unwrap();
            assert_eq!(above(text, at + 3), expected, "{text:?}");
        };
        check("// One.\n// Two.\nfn a() {}", "One.\nTwo.");
        check("/// One.\r\nfn a() {}", "One.");
        check("// Of the file.\n\nfn a() {}", "");
        check("fn a() {}", "");
        check("const N = 1; // One.\nfn a() {}", "");
    }
}
