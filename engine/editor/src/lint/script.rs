//! Names of a script that nothing uses, and sums in the middle of it.

use std::collections::{BTreeMap, BTreeSet};

use redress_compiler::syntax::{SyntaxKind as K, SyntaxNode, ast, parse};
use redress_release::ReleaseSource;
use rowan::TextRange;

use super::{Finding, Rule, bytes};

/// The functions that the engine calls.
const ENTRIES: [&str; 2] = ["remedy", "route"];

pub(super) fn of(source: &ReleaseSource) -> Vec<Finding> {
    let Some(script) = source.policy().rhai() else {
        return Vec::new();
    };
    let parsed = parse(&script.text);
    if !parsed.errors().is_empty() {
        return Vec::new();
    }
    let file = parsed.file();
    let told = |rule, at, message, help: &str| Finding {
        rule,
        file: script.file.clone(),
        at: Some(bytes(at)),
        message,
        help: Some(help.to_owned()),
    };
    let mut found = Vec::new();
    for name in idle_functions(&file) {
        let message = format!("`{}` is never called", name.text());
        let help = "take it out, or call it where it is meant";
        found.push(told(Rule::UnusedFunction, name.text_range(), message, help));
    }
    let read = names_read(file.syntax());
    for constant in file.constants() {
        let Some(name) = constant.name() else {
            continue;
        };
        if !name.text().starts_with('_') && !read.iter().any(|(own, _)| own == name.text()) {
            let message = format!("the constant `{}` is never read", name.text());
            let help = "take it out, or read it where it is meant";
            found.push(told(Rule::UnusedConstant, name.text_range(), message, help));
        }
    }
    for (rule, name, at) in idle_bindings(&file, &read) {
        let what = match rule {
            Rule::UnusedConstant => "constant",
            _ => "variable",
        };
        let message = format!("the {what} `{name}` is never read");
        let help = "take it out, or begin its name with `_`";
        found.push(told(rule, at, message, help));
    }
    for (at, sum) in written_sums(&file) {
        let message = format!("{sum} stands in the middle of the code");
        let help = "put it into a table, or into a constant or a function with a name";
        found.push(told(Rule::WrittenSum, at, message, help));
    }
    found
}

/// The names of functions that cannot be reached from where the engine begins.
fn idle_functions(file: &ast::File) -> Vec<redress_compiler::syntax::SyntaxToken> {
    let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for function in file.functions() {
        let Some(name) = function.name() else {
            continue;
        };
        let called = function.syntax().descendants().filter_map(|node| {
            let call = ast::Call::cast(node.clone()).and_then(|call| call.name());
            let method = ast::MethodCall::cast(node).and_then(|call| call.name());
            Some(call.or(method)?.text().to_owned())
        });
        calls
            .entry(name.text().to_owned())
            .or_default()
            .extend(called);
    }
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = ENTRIES.map(str::to_owned).to_vec();
    while let Some(name) = open.pop() {
        if let Some(called) = calls.get(&name)
            && reached.insert(name)
        {
            open.extend(called.iter().cloned());
        }
    }
    let names = file.functions().filter_map(|function| function.name());
    names
        .filter(|name| !reached.contains(name.text()))
        .collect()
}

/// The names that are read below a node, with their places; a name that is assigned to is
/// not read there.
fn names_read(node: &SyntaxNode) -> Vec<(String, TextRange)> {
    let names = node.descendants().filter_map(ast::NameRef::cast);
    let is_target = |name: &SyntaxNode| {
        let assign = name.parent().and_then(ast::Assign::cast);
        let target = assign.and_then(|assign| assign.target());
        target.is_some_and(|target| target.syntax() == name)
    };
    names
        .filter(|name| !is_target(name.syntax()))
        .filter_map(|name| {
            let token = name.token()?;
            Some((token.text().to_owned(), token.text_range()))
        })
        .collect()
}

/// Bindings within functions that nothing reads before their block ends or the same name
/// is bound again.
fn idle_bindings(file: &ast::File, read: &[(String, TextRange)]) -> Vec<(Rule, String, TextRange)> {
    let mut found = Vec::new();
    let blocks = file.functions().flat_map(|function| {
        let nodes: Vec<SyntaxNode> = function.syntax().descendants().collect();
        nodes.into_iter().filter_map(ast::Block::cast)
    });
    for block in blocks {
        let bound: Vec<_> = block.statements().filter_map(|it| binding(&it)).collect();
        for (place, (rule, name, name_at, whole)) in bound.iter().enumerate() {
            let mut later = bound.iter().skip(place.saturating_add(1));
            let again = later.find(|(_, other, ..)| other == name);
            let end = again.map_or(block.range().end(), |(.., whole)| whole.end());
            let is_read = read
                .iter()
                .any(|(own, at)| own == name && at.start() >= whole.end() && at.end() <= end);
            if !is_read && !name.starts_with('_') {
                found.push((*rule, name.clone(), *name_at));
            }
        }
    }
    found
}

/// The rule that a binding falls under, its name, where the name is and where all of it is.
fn binding(statement: &ast::Stmt) -> Option<(Rule, String, TextRange, TextRange)> {
    let (rule, name) = match statement {
        ast::Stmt::Let(binding) => (Rule::UnusedVariable, binding.name()?),
        ast::Stmt::Const(binding) => (Rule::UnusedConstant, binding.name()?),
        _ => return None,
    };
    Some((
        rule,
        name.text().to_owned(),
        name.text_range(),
        statement.range(),
    ))
}

/// The sums that code writes down, but for nothing and those that are all of a constant or
/// of a function.
fn written_sums(file: &ast::File) -> Vec<(TextRange, String)> {
    let mut found = Vec::new();
    for function in file.functions() {
        let calls = function.syntax().descendants().filter_map(ast::Call::cast);
        for call in calls {
            let is_money = call.name().is_some_and(|name| name.text() == "money");
            let Some(ast::Expr::Literal(literal)) = call.args().next().filter(|_| is_money) else {
                continue;
            };
            let Some(ast::LiteralValue::Text(sum)) = literal.value() else {
                continue;
            };
            let is_nothing = !sum.contains(|c: char| c.is_ascii_digit() && c != '0');
            if !is_nothing && !is_named(&function, call.syntax()) {
                found.push((call.range(), sum));
            }
        }
    }
    found
}

/// Whether a call is all that a function without parameters does, so that its name says
/// what it is, or all of a constant.
fn is_named(function: &ast::Function, call: &SyntaxNode) -> bool {
    let mut node = call.clone();
    while let Some(parent) = node.parent() {
        match parent.kind() {
            K::Const => return true,
            K::Paren | K::ExprStmt => node = parent,
            K::Block => {
                let is_only = parent.children().count() == 1;
                let is_body = function.body().is_some_and(|body| *body.syntax() == parent);
                return is_only && is_body && function.params().next().is_none();
            }
            _ => return false,
        }
    }
    false
}
