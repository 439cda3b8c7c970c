//! Cases held against their release: facts against the schema, actors against the roles.

use redress_kernel::Guardrails;
use redress_model::admit::{AdmitError, AdmitLimits};
use redress_model::code::nearest;
use redress_model::{Case, Schema};

use super::{CaseFile, FOLDER};
use crate::error::{Problems, ReleaseError};
use crate::folder::SourceFolder;
use crate::reader::{Item, Reader, Section};

/// Everything in cases that their release does not know, each with its line.
pub(crate) fn problems(
    folder: &SourceFolder,
    schema: &Schema,
    guardrails: &Guardrails,
    cases: &[CaseFile],
) -> Vec<ReleaseError> {
    let mut problems = Problems::default();
    for case in cases {
        let admitted = Case::admit(&case.to_json(), schema, AdmitLimits::STANDARD);
        let mut errors = admitted.err().map(|errors| errors.0).unwrap_or_default();
        // A case may be there to show just such an error.
        let is_shown = |error: &AdmitError| case.expect.error == Some(error.kind.code());
        if errors.iter().any(is_shown) {
            errors.clear();
        }
        let knows_role = guardrails.role(&case.actor.role).is_some();
        if errors.is_empty() && knows_role {
            continue;
        }
        let file = format!("{FOLDER}{}.toml", case.stem);
        let shown = folder.shown(&file);
        let Some(text) = folder.text(&file, &mut problems) else {
            continue;
        };
        let Some((mut reader, root)) = Reader::parse(&shown, text, &mut problems) else {
            continue;
        };
        let root = Section::root(&root);
        for error in &errors {
            admission(&root, error, &mut reader, &shown);
        }
        if !knows_role {
            role(&root, guardrails, &mut reader);
        }
    }
    problems.0
}

/// Tells of what admission refuses, where the case writes it.
fn admission(
    root: &Section<'_>,
    error: &AdmitError,
    reader: &mut Reader<'_>,
    file: &std::path::Path,
) {
    let AdmitError {
        pointer,
        expected,
        found,
        ..
    } = error;
    let names = pointer.split('/').skip(1);
    let names: Vec<String> = names
        .map(|name| name.replace("~1", "/").replace("~0", "~"))
        .collect();
    let problem = format!("expected {expected}, found {found}");
    match deepest(root, &names, reader) {
        Some((item, [])) => item.problem(reader, problem),
        // What is missing has no line of its own, so that its name is told.
        Some((item, rest)) => item.problem(reader, format!("{}: {problem}", rest.join("."))),
        None => reader.problems().add(ReleaseError {
            key: Some(names.join(".")),
            ..ReleaseError::of_file(file, problem)
        }),
    }
}

/// The innermost item on the way that these names lead, and the names that lead further.
fn deepest<'d, 'n>(
    root: &Section<'d>,
    names: &'n [String],
    reader: &mut Reader<'_>,
) -> Option<(Item<'d>, &'n [String])> {
    let (first, mut rest) = names.split_first()?;
    let mut item = root.get(first)?;
    while let Some((name, after)) = rest.split_first() {
        if item.value().as_table().is_none() {
            break;
        }
        let Some(inner) = item.section(reader).and_then(|section| section.get(name)) else {
            break;
        };
        item = inner;
        rest = after;
    }
    Some((item, rest))
}

/// Tells of a role that the guardrails do not have, where the case names it.
fn role(root: &Section<'_>, guardrails: &Guardrails, reader: &mut Reader<'_>) {
    let names = ["actor".to_owned(), "role".to_owned()];
    // A case that names no actor is decided by an agent, whom a release need not have.
    let Some((item, [])) = deepest(root, &names, reader) else {
        return;
    };
    let text = item.value().as_str().unwrap_or_default();
    let roles = guardrails.roles.iter().map(|role| role.name.as_str());
    let roles: Vec<&str> = roles.collect();
    let help = match nearest(text, roles.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the roles are {}", roles.join(", ")),
    };
    let problem = format!("the guardrails have no role {text:?}");
    item.problem_with_help(reader, problem, help);
}
