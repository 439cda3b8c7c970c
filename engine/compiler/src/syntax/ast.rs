//! Typed views of the tree. A view costs nothing and may lack parts where the source has
//! mistakes.

use rowan::TextRange;

use super::kind::SyntaxKind as K;
use super::{SyntaxNode, SyntaxToken, integer, unquote};

macro_rules! nodes {
    ($($(#[$doc:meta])* $name:ident = $kind:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            pub struct $name(pub(crate) SyntaxNode);

            impl $name {
                /// The view of a node of this kind.
                #[must_use]
                pub fn cast(node: SyntaxNode) -> Option<Self> {
                    (node.kind() == K::$kind).then_some(Self(node))
                }

                /// The node.
                #[must_use]
                pub const fn syntax(&self) -> &SyntaxNode {
                    &self.0
                }

                /// Where it stands.
                #[must_use]
                pub fn range(&self) -> TextRange {
                    self.0.text_range()
                }
            }
        )*
    };
}

nodes! {
    /// A whole source.
    File = Root;
    /// `fn name(a, b) { .. }`
    Function = Function;
    /// `{ .. }`, or the code within a text.
    Block = Block;
    /// `let x = value`
    Let = Let;
    /// `const X = value`
    Const = Const;
    /// An expression as a statement.
    ExprStmt = ExprStmt;
    /// `x = value`, `x += value` and their kin.
    Assign = Assign;
    /// `return value`
    Return = Return;
    /// `break value`
    Break = Break;
    /// `for x in items { .. }`
    For = For;
    /// `if condition { .. } else { .. }`
    If = If;
    /// `switch value { .. }`
    Switch = Switch;
    /// One arm of a `switch`.
    Arm = Arm;
    /// A literal.
    Literal = Literal;
    /// A variable, a constant, or the name of a function that is called.
    NameRef = NameRef;
    /// `(value)`
    Paren = Paren;
    /// `-x`, `+x` or `!x`
    Unary = Unary;
    /// `x + y` and its kin.
    Binary = Binary;
    /// `f(x)`
    Call = Call;
    /// `x.f(y)`
    MethodCall = MethodCall;
    /// `x.name`
    Field = Field;
    /// `x[y]`
    Index = Index;
    /// `[x, y]`
    List = List;
}

/// The nodes that are expressions, of a node's own children.
fn exprs(node: &SyntaxNode) -> impl Iterator<Item = Expr> + use<> {
    node.children().filter_map(Expr::cast)
}

fn token(node: &SyntaxNode, wanted: impl Fn(K) -> bool) -> Option<SyntaxToken> {
    let mut tokens = node
        .children_with_tokens()
        .filter_map(rowan::NodeOrToken::into_token);
    tokens.find(|token| wanted(token.kind()))
}

/// The tokens of the nodes of a kind, one each, below a node.
fn names(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> + use<> {
    let params = node.children().filter(|child| child.kind() == K::Param);
    params.filter_map(|param| param.first_token())
}

/// An expression of whatever kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the view of its name")]
pub enum Expr {
    Literal(Literal),
    /// `()`
    Unit(SyntaxNode),
    NameRef(NameRef),
    Paren(Paren),
    Unary(Unary),
    Binary(Binary),
    Call(Call),
    MethodCall(MethodCall),
    Field(Field),
    Index(Index),
    List(List),
    Block(Block),
    If(If),
    Switch(Switch),
    For(For),
    /// `return`, `throw`, `break` or `continue` behind `??`.
    Jump(SyntaxNode),
    /// A map, a closure, a text with code in it, a loop that may not end: outside of what
    /// compiles.
    Other(SyntaxNode),
}

impl Expr {
    /// The view of a node that is an expression.
    #[must_use]
    pub fn cast(node: SyntaxNode) -> Option<Self> {
        Some(match node.kind() {
            K::Literal => Self::Literal(Literal(node)),
            K::Unit => Self::Unit(node),
            K::NameRef => Self::NameRef(NameRef(node)),
            K::Paren => Self::Paren(Paren(node)),
            K::Unary => Self::Unary(Unary(node)),
            K::Binary => Self::Binary(Binary(node)),
            K::Call => Self::Call(Call(node)),
            K::MethodCall => Self::MethodCall(MethodCall(node)),
            K::Field => Self::Field(Field(node)),
            K::Index => Self::Index(Index(node)),
            K::List => Self::List(List(node)),
            K::Block => Self::Block(Block(node)),
            K::If => Self::If(If(node)),
            K::Switch => Self::Switch(Switch(node)),
            K::For => Self::For(For(node)),
            K::Return | K::Throw | K::Break | K::Continue => Self::Jump(node),
            K::Map | K::Closure | K::Interpolation | K::While | K::Loop | K::Do => {
                Self::Other(node)
            }
            _ => return None,
        })
    }

    /// The node.
    #[must_use]
    pub const fn syntax(&self) -> &SyntaxNode {
        match self {
            Self::Literal(Literal(node))
            | Self::Unit(node)
            | Self::NameRef(NameRef(node))
            | Self::Paren(Paren(node))
            | Self::Unary(Unary(node))
            | Self::Binary(Binary(node))
            | Self::Call(Call(node))
            | Self::MethodCall(MethodCall(node))
            | Self::Field(Field(node))
            | Self::Index(Index(node))
            | Self::List(List(node))
            | Self::Block(Block(node))
            | Self::If(If(node))
            | Self::Switch(Switch(node))
            | Self::For(For(node))
            | Self::Jump(node)
            | Self::Other(node) => node,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn range(&self) -> TextRange {
        self.syntax().text_range()
    }

    /// The expression within brackets, however many.
    #[must_use]
    pub fn bare(self) -> Self {
        let mut bare = self;
        while let Self::Paren(paren) = &bare {
            match paren.inner() {
                Some(inner) => bare = inner,
                None => break,
            }
        }
        bare
    }
}

/// A statement of whatever kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the view of its name")]
pub enum Stmt {
    Let(Let),
    Const(Const),
    Expr(ExprStmt),
    Assign(Assign),
    Return(Return),
    Break(Break),
    /// `continue`
    Continue(SyntaxNode),
    /// An `if`, a `switch`, a `for` or a block that stands as a statement.
    Bare(Expr),
    /// `throw`, `try`, `while`, `loop`, `do`: outside of what compiles.
    Other(SyntaxNode),
}

impl Stmt {
    /// The view of a node that is a statement.
    #[must_use]
    pub fn cast(node: SyntaxNode) -> Option<Self> {
        Some(match node.kind() {
            K::Let => Self::Let(Let(node)),
            K::Const => Self::Const(Const(node)),
            K::ExprStmt => Self::Expr(ExprStmt(node)),
            K::Assign => Self::Assign(Assign(node)),
            K::Return => Self::Return(Return(node)),
            K::Break => Self::Break(Break(node)),
            K::Continue => Self::Continue(node),
            K::If | K::Switch | K::For | K::Block => Self::Bare(Expr::cast(node)?),
            K::Throw | K::Try | K::While | K::Loop | K::Do => Self::Other(node),
            _ => return None,
        })
    }

    /// The node.
    #[must_use]
    pub const fn syntax(&self) -> &SyntaxNode {
        match self {
            Self::Let(Let(node))
            | Self::Const(Const(node))
            | Self::Expr(ExprStmt(node))
            | Self::Assign(Assign(node))
            | Self::Return(Return(node))
            | Self::Break(Break(node))
            | Self::Continue(node)
            | Self::Other(node) => node,
            Self::Bare(expr) => expr.syntax(),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn range(&self) -> TextRange {
        self.syntax().text_range()
    }
}

impl File {
    /// The functions, in order.
    pub fn functions(&self) -> impl Iterator<Item = Function> + use<> {
        self.0.children().filter_map(Function::cast)
    }

    /// The constants outside of functions, in order.
    pub fn constants(&self) -> impl Iterator<Item = Const> + use<> {
        self.0.children().filter_map(Const::cast)
    }
}

impl Function {
    /// The name.
    #[must_use]
    pub fn name(&self) -> Option<SyntaxToken> {
        token(&self.0, |kind| kind == K::Ident)
    }

    /// The names of the parameters.
    pub fn params(&self) -> impl Iterator<Item = SyntaxToken> + use<> {
        let params = self.0.children().find(|child| child.kind() == K::Params);
        params.into_iter().flat_map(|params| names(&params))
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Option<Block> {
        self.0.children().find_map(Block::cast)
    }
}

impl Block {
    /// The statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = Stmt> + use<> {
        self.0.children().filter_map(Stmt::cast)
    }

    /// The `}` that ends it.
    #[must_use]
    pub fn end(&self) -> Option<SyntaxToken> {
        self.0
            .last_token()
            .filter(|token| token.kind() == K::RBrace)
    }
}

macro_rules! binding {
    ($($name:ident)*) => {
        $(impl $name {
            /// The name.
            #[must_use]
            pub fn name(&self) -> Option<SyntaxToken> {
                token(&self.0, |kind| kind == K::Ident)
            }

            /// The value, which may be missing: then it is `()`.
            #[must_use]
            pub fn value(&self) -> Option<Expr> {
                exprs(&self.0).next()
            }
        })*
    };
}
binding!(Let Const);

macro_rules! with_value {
    ($($name:ident)*) => {
        $(impl $name {
            /// The expression.
            #[must_use]
            pub fn value(&self) -> Option<Expr> {
                exprs(&self.0).next()
            }
        })*
    };
}
with_value!(ExprStmt Return Break);

impl Assign {
    /// What is assigned to.
    #[must_use]
    pub fn target(&self) -> Option<Expr> {
        exprs(&self.0).next()
    }

    /// `=`, `+=` or another.
    #[must_use]
    pub fn operator(&self) -> Option<SyntaxToken> {
        token(&self.0, K::is_assignment)
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> Option<Expr> {
        exprs(&self.0).nth(1)
    }
}

impl For {
    /// The variable, and the counter if there is one.
    pub fn names(&self) -> impl Iterator<Item = SyntaxToken> + use<> {
        names(&self.0)
    }

    /// What it goes through.
    #[must_use]
    pub fn items(&self) -> Option<Expr> {
        exprs(&self.0).find(|expr| expr.syntax().kind() != K::Block)
    }

    /// The body: the last block.
    #[must_use]
    pub fn body(&self) -> Option<Block> {
        self.0.children().filter_map(Block::cast).last()
    }
}

impl If {
    /// The condition.
    #[must_use]
    pub fn condition(&self) -> Option<Expr> {
        exprs(&self.0)
            .next()
            .filter(|expr| expr.syntax().kind() != K::Block)
    }

    /// What runs when it holds.
    #[must_use]
    pub fn then(&self) -> Option<Block> {
        self.0.children().find_map(Block::cast)
    }

    /// What runs when it does not: a block or another `if`.
    #[must_use]
    pub fn otherwise(&self) -> Option<Expr> {
        let keyword = token(&self.0, |kind| kind == K::ElseKw)?;
        let after = |node: &SyntaxNode| node.text_range().start() > keyword.text_range().start();
        self.0.children().filter(after).find_map(Expr::cast)
    }

    /// The word `if`.
    #[must_use]
    pub fn keyword(&self) -> Option<SyntaxToken> {
        self.0.first_token()
    }
}

impl Switch {
    /// What is switched on.
    #[must_use]
    pub fn value(&self) -> Option<Expr> {
        exprs(&self.0).next()
    }

    /// The arms, in order.
    pub fn arms(&self) -> impl Iterator<Item = Arm> + use<> {
        self.0.children().filter_map(Arm::cast)
    }

    /// The word `switch`.
    #[must_use]
    pub fn keyword(&self) -> Option<SyntaxToken> {
        self.0.first_token()
    }
}

impl Arm {
    fn patterns_node(&self) -> Option<SyntaxNode> {
        self.0.children().find(|child| child.kind() == K::Patterns)
    }

    /// Whether it is `_`.
    #[must_use]
    pub fn is_default(&self) -> bool {
        let patterns = self.patterns_node();
        patterns.is_some_and(|node| token(&node, |kind| kind == K::Underscore).is_some())
    }

    /// The literals and ranges that it is for; none for `_`.
    pub fn patterns(&self) -> impl Iterator<Item = Expr> + use<> {
        self.patterns_node()
            .into_iter()
            .flat_map(|node| exprs(&node))
    }

    /// Where the patterns stand.
    #[must_use]
    pub fn patterns_range(&self) -> TextRange {
        self.patterns_node()
            .map_or_else(|| self.range(), |node| node.text_range())
    }

    /// The condition behind `if`.
    #[must_use]
    pub fn guard(&self) -> Option<Expr> {
        let guard = self.0.children().find(|child| child.kind() == K::Guard)?;
        exprs(&guard).next()
    }

    /// What it does.
    #[must_use]
    pub fn body(&self) -> Option<Stmt> {
        self.0.children().find_map(Stmt::cast)
    }
}

/// The value of a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiteralValue {
    /// A number.
    Int(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A text.
    Text(String),
    /// One character.
    Char(char),
}

impl Literal {
    /// Its token.
    #[must_use]
    pub fn token(&self) -> Option<SyntaxToken> {
        self.0.first_token()
    }

    /// Its value; `None` where it has mistakes.
    #[must_use]
    pub fn value(&self) -> Option<LiteralValue> {
        let token = self.token()?;
        let text = token.text();
        Some(match token.kind() {
            K::Int => LiteralValue::Int(integer(text)?),
            K::TrueKw => LiteralValue::Bool(true),
            K::FalseKw => LiteralValue::Bool(false),
            K::Text | K::RawText => LiteralValue::Text(unquote(text)?),
            K::Template => {
                let inner = text.strip_prefix('`')?.strip_suffix('`')?;
                // What Rhai does to line ends and to doubled backticks is not followed.
                let plain = !inner.contains(['`', '\\', '\r', '\n']);
                LiteralValue::Text(plain.then(|| inner.to_owned())?)
            }
            K::Char => LiteralValue::Char(unquote(text)?.chars().next()?),
            _ => return None,
        })
    }
}

impl NameRef {
    /// Its token.
    #[must_use]
    pub fn token(&self) -> Option<SyntaxToken> {
        self.0.first_token()
    }
}

impl Paren {
    /// The expression within.
    #[must_use]
    pub fn inner(&self) -> Option<Expr> {
        exprs(&self.0).next()
    }
}

impl Unary {
    /// `-`, `+` or `!`.
    #[must_use]
    pub fn operator(&self) -> Option<SyntaxToken> {
        self.0.first_token()
    }

    /// The operand.
    #[must_use]
    pub fn operand(&self) -> Option<Expr> {
        exprs(&self.0).next()
    }
}

impl Binary {
    /// The operator.
    #[must_use]
    pub fn operator(&self) -> Option<SyntaxToken> {
        token(&self.0, |kind| kind.precedence() > 0)
    }

    /// The operand before the operator; a range may have none.
    #[must_use]
    pub fn left(&self) -> Option<Expr> {
        let start = self.operator()?.text_range().start();
        exprs(&self.0).find(|expr| expr.range().end() <= start)
    }

    /// The operand behind the operator; a range may have none.
    #[must_use]
    pub fn right(&self) -> Option<Expr> {
        let end = self.operator()?.text_range().end();
        exprs(&self.0).find(|expr| expr.range().start() >= end)
    }
}

fn args(node: &SyntaxNode) -> impl Iterator<Item = Expr> + use<> {
    let list = node.children().find(|child| child.kind() == K::Args);
    list.into_iter().flat_map(|list| exprs(&list))
}

impl Call {
    /// The name of the function.
    #[must_use]
    pub fn name(&self) -> Option<SyntaxToken> {
        let name = self.0.children().find(|child| child.kind() == K::NameRef)?;
        name.first_token()
    }

    /// The arguments, in order.
    pub fn args(&self) -> impl Iterator<Item = Expr> + use<> {
        args(&self.0)
    }
}

impl MethodCall {
    /// What the function is called on.
    #[must_use]
    pub fn receiver(&self) -> Option<Expr> {
        exprs(&self.0).next()
    }

    /// `.` or `?.`.
    #[must_use]
    pub fn dot(&self) -> Option<SyntaxToken> {
        token(&self.0, |kind| matches!(kind, K::Dot | K::QuestionDot))
    }

    /// The name of the function.
    #[must_use]
    pub fn name(&self) -> Option<SyntaxToken> {
        token(&self.0, |kind| kind == K::Ident)
    }

    /// The arguments, in order.
    pub fn args(&self) -> impl Iterator<Item = Expr> + use<> {
        args(&self.0)
    }
}

impl Field {
    /// What it is a property of.
    #[must_use]
    pub fn receiver(&self) -> Option<Expr> {
        exprs(&self.0).next()
    }

    /// `.` or `?.`.
    #[must_use]
    pub fn dot(&self) -> Option<SyntaxToken> {
        token(&self.0, |kind| matches!(kind, K::Dot | K::QuestionDot))
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> Option<SyntaxToken> {
        token(&self.0, |kind| kind == K::Ident)
    }
}

impl Index {
    /// What is looked into.
    #[must_use]
    pub fn receiver(&self) -> Option<Expr> {
        exprs(&self.0).next()
    }

    /// The place.
    #[must_use]
    pub fn index(&self) -> Option<Expr> {
        exprs(&self.0).nth(1)
    }

    /// `[` or `?[`.
    #[must_use]
    pub fn bracket(&self) -> Option<SyntaxToken> {
        token(&self.0, |kind| {
            matches!(kind, K::LBracket | K::QuestionBracket)
        })
    }
}

impl List {
    /// The items, in order.
    pub fn items(&self) -> impl Iterator<Item = Expr> + use<> {
        exprs(&self.0)
    }
}
