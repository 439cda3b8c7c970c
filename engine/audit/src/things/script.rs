//! What the policy's code does: each function as its branches and steps, in order.
//!
//! Comments and the way the code is set are no part of it, so that a change of either is
//! no change of what the policy does.

use redress_authoring::Lang;
use redress_authoring::tokens::{Kind, pieces};
use redress_model::Digest;
use redress_release::ReleaseSource;

use super::words::{short, words};
use super::{Part, Said, Thing};

pub(super) fn policy(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let mut all = Vec::new();
    if let Some(script) = release.policy().rhai() {
        for function in functions(&script.text) {
            let name = format!("{} {}", lang.say("function", "函数"), function.name);
            all.push(
                Thing::new(Part::Policy, format!("fn.{}", function.name), name).with(
                    "steps",
                    lang.say("steps", "步骤"),
                    Said::List(function.steps),
                ),
            );
        }
    }
    if let Some(module) = release.policy().wasm() {
        let source = release.folder().file(&module.source).unwrap_or_default();
        let name = lang.say("the module", "模块");
        all.push(
            Thing::new(Part::Policy, "module", name)
                .with(
                    "module",
                    lang.say("digest", "摘要"),
                    words(short(&Digest::of(&module.module))),
                )
                .with(
                    "source",
                    lang.say("digest of its source", "源代码摘要"),
                    words(short(&Digest::of(source))),
                ),
        );
    }
    all
}

/// A function with its steps.
struct Function {
    name: String,
    steps: Vec<String>,
}

/// The functions of a script; what stands outside of them is under `script`.
fn functions(code: &str) -> Vec<Function> {
    let mut found = vec![Function {
        name: "script".to_owned(),
        steps: Vec::new(),
    }];
    let (mut step, mut depth, mut inner, mut starts) = (String::new(), 0_i32, 0_i32, None);
    let mut last: Option<usize> = None;
    let close = |step: &mut String, found: &mut Vec<Function>, into: Option<usize>| {
        let text = std::mem::take(step);
        let text = text.trim();
        let place = into.unwrap_or_default();
        if let Some(function) = found.get_mut(place).filter(|_| !text.is_empty()) {
            function.steps.push(text.to_owned());
        }
    };
    for piece in pieces(code) {
        match (piece.kind, piece.text) {
            (Kind::Comment | Kind::OpenComment, _) => {}
            (Kind::Mark, text) if text.chars().all(char::is_whitespace) => {
                if !step.is_empty() && !step.ends_with(' ') {
                    step.push(' ');
                }
            }
            (Kind::Mark, "{") if inner == 0 => {
                if depth == 0 && step.trim_start().starts_with("fn ") {
                    let name = step.trim().trim_start_matches("fn ").trim().to_owned();
                    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
                    step.clear();
                    found.push(Function {
                        name,
                        steps: Vec::new(),
                    });
                    starts = Some(depth);
                    last = found.len().checked_sub(1);
                } else {
                    close(&mut step, &mut found, last);
                }
                depth = depth.saturating_add(1);
            }
            (Kind::Mark, "}") if inner == 0 => {
                close(&mut step, &mut found, last);
                depth = depth.saturating_sub(1);
                if starts == Some(depth) {
                    (starts, last) = (None, None);
                }
            }
            (Kind::Mark, ";" | ",") if inner == 0 => close(&mut step, &mut found, last),
            (kind, text) => {
                if let (Kind::Mark, "(" | "[") = (kind, text) {
                    inner = inner.saturating_add(1);
                }
                if let (Kind::Mark, ")" | "]") = (kind, text) {
                    inner = inner.saturating_sub(1);
                }
                step.push_str(text);
            }
        }
    }
    close(&mut step, &mut found, last);
    found.retain(|function| function.name != "script" || !function.steps.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_its_steps() {
        let code = "// why\nfn limit() { 180 }\nfn remedy(facts) {\n  let a = f(1, [2, 3]); // aside\n  if a >= limit() {\n    return \"x, y\";\n  }\n  switch a { 1 => b(), _ => c(), }\n}\n";
        let found: Vec<_> = functions(code)
            .into_iter()
            .map(|f| (f.name, f.steps))
            .collect();
        let text = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        assert_eq!(found[0], ("limit()".into(), text(&["180"])));
        let steps = [
            "let a = f(1, [2, 3])",
            "if a >= limit()",
            "return \"x, y\"",
            "switch a",
            "1 => b()",
            "_ => c()",
        ];
        assert_eq!(found[1], ("remedy(facts)".into(), text(&steps)));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn comments_and_spaces_are_no_change() {
        let one = "fn a() { if b { c } }";
        let other = "// x\nfn a()\n{\n  if  b { /* y */ c }\n}\n";
        let steps = |code| functions(code).remove(0).steps;
        assert_eq!(steps(one), steps(other));
    }
}
