//! What there is to cover in a script, and the script with probes that tell of it.
//!
//! Probes stand within the lines that they tell of and move none of them.

use redress::PROBE;
use redress_compiler::syntax::{Lines, SyntaxKind as K, SyntaxNode, ast, parse};
use rowan::TextRange;

use super::decision::Tree;

/// A line that a statement begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatementSite {
    pub(super) line: u32,
    pub(super) probe: u32,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FunctionSite {
    pub(super) name: String,
    pub(super) line: u32,
    pub(super) probe: u32,
}

/// A place where a run goes one of several ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BranchSite {
    pub(super) at: TextRange,
    pub(super) ways: Vec<Way>,
}

/// One way, and what tells that it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) what: String,
    pub(super) at: TextRange,
    pub(super) taken: Taken,
}

/// What tells that a way was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// This probe was passed.
    Passed(u32),
    /// The value at this probe was `true`.
    True(u32),
    /// The value at this probe was not `true`.
    False(u32),
    /// The value at this probe was `()`.
    Nothing(u32),
    /// The value at this probe was something.
    Something(u32),
}

/// A decision with its conditions, in order of evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DecisionSite {
    pub(super) at: TextRange,
    pub(super) result: u32,
    pub(super) conditions: Vec<(TextRange, u32)>,
    pub(super) tree: Tree,
}

/// What there is to cover.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sites {
    pub(super) statements: Vec<StatementSite>,
    pub(super) functions: Vec<FunctionSite>,
    pub(super) branches: Vec<BranchSite>,
    pub(super) decisions: Vec<DecisionSite>,
}

/// The sites of a script, and the script with their probes; `None` if it is no script that
/// this project's parser reads without a mistake.
pub(super) fn probed(text: &str) -> Option<(Sites, String)> {
    let parsed = parse(text);
    if !parsed.errors().is_empty() || text.contains(PROBE) {
        return None;
    }
    let mut writer = Writer {
        lines: Lines::new(text),
        sites: Sites::default(),
        inserted: Vec::new(),
        probes: 0,
    };
    for function in parsed.file().functions() {
        writer.function(&function);
    }
    Some((writer.sites.clone(), writer.written(text)))
}

/// Whether text goes in behind what ends at a place, or before what begins there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Behind,
    Before,
}

struct Writer {
    lines: Lines,
    sites: Sites,
    inserted: Vec<(u32, Side, String)>,
    probes: u32,
}

impl Writer {
    /// The text with everything that goes in.
    fn written(mut self, text: &str) -> String {
        // What wraps a node goes in from outside before it and from inside behind it, the
        // order in which it was put; a stable sort keeps that.
        self.inserted.sort_by_key(|(at, side, _)| (*at, *side));
        let mut written = String::with_capacity(text.len().saturating_mul(2));
        let mut from = 0;
        for (at, _, insert) in &self.inserted {
            let at = usize::try_from(*at).unwrap_or(usize::MAX);
            written.push_str(text.get(from..at).unwrap_or_default());
            written.push_str(insert);
            from = at;
        }
        written.push_str(text.get(from..).unwrap_or_default());
        written
    }

    fn probe(&mut self) -> u32 {
        self.probes += 1;
        self.probes
    }

    fn put(&mut self, at: impl Into<u32>, side: Side, text: String) {
        self.inserted.push((at.into(), side, text));
    }

    fn line(&self, range: TextRange) -> u32 {
        self.lines.position(range.start()).line
    }

    /// A probe that notes that a run came by before a place.
    fn passing(&mut self, at: TextRange) -> u32 {
        let probe = self.probe();
        self.put(at.start(), Side::Before, format!("{PROBE}((), {probe}); "));
        probe
    }

    fn open(&mut self, at: TextRange) {
        self.put(at.start(), Side::Before, format!("{PROBE}("));
    }

    fn close(&mut self, at: TextRange, probe: u32) {
        self.put(at.end(), Side::Behind, format!(", {probe})"));
    }

    fn function(&mut self, function: &ast::Function) {
        let Some(body) = function.body() else { return };
        let probe = self.probe();
        let inside = u32::from(body.range().start()).saturating_add(1);
        self.put(inside, Side::Behind, format!(" {PROBE}((), {probe});"));
        let name = function.name();
        self.sites.functions.push(FunctionSite {
            name: name.map(|name| name.text().to_owned()).unwrap_or_default(),
            line: self.line(words(function.syntax())),
            probe,
        });
        self.node(body.syntax());
    }

    fn children(&mut self, node: &SyntaxNode) {
        for child in node.children() {
            self.node(&child);
        }
    }

    fn node(&mut self, node: &SyntaxNode) {
        match node.kind() {
            K::Block => self.block(node),
            K::If => self.if_(node),
            K::Switch => self.switch(node),
            K::While | K::Do => self.loop_(node),
            // Labels are constants.
            K::Patterns => {}
            _ => match ast::Expr::cast(node.clone()) {
                Some(expr) if is_boolean(&expr) => {
                    self.decision(&expr);
                }
                Some(ast::Expr::Binary(binary)) if is_operator(&binary, K::QuestionQuestion) => {
                    self.coalesce(&binary);
                }
                _ => self.children(node),
            },
        }
    }

    fn block(&mut self, node: &SyntaxNode) {
        let Some(block) = ast::Block::cast(node.clone()) else {
            return;
        };
        for statement in block.statements() {
            let at = words(statement.syntax());
            if !at.is_empty() {
                let probe = self.passing(at);
                let line = self.line(at);
                self.sites.statements.push(StatementSite { line, probe });
            }
            self.node(statement.syntax());
        }
    }

    fn if_(&mut self, node: &SyntaxNode) {
        let Some(if_) = ast::If::cast(node.clone()) else {
            return;
        };
        let Some(condition) = if_.condition() else {
            return self.children(node);
        };
        let result = self.decision(&condition);
        let whole = words(node);
        let then = if_.then().map_or(whole, |block| words(block.syntax()));
        let otherwise = if_.otherwise();
        let other_at = otherwise.as_ref().map(|other| words(other.syntax()));
        self.sites.branches.push(BranchSite {
            at: words(condition.syntax()),
            ways: vec![
                Way {
                    what: "the condition holds".into(),
                    at: then,
                    taken: Taken::True(result),
                },
                Way {
                    what: "the condition does not hold".into(),
                    at: other_at.unwrap_or(TextRange::empty(whole.end())),
                    taken: Taken::False(result),
                },
            ],
        });
        if let Some(then) = if_.then() {
            self.node(then.syntax());
        }
        if let Some(otherwise) = otherwise {
            self.node(otherwise.syntax());
        }
    }

    fn loop_(&mut self, node: &SyntaxNode) {
        for child in node.children() {
            match ast::Expr::cast(child.clone()) {
                Some(condition) if child.kind() != K::Block => {
                    self.decision(&condition);
                }
                _ => self.node(&child),
            }
        }
    }

    fn switch(&mut self, node: &SyntaxNode) {
        let Some(switch) = ast::Switch::cast(node.clone()) else {
            return;
        };
        let mut ways = Vec::new();
        if let Some(value) = switch.value() {
            self.node(value.syntax());
        }
        let mut has_default = false;
        let mut last = None;
        for arm in switch.arms() {
            has_default |= arm.is_default();
            last = Some(words(arm.syntax()));
            if let Some(guard) = arm.guard() {
                self.decision(&guard);
            }
            let Some(body) = arm.body() else { continue };
            let at = words(body.syntax());
            let probe = self.probe();
            self.put(
                at.start(),
                Side::Before,
                format!("{{ {PROBE}((), {probe}); "),
            );
            self.node(body.syntax());
            self.put(at.end(), Side::Behind, " }".into());
            let line = self.line(at);
            self.sites.statements.push(StatementSite { line, probe });
            let label: Option<&str> = self
                .lines
                .text()
                .get(std::ops::Range::from(arm.patterns_range()));
            ways.push(Way {
                what: match arm.is_default() {
                    true => "no other arm is for the value".into(),
                    false => format!("the value is {}", label.unwrap_or_default().trim()),
                },
                at: words(arm.syntax()),
                taken: Taken::Passed(probe),
            });
        }
        if let Some(last) = last.filter(|_| !has_default) {
            let probe = self.probe();
            let end = node.last_token().filter(|token| token.kind() == K::RBrace);
            let comma = end.as_ref().and_then(|end| {
                let mut before = end.prev_token();
                while let Some(token) = before.clone().filter(|token| token.kind().is_trivia()) {
                    before = token.prev_token();
                }
                before.map(|token| token.kind() == K::Comma)
            });
            let lead = if comma == Some(true) { "" } else { "," };
            let at = end.map_or(last.end(), |end| end.text_range().start());
            self.put(
                at,
                Side::Behind,
                format!("{lead} _ => {PROBE}((), {probe}) "),
            );
            ways.push(Way {
                what: "no arm is for the value".into(),
                at: TextRange::empty(last.end()),
                taken: Taken::Passed(probe),
            });
        }
        let at = switch.value().map_or(words(node), |it| words(it.syntax()));
        self.sites.branches.push(BranchSite { at, ways });
    }

    fn coalesce(&mut self, binary: &ast::Binary) {
        let (Some(left), Some(right)) = (binary.left(), binary.right()) else {
            return;
        };
        let (before, behind) = (words(left.syntax()), words(right.syntax()));
        let probe = self.probe();
        self.open(before);
        self.node(left.syntax());
        self.close(before, probe);
        self.node(right.syntax());
        self.sites.branches.push(BranchSite {
            at: words(binary.syntax()),
            ways: vec![
                Way {
                    what: "the value is known".into(),
                    at: before,
                    taken: Taken::Something(probe),
                },
                Way {
                    what: "the value is unknown".into(),
                    at: behind,
                    taken: Taken::Nothing(probe),
                },
            ],
        });
    }

    /// A decision and its conditions; gives the probe of its result.
    fn decision(&mut self, expr: &ast::Expr) -> u32 {
        let at = words(expr.syntax());
        self.open(at);
        let mut conditions = Vec::new();
        let place = self.sites.decisions.len();
        let result = self.probe();
        self.sites.decisions.push(DecisionSite {
            at,
            result,
            conditions: Vec::new(),
            tree: Tree::Condition(0),
        });
        let tree = self.operands(expr, &mut conditions);
        self.close(at, result);
        if let Some(site) = self.sites.decisions.get_mut(place) {
            site.conditions = conditions;
            site.tree = tree;
        }
        result
    }

    fn operands(&mut self, expr: &ast::Expr, conditions: &mut Vec<(TextRange, u32)>) -> Tree {
        match connective(expr) {
            Some(Connective::Of(kind, left, right)) => {
                let left = self.operands(&left, conditions);
                let right = self.operands(&right, conditions);
                let both = Box::new((left, right));
                match kind {
                    K::AndAnd => Tree::And(both),
                    _ => Tree::Or(both),
                }
            }
            Some(Connective::Not(inner)) => Tree::Not(Box::new(self.operands(&inner, conditions))),
            None => {
                let at = words(expr.syntax());
                let number = conditions.len();
                let probe = self.probe();
                conditions.push((at, probe));
                self.open(at);
                match expr.clone().bare() {
                    bare if is_boolean(&bare) => self.children(bare.syntax()),
                    _ => self.node(expr.syntax()),
                }
                self.close(at, probe);
                Tree::Condition(number)
            }
        }
    }
}

/// What joins conditions to a decision.
enum Connective {
    Of(K, ast::Expr, ast::Expr),
    Not(ast::Expr),
}

/// The operator of a decision over more than one condition, through brackets.
fn connective(expr: &ast::Expr) -> Option<Connective> {
    match expr.clone().bare() {
        ast::Expr::Binary(binary) => {
            let kind = binary.operator()?.kind();
            let joins = matches!(kind, K::AndAnd | K::OrOr);
            joins.then(|| Some(Connective::Of(kind, binary.left()?, binary.right()?)))?
        }
        ast::Expr::Unary(unary) if unary.operator()?.kind() == K::Bang => {
            let operand = unary.operand()?;
            connective(&operand)
                .is_some()
                .then_some(Connective::Not(operand))
        }
        _ => None,
    }
}

/// Whether an expression is a decision wherever it stands: it compares, asks or negates.
fn is_boolean(expr: &ast::Expr) -> bool {
    match expr {
        ast::Expr::Binary(binary) => binary.operator().is_some_and(|operator| {
            matches!(
                operator.kind(),
                K::AndAnd
                    | K::OrOr
                    | K::EqEq
                    | K::NotEq
                    | K::Lt
                    | K::LtEq
                    | K::Gt
                    | K::GtEq
                    | K::InKw
                    | K::NotIn
            )
        }),
        ast::Expr::Unary(unary) => unary.operator().is_some_and(|it| it.kind() == K::Bang),
        _ => false,
    }
}

fn is_operator(binary: &ast::Binary, kind: K) -> bool {
    binary.operator().is_some_and(|it| it.kind() == kind)
}

/// Where a node stands without the spaces and comments at its ends.
fn words(node: &SyntaxNode) -> TextRange {
    let mut tokens = node
        .descendants_with_tokens()
        .filter_map(rowan::NodeOrToken::into_token)
        .filter(|token| !token.kind().is_trivia());
    let first = tokens.next();
    let last = tokens.last();
    match (first, last) {
        (Some(first), Some(last)) => {
            TextRange::new(first.text_range().start(), last.text_range().end())
        }
        (Some(only), None) => only.text_range(),
        (None, _) => TextRange::empty(node.text_range().start()),
    }
}
