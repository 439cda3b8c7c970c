//! What the customer is told.

use redress_kernel::decision::CashOpen;
use redress_kernel::{GrantedRemedy, Outcome, Payable};
use redress_model::{Basis, Reason};

use super::{Block, Explanation, when};

/// Reasons of the engine that are the customer's business, as they read them: code,
/// English, Chinese. The others speak of roles, limits and machinery.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "already_paid",
        "What is due for this event has already been paid to you.",
        "该事件应付给您的款项此前已支付。",
    ),
    (
        "no_loss_no_cash",
        "Nothing was lost, so there is no money to give back.",
        "您没有受到损失，因此没有可退的款项。",
    ),
    (
        "not_allowed_here",
        "This kind of remedy is not available where you are.",
        "您所在地不提供这种补偿。",
    ),
    (
        "nothing_due",
        "Nothing is due in this case.",
        "本案没有应给付的内容。",
    ),
    (
        "stage_not_ready",
        "We have not recorded yet what happened and what you ask for.",
        "我们尚未登记事情经过和您的诉求。",
    ),
];

pub(super) fn blocks(explanation: &Explanation<'_>) -> Vec<Block> {
    let decision = explanation.decision();
    if !decision.duties().is_empty() {
        // Where somebody may be in danger, a person speaks, and not about money.
        let line = explanation.say(
            "A person gets in touch with you right away.",
            "我们会立即派专人与您联系。",
        );
        return vec![Block::new("", vec![line.to_owned()])];
    }
    vec![
        Block::new("", opening(explanation)),
        Block::new(
            explanation.say("What you get now", "您现在得到"),
            given(explanation),
        ),
        Block::new(explanation.say("Why", "原因"), why(explanation)),
        Block::new(
            explanation.say("What happens next", "接下来"),
            next(explanation),
        ),
    ]
}

fn now<'a>(explanation: &Explanation<'a>) -> impl Iterator<Item = &'a GrantedRemedy> {
    let remedies = explanation.decision().remedies().iter();
    remedies.filter(|remedy| remedy.payable == Payable::Now)
}

fn opening(explanation: &Explanation<'_>) -> Vec<String> {
    let some_now = now(explanation).next().is_some();
    let line = match (explanation.decision().outcome(), some_now) {
        (Outcome::Grant, _) => explanation.say("We can settle this now.", "我们现在就可以办理。"),
        (Outcome::Escalate, true) => explanation.say(
            "We give you what is certain now; a person looks at the rest.",
            "可以确定的部分现在就给您，其余由专人处理。",
        ),
        (Outcome::Escalate, false) => explanation.say(
            "A person looks at your case and decides.",
            "您的诉求将由专人处理并作出决定。",
        ),
        (Outcome::Hold, true) => explanation.say(
            "We give you what is certain now; for the rest we need to know more.",
            "可以确定的部分现在就给您，其余还需要进一步了解。",
        ),
        (Outcome::Hold, false) => explanation.say(
            "We need to know more before we can decide.",
            "在作出决定之前，我们还需要进一步了解。",
        ),
        (Outcome::Refuse, _) => explanation.say(
            "We cannot give you anything for this, and here is why.",
            "对此我们无法给予补偿，原因如下。",
        ),
    };
    vec![line.to_owned()]
}

fn given(explanation: &Explanation<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for remedy in now(explanation) {
        let gift = explanation.gift(&remedy.kind, &remedy.amount);
        let ground = match remedy.basis {
            Basis::Statutory(_) => explanation.say("the law gives it to you", "依法应付"),
            Basis::Contractual(_) => {
                explanation.say("the terms of your order say so", "按订单约定")
            }
            Basis::Goodwill => explanation.say("with our apologies", "聊表歉意"),
        };
        lines.push(format!("{gift} ({ground})"));
        if remedy.cash_open == CashOpen::Yes {
            lines.push(format!(
                "  {}",
                explanation.say(
                    "You may still take the same value in money instead.",
                    "您仍可改领等值现金。"
                )
            ));
        }
        // A sentence may name a sum that is still to be approved; its remedy is not here then.
        let sentences = remedy.reasons.iter();
        let sentences = sentences.filter_map(|reason| explanation.own_sentence(reason));
        lines.extend(sentences.map(|sentence| format!("  {sentence}")));
    }
    lines
}

/// The reasons of a refusal or a hold; those of a sum stand beside it.
fn why(explanation: &Explanation<'_>) -> Vec<String> {
    let decision = explanation.decision();
    if decision.outcome() != Outcome::Refuse {
        return Vec::new();
    }
    let mut lines: Vec<String> = explanation
        .other_reasons()
        .filter_map(|reason| sentence(explanation, reason))
        .collect();
    if lines.is_empty() {
        lines.push(
            explanation
                .say(
                    "The rules that apply to your case give nothing for it; a person can explain them to you.",
                    "适用于您情况的规则没有规定补偿；可由专人向您说明。",
                )
                .to_owned(),
        );
    }
    lines
}

fn sentence(explanation: &Explanation<'_>, reason: &Reason) -> Option<String> {
    if let Some((_, english, chinese)) = WORDS
        .iter()
        .find(|(code, _, _)| *code == reason.code.as_str())
    {
        return Some(explanation.say(english, chinese).to_owned());
    }
    if crate::words::is_own(&reason.code) {
        return None;
    }
    explanation.own_sentence(reason)
}

fn next(explanation: &Explanation<'_>) -> Vec<String> {
    let decision = explanation.decision();
    let mut lines = Vec::new();
    if let Some(hold) = decision.hold() {
        let missing = explanation.missing(&hold.missing);
        lines.push(match explanation.lang {
            crate::Lang::En => format!("We still need: {missing}."),
            crate::Lang::Zh => format!("我们还需要：{missing}。"),
        });
        if !hold.frozen.is_empty() {
            lines.push(
                explanation
                    .say(
                        "No fee of ours grows in the meantime.",
                        "在此期间不会产生新的费用。",
                    )
                    .to_owned(),
            );
        }
    }
    if !matches!(decision.outcome(), Outcome::Escalate | Outcome::Hold) {
        return lines;
    }
    let until = decision.hold().and_then(|hold| hold.until.as_ref());
    if let Some(due) = until.or_else(|| decision.deadline()) {
        let at = when(due);
        lines.push(match explanation.lang {
            crate::Lang::En => format!("You hear from us by {at}."),
            crate::Lang::Zh => format!("我们会在 {at} 前回复您。"),
        });
    }
    lines
}
