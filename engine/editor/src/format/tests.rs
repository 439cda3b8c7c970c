use std::path::PathBuf;

use proptest::prelude::*;
use redress_compiler::limits::SOURCE_BYTES_MAX;
use redress_compiler::syntax::{SyntaxKind, parse};

use super::*;

/// Formats, and formats what comes out again.
fn formatted(language: Language, text: &str) -> String {
    let once = format(language, text).unwrap();
    assert_eq!(format(language, &once).unwrap(), once, "twice is not once");
    once
}

#[test]
fn spaces_and_indents_are_set() {
    let source = "\
fn remedy( facts ){
let x=facts.a+- 1 ;



  if x>3&&!(y) {grant([cash( x ) ,voucher(x)])}
else{
refuse( \"no\" ) // why
// not
}
}
";
    let expected = "\
fn remedy(facts) {
    let x = facts.a + - 1;

    if x > 3 && !(y) {
        grant([cash(x), voucher(x)])
    } else {
        refuse(\"no\") // why
        // not
    }
}
";
    assert_eq!(formatted(Language::Script, source), expected);
}

#[test]
fn what_goes_on_over_lines_stands_in_by_a_step() {
    let source = "\
fn route(facts) {
route().queue(\"a\")
.oblige(
\"b\"
)
.oblige(\"c\")
}
fn f(a) { let x = a.map(|y| y+1); let z = switch x { 1|2 => { g(x) }, _ => if a { 1 }
else { 2 }, };
z
}
";
    let expected = "\
fn route(facts) {
    route().queue(\"a\")
        .oblige(
            \"b\"
        )
        .oblige(\"c\")
}
fn f(a) {
    let x = a.map(|y| y + 1);
    let z = switch x {
        1 | 2 => { g(x) },
        _ => if a {
            1
        } else {
            2
        },
    };
    z
}
";
    assert_eq!(formatted(Language::Script, source), expected);
}

#[test]
fn comments_at_the_ends_of_lines_stand_below_each_other() {
    let source = "fn f() {\n    let a = 1; // one\n    let bb = 2;  // 二\n\n    a // three\n}\n";
    let expected = "fn f() {\n    let a = 1;  // one\n    let bb = 2; // 二\n\n    a // three\n}\n";
    assert_eq!(formatted(Language::Script, source), expected);
    let source = "a=1 # one\nbb  =  2 # two\n[ t . u ]\nx = [1,2 ,3] # three\n";
    let expected = "a = 1  # one\nbb = 2 # two\n[t.u]\nx = [1, 2, 3] # three\n";
    assert_eq!(formatted(Language::Toml, source), expected);
}

#[test]
fn arrays_stay_broken_where_they_are_and_stand_in() {
    let source = "\u{feff}days = [\r\n\"2026-01-01\",\"2026-01-02\", # new year\r\n\"2026-04-03\",\r\n]\r\nat={ Known=[\n{a=1},\n]}\nmoment = 2026-01-01  10:00:00\n";
    let expected = "days = [\n  \"2026-01-01\", \"2026-01-02\", # new year\n  \"2026-04-03\",\n]\nat = { Known = [\n  { a = 1 },\n] }\nmoment = 2026-01-01 10:00:00\n";
    // Spaces between a date and its time are one.
    assert!(format(Language::Toml, source).is_err());
    let source = source.replace("01  10", "01 10");
    assert_eq!(formatted(Language::Toml, &source), expected);
}

#[test]
fn cells_lose_spaces_and_needless_quotes() {
    let source = "\u{feff}a, b ,c\r\n\"..3\",\"x, y\", z\r\n,,\r\n";
    assert_eq!(
        formatted(Language::Table, source),
        "a,b,c\n..3,\"x, y\",z\n"
    );
}

#[test]
fn what_cannot_be_read_is_told_with_its_line_and_left() {
    let lines = |language, text| {
        let error = format(language, text).unwrap_err();
        assert_eq!(error.code(), "format_broken", "{error}");
        error.line()
    };
    assert_eq!(lines(Language::Script, "fn f() {\n  let = 3;\n}"), Some(2));
    assert_eq!(lines(Language::Toml, "a = 1\nb = = 2\n"), Some(2));
    assert_eq!(
        lines(Language::Script, &"// x\n".repeat(SOURCE_BYTES_MAX)),
        Some(1)
    );
}

/// The files of the shipped policies in a language.
fn shipped(language: Language) -> Vec<(PathBuf, String)> {
    let mut folders = vec![PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../policies"
    ))];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if Language::of(&path) == Some(language) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

#[test]
fn every_shipped_file_is_formatted() {
    for language in [Language::Script, Language::Toml, Language::Table] {
        for (path, text) in shipped(language) {
            assert_eq!(formatted(language, &text), text, "{}", path.display());
        }
    }
}

/// A source with other spaces and line ends between its tokens.
fn shaken(source: &str, dice: &[u8]) -> String {
    let mut dice = dice.iter().cycle();
    let mut text = String::new();
    let root = parse(source).root();
    let tokens = root.descendants_with_tokens();
    for token in tokens.filter_map(rowan::NodeOrToken::into_token) {
        let ends_a_comment = text
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.contains("//"));
        match token.kind() {
            SyntaxKind::Whitespace if ends_a_comment => text.push_str(token.text()),
            SyntaxKind::Whitespace => text.push_str(match dice.next().unwrap() % 8 {
                0 => "\n",
                1 => "\n\n\n",
                2 => "\t ",
                3 => " \r\n  ",
                _ => token.text(),
            }),
            _ => text.push_str(token.text()),
        }
    }
    text
}

proptest! {
    #[test]
    fn formatting_twice_is_formatting_once(
        which in any::<prop::sample::Index>(),
        dice in prop::collection::vec(any::<u8>(), 200),
    ) {
        let scripts = shipped(Language::Script);
        let (path, source) = which.get(&scripts);
        let shaken = shaken(source, &dice);
        prop_assume!(parse(&shaken).errors().is_empty());
        let once = format(Language::Script, &shaken);
        let once = once.map_err(|error| TestCaseError::fail(std::format!("{}: {error}", path.display())))?;
        prop_assert_eq!(format(Language::Script, &once).unwrap(), once);
    }
}
