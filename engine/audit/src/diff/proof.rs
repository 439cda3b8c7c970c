//! What a proof says about two releases.

use redress_authoring::Lang;
use serde::Serialize;

/// A case on which two releases part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// The facts, each with its value.
    pub facts: Vec<(String, String)>,
    /// What the script of the old release gives it.
    pub old: String,
    /// What the script of the new release gives it.
    pub new: String,
}

impl Witness {
    fn sentence(&self, lang: Lang) -> String {
        let facts = self.facts.iter();
        let facts: Vec<String> = facts
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        let (old, new) = (&self.old, &self.new);
        match lang {
            Lang::En => format!("{} (before: {old}; after: {new})", facts.join(", ")),
            Lang::Zh => format!("{}（变更前：{old}；变更后：{new}）", facts.join("，")),
        }
    }
}

/// What a proof says about what two releases give, over all facts that their schema allows
/// and before the guardrails act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Proof {
    /// Nobody asked for one.
    NotAsked,
    /// Both give every case the same.
    Equivalent {
        /// What is taken for granted of the facts.
        assumes: Vec<String>,
    },
    /// The new one gives every case at least as much, and this one more.
    NeverLess {
        /// Where they part.
        witness: Witness,
        /// What is taken for granted of the facts.
        assumes: Vec<String>,
    },
    /// The new one gives no case more, and this one less.
    NeverMore {
        /// Where they part.
        witness: Witness,
        /// What is taken for granted of the facts.
        assumes: Vec<String>,
    },
    /// They part, and this case shows where.
    Part {
        /// Where they part.
        witness: Witness,
    },
    /// It was not found out.
    Open {
        /// A stable code: that of the solver's fault, or of what cannot be put in a formula.
        code: String,
        /// Why, in words.
        reason: String,
    },
}

/// What a proof takes for granted, as the end of its sentence.
fn given(assumes: &[String], lang: Lang) -> String {
    match (assumes, lang) {
        ([], _) => String::new(),
        (assumes, Lang::En) => format!(" Given that {}.", assumes.join("; ")),
        (assumes, Lang::Zh) => format!("前提：{}。", assumes.join("；")),
    }
}

impl Proof {
    /// The answer in a sentence.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NotAsked, Lang::En) => {
                "No proof was asked for: what follows says what changed, not what it does.".into()
            }
            (Self::NotAsked, Lang::Zh) => "未要求证明：以下列出变更内容，并不说明其效果。".into(),
            (Self::Equivalent { assumes }, Lang::En) => format!(
                "Proved: before the guardrails act, both give every case the same.{}",
                given(assumes, lang)
            ),
            (Self::Equivalent { assumes }, Lang::Zh) => format!(
                "已证明：护栏介入之前，两者对每个案件给付相同。{}",
                given(assumes, lang)
            ),
            (Self::NeverLess { witness, assumes }, Lang::En) => format!(
                "Proved: before the guardrails act, no case gets less than before.{} Some get more, for example: {}",
                given(assumes, lang),
                witness.sentence(lang)
            ),
            (Self::NeverLess { witness, assumes }, Lang::Zh) => format!(
                "已证明：护栏介入之前，任何案件所得不少于以前。{}有的更多，例如：{}",
                given(assumes, lang),
                witness.sentence(lang)
            ),
            (Self::NeverMore { witness, assumes }, Lang::En) => format!(
                "Proved: before the guardrails act, no case gets more than before.{} Some get less, for example: {}",
                given(assumes, lang),
                witness.sentence(lang)
            ),
            (Self::NeverMore { witness, assumes }, Lang::Zh) => format!(
                "已证明：护栏介入之前，任何案件所得不多于以前。{}有的更少，例如：{}",
                given(assumes, lang),
                witness.sentence(lang)
            ),
            (Self::Part { witness }, Lang::En) => format!(
                "They part before the guardrails act, for example: {}",
                witness.sentence(lang)
            ),
            (Self::Part { witness }, Lang::Zh) => {
                format!("护栏介入之前两者给付不同，例如：{}", witness.sentence(lang))
            }
            (Self::Open { reason, .. }, Lang::En) => format!("Not proved either way: {reason}"),
            (Self::Open { reason, .. }, Lang::Zh) => format!("未能证明：{reason}"),
        }
    }
}
