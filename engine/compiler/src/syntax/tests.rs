//! The parser against Rhai's own, on shipped policies, on pieces and on what is left of a
//! policy after somebody has damaged it.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::limits::DEPTH_MAX;

/// Every script below a folder of the project.
fn scripts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = [
        "policies",
        "benches/workload",
        "host-bindings",
        "engine/cli/tests",
        "tests/hostile/base",
    ]
    .iter()
    .map(|folder| root.join(folder))
    .collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rhai") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// Rhai as the sandbox sets it up, as far as its parser is concerned. Variables are not
/// looked up: the tree does not know them either.
fn rhai() -> rhai::Engine {
    let mut engine = rhai::Engine::new_raw();
    let depth = usize::try_from(DEPTH_MAX).unwrap();
    engine
        .set_optimization_level(rhai::OptimizationLevel::None)
        .set_max_expr_depths(depth, depth)
        .set_max_functions(crate::limits::FUNCTIONS_MAX)
        .set_max_variables(crate::limits::VARIABLES_MAX)
        .set_max_string_size(crate::limits::TEXT_BYTES_MAX)
        .set_max_array_size(crate::limits::LITERAL_ITEMS_MAX)
        .set_max_map_size(crate::limits::LITERAL_ITEMS_MAX)
        .set_strict_variables(false);
    engine
}

/// Accepted here, then accepted there; and the tree has every byte of the source.
#[track_caller]
fn check(engine: &rhai::Engine, source: &str) -> bool {
    let parse = parse(source);
    assert_eq!(parse.root().text().to_string(), source);
    let accepted = parse.errors().is_empty();
    if accepted {
        let text = source.strip_prefix('\u{feff}').unwrap_or(source);
        if let Err(error) = engine.compile(text) {
            // Assignment to a constant needs the names, and an operand that is a text or a
            // closure where a truth is needed the types; the tree looks up neither.
            let known = matches!(
                error.err_type(),
                rhai::ParseErrorType::AssignmentToConstant(_)
                    | rhai::ParseErrorType::MismatchedType(..)
            );
            assert!(known, "{error}\n{source}");
        }
    }
    accepted
}

#[test]
fn every_script_of_the_project_parses_and_keeps_its_bytes() {
    let engine = rhai();
    let scripts = scripts();
    assert!(scripts.len() >= 14, "{} scripts", scripts.len());
    for (path, source) in scripts {
        assert!(
            check(&engine, &source),
            "{path:?}: {:?}",
            parse(&source).errors()
        );
    }
}

#[test]
fn what_rhai_parses_parses() {
    let engine = rhai();
    for body in [
        "let x = -1; let y = 2 - 1; x - -y",
        "1 + 2 * 3 ** 2 ** 2 << 1 % 4 / 5",
        "a || b && c == d != e",
        "x in [1, 2] && y !in 0..3",
        "!a.b(c).d[0]?.e?[1]",
        "if a { 1 } else if b { 2 } else { 3 }",
        "let v = if a { 1 } else { 2 } + 3; v",
        "switch x { 1 | 2 => 3, -4 => 5, \"a\" if y > 1 => { 6 } 7..9 => 8, 9..=10 => 9, _ => return }",
        "for x in 0..3 { if x == 1 { continue; } break; }",
        "for (x, i) in [1] { x + i }",
        "while a < 1 { a += 1; } loop { break 5; } do { } until a;",
        "try { throw 1 } catch (e) { e }",
        "#{ a: 1, \"b c\": [2, 3,], }",
        "x.map(|y| y + 1).filter(|| true)",
        "`a ${ let z = 1; z } b ${x} c` + `plain` + #\"raw\"# + ##\"r\"#aw\"##",
        "'c'; '\\n'; \"a\"\"b\\\"\\x41\\u4e2d\"",
        "0xff + 0b1_0 + 0o17 + 1_000",
        "x ?? return y",
        "x ?? y ?? (1 + 2)",
        "{ let x = 1; { x } }",
        "const y = 1; y",
        ";;; x; ; y",
        "f(); g(1, 2,); h((1))",
        "let x; x = 1; x += 2; x -= 1; x *= 3; x /= 4; x %= 5; x <<= 1; x |= 2; x &= 3; x ^= 4; x **= 2",
        "/* a /* nested */ b */ x // end\n",
        "(1..3).contains(2); 5.abs(); \"a\".len()",
        "let x = switch y { _ => 1 }; x",
    ] {
        let source = format!("fn remedy(facts) {{ {body} }}");
        assert!(
            check(&engine, &source),
            "{body}: {:?}",
            parse(&source).errors()
        );
    }
}

#[test]
fn what_rhai_refuses_is_refused() {
    let engine = rhai();
    for body in [
        "let 1 = 2;",
        "let x = ;",
        "x +",
        "x y",
        "if { }",
        "if a = 1 { }",
        "if 1 { }",
        "a && 1",
        "for x in 5 { }",
        "for (x, x) in y { }",
        "break;",
        "continue;",
        "fn inner() { }",
        "switch x { _ => 1, 2 => 3 }",
        "switch x { y => 1 }",
        "switch x { 1..3 => 1, 5 => 2 }",
        "switch x { _ if a => 1 }",
        "switch x { 1 => 2 3 => 4 }",
        "#{ a: 1, a: 2 }",
        "f(1 2)",
        "[1 2]",
        "1 = 2",
        "f() = 2",
        "1.5",
        "0x",
        "9223372036854775808",
        "_",
        "_1",
        "var x",
        "case",
        "this",
        "eval(\"1\")",
        "a ++ b",
        "a -- b",
        "a <- b",
        "a === b",
        "a ... b",
        "a ~ b",
        "@a",
        "\"open",
        "'ab'",
        "''",
        "`open",
        "`a ${ b",
        "\"\\q\"",
        "/* open",
        "x.1",
        "x.",
        "x[",
        "(",
        ")",
        "return 1 2",
        "let x = 1 let y = 2",
        "do { }",
        "try { }",
        "import \"x\" as y",
        "a :: b",
        "x ? y : z",
        "#a",
        "( )",
        "# { }",
    ] {
        let source = format!("fn remedy(facts) {{ {body} }}");
        assert!(!check(&engine, &source), "{body}");
    }
    for source in [
        "let x = 1;",
        "remedy()",
        "fn f(a, a) { }",
        "fn f() { } fn f() { }",
        "fn { }",
        "fn f { }",
        "fn f()",
        "const X = 1 fn f() { }",
        "private const X = 1;",
        "}",
        "fn f() { } }",
    ] {
        assert!(!check(&engine, source), "{source}");
    }
}

#[test]
fn as_many_mistakes_are_told_as_there_are_and_none_twice() {
    let parse = parse(
        "fn remedy(facts) {\n  let = 1;\n  let y = ;\n  f(1 2);\n  grant([])\n}\nlet z = 1;\n",
    );
    let lines = Lines::new(
        "fn remedy(facts) {\n  let = 1;\n  let y = ;\n  f(1 2);\n  grant([])\n}\nlet z = 1;\n",
    );
    let at: Vec<u32> = parse
        .errors()
        .iter()
        .map(|e| lines.position(e.range.start()).line)
        .collect();
    assert_eq!(at, [2, 3, 4, 7], "{:?}", parse.errors());
    assert_eq!(parse.file().functions().count(), 1);
}

#[test]
fn depth_is_counted_as_rhai_counts_it() {
    let engine = rhai();
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("- ", "x", ""),
        ("!", "x", ""),
        ("f(", "1", ")"),
        ("if x { ", "1", " }"),
        ("{ ", "1", " }"),
        ("switch x { _ => ", "1", " }"),
        ("1 + (", "1", ")"),
        ("x[", "1", "]"),
        ("#{ a: ", "1", " }"),
        ("|x| ", "x", ""),
        ("`${", "1", "}`"),
        ("1 + ", "1", ""),
        ("x.f().", "y", ""),
        ("x.", "y", ""),
        ("2 ** ", "2", ""),
        ("if x { } else ", "if x { }", ""),
        ("for i in x { ", "1", " }"),
        ("x ?? return ", "1", ""),
        ("a && ", "a", ""),
    ] {
        let mut deepest = [0, 0];
        for depth in 1..60 {
            let body = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
            let source = format!("fn remedy(facts) {{ {body} }}");
            let ours = check(&engine, &source);
            let theirs = engine.compile(&source).is_ok();
            deepest = [
                deepest[0] + usize::from(ours),
                deepest[1] + usize::from(theirs),
            ];
        }
        assert!(deepest[0] <= deepest[1], "{open}: {deepest:?}");
        assert!(deepest[0] >= 8, "{open}: {deepest:?}");
    }
}

#[test]
fn hostile_sources_are_refused_before_they_are_parsed() {
    let long = " ".repeat(SOURCE_BYTES_MAX);
    let deep = format!("fn remedy(facts) {{ {}1 }}", "(".repeat(30_000));
    let many = format!("fn remedy(facts) {{ [{}] }}", "1,".repeat(TOKENS_MAX / 2));
    let arms = format!(
        "fn remedy(facts) {{ switch 1 {{ {} }} }}",
        "1=>2,".repeat(5_000)
    );
    for (source, part) in [
        (format!("{long} "), "bytes"),
        (deep, "nest"),
        (many, "tokens"),
        (arms, "arms"),
    ] {
        let parse = parse(&source);
        assert_eq!(parse.errors().len(), 1, "{:?}", parse.errors());
        assert!(
            parse.errors()[0].problem.contains(part),
            "{:?}",
            parse.errors()
        );
        assert_eq!(parse.root().text().to_string(), source);
    }
    assert!(parse(&long).errors().is_empty());
}

#[test]
fn nodes_begin_and_end_at_tokens_that_mean_something() {
    for (_, source) in scripts() {
        for node in parse(&source)
            .root()
            .descendants()
            .filter(|node| node.kind() != SyntaxKind::Root)
        {
            let (first, last) = (node.first_token(), node.last_token());
            for token in [first, last].into_iter().flatten() {
                assert!(!token.kind().is_trivia(), "{node:?}");
            }
        }
    }
}

proptest! {
    /// A policy with a piece cut out, doubled or put elsewhere is kept byte for byte; and if
    /// it passes here it passes Rhai.
    #[test]
    fn a_damaged_policy_that_passes_here_passes_rhai(
        which in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_u8..4), 1..4),
    ) {
        thread_local! {
            static KEPT: (rhai::Engine, Vec<(PathBuf, String)>) = (rhai(), scripts());
        }
        KEPT.with(|(engine, scripts)| {
            let (_, source) = which.get(scripts);
            let mut tokens: Vec<String> = parse(source)
                .root()
                .descendants_with_tokens()
                .filter_map(rowan::NodeOrToken::into_token)
                .map(|token| token.text().to_owned())
                .collect();
            for (from, to, what) in &cuts {
                let (from, to) = (from.index(tokens.len()), to.index(tokens.len()));
                match what {
                    0 => drop(tokens.remove(from)),
                    1 => tokens.insert(to, tokens[from].clone()),
                    2 => tokens.swap(from, to),
                    _ => {
                        let (from, to) = (from.min(to), from.max(to).min(from + 12));
                        let piece: Vec<_> = tokens[from..to.max(from)].to_vec();
                        tokens.splice(from..from, piece);
                    }
                }
            }
            check(engine, &tokens.concat());
        });
    }
}
