//! What a policy's author has got wrong and the loader can see, before any case runs.

use redress_model::code::nearest;
use redress_model::fault::Position;
use redress_model::schema::Entry;
use redress_model::table::Tables;
use redress_model::{FactClass, Schema, Slot};

use super::facts::no_fact;
use super::limits::{CALL_ARGS_MAX, MAP_KEY_BYTES_MAX};
use super::scan::{Placed, Token};
use super::table::no_table;
use crate::PolicyError;

/// The names that only the engine gives.
const RESERVED: [&str; 2] = ["facts", "warnings"];

/// Checks the tokens of a source that parses.
///
/// # Errors
/// [`PolicyError`] for the first mistake in the order of the source.
pub(super) fn check(
    tokens: &[Placed],
    schema: &Schema,
    tables: &Tables,
) -> Result<(), PolicyError> {
    let check = Check { schema, tables };
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        let (item, next) = match first.word() {
            _ if first.is_mark(';') => (Item::default(), after),
            Some("const") => split(after, ';', false),
            Some("fn") => split(after, '}', true),
            Some("private") => split(after.get(1..).unwrap_or_default(), '}', true),
            _ => return Err(stray(first)),
        };
        check.body(item.tokens, item.function)?;
        rest = next;
    }
    Ok(())
}

/// Checks a piece of code that an author tries out against a case, which may read what
/// `route` may.
///
/// # Errors
/// [`PolicyError`] for the first mistake in the order of the source.
pub(super) fn check_snippet(
    tokens: &[Placed],
    schema: &Schema,
    tables: &Tables,
) -> Result<(), PolicyError> {
    Check { schema, tables }.body(tokens, "route")
}

/// The names of the constants outside functions.
pub(super) fn constants(tokens: &[Placed]) -> Vec<String> {
    let mut depth = 0_u32;
    let mut names = Vec::new();
    for (token, next) in tokens.iter().zip(tokens.iter().skip(1)) {
        depth = depth_after(depth, token);
        if depth == 0 && token.word() == Some("const") {
            names.extend(next.word().map(str::to_owned));
        }
    }
    names
}

/// A function or a constant.
#[derive(Default)]
struct Item<'a> {
    /// The function's name, or nothing.
    function: &'a str,
    tokens: &'a [Placed],
}

fn stray(found: &Placed) -> PolicyError {
    PolicyError {
        problem: "only functions and constants may stand outside a function".into(),
        at: Some(found.at),
        help: Some("move this line into `fn remedy(facts)`".into()),
    }
}

/// An item runs to the first mark of its kind outside all brackets: a constant to its
/// `;`, a function to the `}` of its body.
fn split(tokens: &[Placed], end: char, is_function: bool) -> (Item<'_>, &[Placed]) {
    let mut depth = 0_u32;
    let mut ends = |token: &Placed| {
        depth = depth_after(depth, token);
        depth == 0 && token.is_mark(end)
    };
    let last = tokens.iter().position(&mut ends).unwrap_or(tokens.len());
    let (tokens, rest) = tokens
        .split_at_checked(last.saturating_add(1))
        .unwrap_or((tokens, &[]));
    let name = tokens.first().and_then(Placed::word).unwrap_or_default();
    let function = if is_function { name } else { "" };
    (Item { function, tokens }, rest)
}

/// The brackets that are open after a token.
fn depth_after(depth: u32, token: &Placed) -> u32 {
    match token.token {
        Token::Mark('(' | '[' | '{') => depth.saturating_add(1),
        Token::Mark(')' | ']' | '}') => depth.saturating_sub(1),
        _ => depth,
    }
}

struct Check<'a> {
    schema: &'a Schema,
    tables: &'a Tables,
}

impl Check<'_> {
    /// Checks the tokens of one function, or of one constant with an empty name.
    fn body(&self, tokens: &[Placed], function: &str) -> Result<(), PolicyError> {
        // The commas seen in each bracket that is open, `None` where they are no arguments.
        let mut open: Vec<Option<usize>> = Vec::new();
        let mut before: Option<&Placed> = None;
        for (place, token) in tokens.iter().enumerate() {
            let after = tokens.get(place.saturating_add(1)..).unwrap_or_default();
            if token.is_mark('(') {
                open.push(Some(0));
            } else if token.is_mark('[') || token.is_mark('{') {
                open.push(None);
            } else if token.is_mark(')') || token.is_mark(']') || token.is_mark('}') {
                open.pop();
            } else if token.is_mark(',')
                && let Some(Some(commas)) = open.last_mut()
            {
                *commas = commas.saturating_add(1);
                if *commas >= CALL_ARGS_MAX {
                    return Err(too_many_arguments(token.at));
                }
            }
            if token.is_mark('=') {
                not_in_place(tokens, place)?;
            }
            if after.first().is_some_and(|next| next.is_mark(':')) {
                short_key(token)?;
            }
            let is_property = before.is_some_and(|before| before.is_mark('.'));
            match token.word() {
                Some("let" | "const" | "for") => not_reserved(after)?,
                Some("facts") if !is_property => self.fact(after, function)?,
                Some("table") if !is_property => self.table(after)?,
                Some("push") if is_property => pushed_to_a_variable(tokens, place)?,
                Some("this") => return Err(no_this(token.at)),
                _ => {}
            }
            before = Some(token);
        }
        Ok(())
    }

    /// Checks the property that follows the word `facts`.
    fn fact(&self, after: &[Placed], function: &str) -> Result<(), PolicyError> {
        let Some((first, rest)) = property(after) else {
            return Ok(());
        };
        let (first, rest) = if first.word() == Some("maybe") {
            let Some(second) = property(rest) else {
                return Ok(());
            };
            second
        } else {
            (first, rest)
        };
        let name = first.word().unwrap_or_default();
        match self.schema.entry(name) {
            Some(Entry::Fact(slot)) => self.class(*slot, first.at, function),
            Some(Entry::Group(members)) => {
                let Some((member, _)) = property(rest) else {
                    return Ok(());
                };
                let wanted = member.word().unwrap_or_default();
                match members.iter().find(|(name, _)| name == wanted) {
                    Some((_, slot)) => self.class(*slot, member.at, function),
                    None => Err(unknown_member(name, wanted, members, member.at)),
                }
            }
            None => {
                let names = self.schema.entries().iter().map(|(name, _)| name);
                Err(mistake(no_fact(name, names), first.at))
            }
        }
    }

    /// Refuses a fact that the function can never see.
    fn class(&self, slot: Slot, at: Position, function: &str) -> Result<(), PolicyError> {
        let Some(fact) = self.schema.fact(slot) else {
            return Ok(());
        };
        let refused = match fact.class {
            FactClass::Merit | FactClass::Gate => false,
            FactClass::Route => function == "remedy",
            FactClass::Actor | FactClass::Safety | FactClass::Forbidden => true,
        };
        if !refused {
            return Ok(());
        }
        let (class, name) = (fact.class.name(), &fact.name);
        let help = match fact.class {
            FactClass::Route => "read it in `fn route(facts, warnings)`",
            FactClass::Actor => "who decides is the guardrails' to weigh",
            FactClass::Safety => "what follows from it stands in the guardrails",
            _ => "no policy reads it",
        };
        let reader = if fact.class == FactClass::Route {
            "`remedy`"
        } else {
            "a policy"
        };
        Err(PolicyError {
            problem: format!("`{name}` is a fact of class {class}, which {reader} does not see"),
            at: Some(at),
            help: Some(help.into()),
        })
    }

    /// Checks the name in `table("name", ...)` where it is written out.
    fn table(&self, after: &[Placed]) -> Result<(), PolicyError> {
        let [open, name, ..] = after else {
            return Ok(());
        };
        match name.text() {
            Some(text) if open.is_mark('(') && self.tables.get(text).is_none() => {
                Err(mistake(no_table(self.tables, text), name.at))
            }
            _ => Ok(()),
        }
    }
}

/// The name after `.` or `?.`, unless it is called like a function.
fn property(tokens: &[Placed]) -> Option<(&Placed, &[Placed])> {
    let tokens = match tokens.split_first()? {
        (first, rest) if first.is_mark('?') => rest,
        _ => tokens,
    };
    let (dot, rest) = tokens.split_first()?;
    let (name, rest) = rest.split_first()?;
    let called = rest.first().is_some_and(|next| next.is_mark('('));
    (dot.is_mark('.') && name.word().is_some() && !called).then_some((name, rest))
}

fn mistake(problem: String, at: Position) -> PolicyError {
    PolicyError {
        problem,
        at: Some(at),
        help: None,
    }
}

fn unknown_member(
    group: &str,
    wanted: &str,
    members: &[(smol_str::SmolStr, Slot)],
    at: Position,
) -> PolicyError {
    let near = nearest(wanted, members.iter().map(|(name, _)| name.as_str()));
    PolicyError {
        problem: format!("the group `{group}` has no fact `{wanted}`"),
        at: Some(at),
        help: near.map(|near| format!("did you mean `{group}.{near}`?")),
    }
}

fn not_reserved(after: &[Placed]) -> Result<(), PolicyError> {
    match after.first() {
        Some(name) if name.word().is_some_and(|word| RESERVED.contains(&word)) => {
            Err(PolicyError {
                problem: format!("`{}` is the engine's name", name.word().unwrap_or_default()),
                at: Some(name.at),
                help: Some("choose another name for this variable".into()),
            })
        }
        _ => Ok(()),
    }
}

fn too_many_arguments(at: Position) -> PolicyError {
    PolicyError {
        problem: format!("a call has more than {CALL_ARGS_MAX} arguments"),
        at: Some(at),
        help: Some("pass a list or a map".into()),
    }
}

/// Refuses `list[0] = x` and `map.key = x`, with the `=` at `place`.
///
/// Rhai checks the size of what is assigned and not of what holds it, so that lists in
/// lists and keys in maps could grow without end; and a copy that changes while its
/// original does not is a trap to a reader anyway.
fn not_in_place(tokens: &[Placed], place: usize) -> Result<(), PolicyError> {
    let at = |place: Option<usize>| place.and_then(|place| tokens.get(place));
    let marks = |token: Option<&Placed>, marks: &str| {
        token.is_some_and(|token| marks.chars().any(|mark| token.is_mark(mark)))
    };
    let mut target = place.checked_sub(1);
    if marks(at(place.checked_add(1)), "=>") || marks(at(target), "=!<>") {
        return Ok(());
    }
    while marks(at(target), "+-*/%&|^?") {
        target = target.and_then(|place| place.checked_sub(1));
    }
    let is_item = marks(at(target), "]");
    let is_property = at(target).is_some_and(|token| token.word().is_some())
        && marks(at(target.and_then(|place| place.checked_sub(1))), ".");
    if !is_item && !is_property {
        return Ok(());
    }
    Err(PolicyError {
        problem: "lists, maps and facts are not changed in place".into(),
        at: at(Some(place)).map(|token| token.at),
        help: Some(
            "make a new one, such as `list.with_item(0, x)`, and keep it in a variable".into(),
        ),
    })
}

/// `push` changes a list in a variable, and not one within another.
fn pushed_to_a_variable(tokens: &[Placed], place: usize) -> Result<(), PolicyError> {
    let back = |places: usize| place.checked_sub(places).and_then(|at| tokens.get(at));
    let is_name = back(2).is_some_and(|token| token.word().is_some());
    let is_inner = back(3).is_some_and(|token| token.is_mark('.'));
    if is_name && !is_inner {
        return Ok(());
    }
    Err(PolicyError {
        problem: "`push` takes the name of a list".into(),
        at: back(0).map(|token| token.at),
        help: Some("keep the list in a variable, as in `let list = []; list.push(x)`".into()),
    })
}

fn short_key(key: &Placed) -> Result<(), PolicyError> {
    let bytes = key.word().or_else(|| key.text()).map_or(0, str::len);
    if bytes <= MAP_KEY_BYTES_MAX {
        return Ok(());
    }
    Err(mistake(
        format!("a key of a map has {bytes} bytes, more than {MAP_KEY_BYTES_MAX}"),
        key.at,
    ))
}

fn no_this(at: Position) -> PolicyError {
    PolicyError {
        problem: "`this` is not for policies".into(),
        at: Some(at),
        help: Some("give the value to the function as an argument".into()),
    }
}
