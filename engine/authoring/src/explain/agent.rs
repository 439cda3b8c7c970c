//! What the agent is told: what to do now, who approves, by when.

use redress_kernel::decision::ApprovalTerms;
use redress_kernel::{Escalation, Outcome, Payable};
use redress_model::Reason;

use super::{Block, Explanation, instant, shown};
use crate::Lang;

pub(super) fn blocks(explanation: &Explanation<'_>) -> Vec<Block> {
    let decision = explanation.decision();
    let duties = decision.duties().iter().map(|code| explanation.bare(code));
    let tell = decision.obligations().iter();
    let tell = tell.map(|code| explanation.bare(code));
    vec![
        Block::new("", vec![head(explanation)]),
        Block::new(explanation.say("At once", "立即"), duties.collect()),
        Block::new(explanation.say("Do now", "现在办理"), now(explanation)),
        Block::new(
            explanation.say("Promise nothing yet of", "批准前不得承诺"),
            later(explanation),
        ),
        Block::new(
            explanation.say("Who approves", "由谁批准"),
            approvals(explanation),
        ),
        Block::new(explanation.say("Waits for", "等待"), waits(explanation)),
        Block::new(explanation.say("Why", "原因"), why(explanation)),
        Block::new(
            explanation.say("What a limit changed", "被限额调整"),
            changed(explanation),
        ),
        Block::new(
            explanation.say("Tell the customer", "告知客户"),
            tell.collect(),
        ),
        Block::new(
            explanation.say("Where it goes", "流转"),
            routing(explanation),
        ),
    ]
}

fn head(explanation: &Explanation<'_>) -> String {
    let decision = explanation.decision();
    let outcome = match decision.outcome() {
        Outcome::Grant => explanation.say("Granted", "批准"),
        Outcome::Escalate => explanation.say("A person decides", "须由人决定"),
        Outcome::Hold => explanation.say("On hold", "暂缓"),
        Outcome::Refuse => explanation.say("Refused", "拒绝"),
    };
    format!("{outcome}: {}", decision.case())
}

fn now(explanation: &Explanation<'_>) -> Vec<String> {
    let remedies = explanation.decision().remedies().iter();
    let now = remedies.filter(|remedy| remedy.payable == Payable::Now);
    let lines = now.map(|remedy| {
        let (kind, amount) = (explanation.kind(&remedy.kind), shown(&remedy.amount));
        let ground = explanation.lang.term(remedy.basis.name());
        match explanation.lang {
            Lang::En => format!("Give {kind} {amount} ({ground})."),
            Lang::Zh => format!("给付 {kind} {amount}（{ground}）。"),
        }
    });
    lines.collect()
}

fn later(explanation: &Explanation<'_>) -> Vec<String> {
    let remedies = explanation.decision().remedies().iter();
    let later = remedies.filter(|remedy| remedy.payable == Payable::OnApproval);
    later
        .map(|remedy| {
            let kind = explanation.kind(&remedy.kind);
            format!("{kind} {}", shown(&remedy.amount))
        })
        .collect()
}

fn approvals(explanation: &Explanation<'_>) -> Vec<String> {
    let escalations = explanation.decision().escalations().iter();
    let lines = escalations.flat_map(|escalation| {
        let why = explanation.bare(&escalation.reason);
        [approval(explanation, escalation), format!("  {why}")]
    });
    lines.collect()
}

/// Who owns an escalation, who signs and by when.
pub(super) fn approval(explanation: &Explanation<'_>, escalation: &Escalation) -> String {
    let owner = &escalation.owner;
    let signers = escalation.signatures.iter();
    let signers: Vec<String> = signers
        .map(|signature| match signature.count {
            1 => signature.role.to_string(),
            count => format!("{count} × {}", signature.role),
        })
        .collect();
    let mut line = match (signers.as_slice(), explanation.lang) {
        ([], Lang::En) => format!("{owner} takes it over"),
        ([], Lang::Zh) => format!("由 {owner} 接手"),
        (signers, Lang::En) => format!("{owner} has {} sign", signers.join(" and ")),
        (signers, Lang::Zh) => format!("由 {owner} 负责，{} 签字", signers.join("、")),
    };
    if let Some(chain) = &escalation.chain {
        line.push_str(&match explanation.lang {
            Lang::En => format!(" (chain {chain})"),
            Lang::Zh => format!("（审批链 {chain}）"),
        });
    }
    if let Some(due) = &escalation.deadline {
        let at = instant(due);
        line.push_str(&match explanation.lang {
            Lang::En => format!(", by {at}"),
            Lang::Zh => format!("，期限 {at}"),
        });
    }
    if escalation.terms == ApprovalTerms::Binding {
        line.push_str(explanation.say(
            "; it never expires, and the approver cannot lower the sum",
            "；不会过期，批准人不得降低金额",
        ));
    }
    line
}

pub(super) fn waits(explanation: &Explanation<'_>) -> Vec<String> {
    let decision = explanation.decision();
    let mut lines = Vec::new();
    if let Some(hold) = decision.hold() {
        let (missing, owner) = (explanation.missing(&hold.missing), &hold.owner);
        let mut line = match explanation.lang {
            Lang::En => format!("{missing} ({}), from {owner}", hold.missing),
            Lang::Zh => format!("{missing}（{}），由 {owner} 取得", hold.missing),
        };
        if let Some(until) = &hold.until {
            let at = instant(until);
            line.push_str(&match explanation.lang {
                Lang::En => format!(", until {at}"),
                Lang::Zh => format!("，至 {at}"),
            });
        }
        lines.push(line);
        if !hold.frozen.is_empty() {
            let frozen: Vec<&str> = hold.frozen.iter().map(|code| code.as_str()).collect();
            let words = explanation.say("frozen meanwhile", "期间不计");
            lines.push(format!("  {words}: {}", frozen.join(", ")));
        }
    }
    if let Some(review) = decision.review() {
        let by = review.deadline.as_ref().map(instant).unwrap_or_default();
        lines.push(match explanation.lang {
            Lang::En => format!("{} looks at the refusal, by {by}", review.owner),
            Lang::Zh => format!("{} 复核拒绝决定，期限 {by}", review.owner),
        });
    }
    lines
}

fn why(explanation: &Explanation<'_>) -> Vec<String> {
    let decision = explanation.decision();
    let remedies = decision.remedies().iter();
    let of_remedies = remedies.flat_map(|remedy| &remedy.reasons);
    let mut told: Vec<&Reason> = Vec::new();
    for reason in of_remedies.chain(explanation.other_reasons()) {
        if !told.contains(&reason) {
            told.push(reason);
        }
    }
    let told = told.into_iter();
    told.map(|reason| explanation.with_code(reason)).collect()
}

fn changed(explanation: &Explanation<'_>) -> Vec<String> {
    let adjustments = explanation.decision().adjustments().iter();
    let lines = adjustments.map(|adjustment| {
        let (from, to) = (
            explanation.side(&adjustment.from),
            explanation.side(&adjustment.to),
        );
        let rule = explanation.lang.term(adjustment.rule.name());
        format!("{rule}: {from} → {to}")
    });
    lines.collect()
}

/// Who has it, where it goes and by when.
pub(super) fn routing(explanation: &Explanation<'_>) -> Vec<String> {
    let decision = explanation.decision();
    let mut lines = Vec::new();
    let mut field = |english: &str, chinese: &str, value: Option<String>| {
        let label = explanation.say(english, chinese);
        lines.extend(value.map(|value| format!("{label}: {value}")));
    };
    field("owner", "负责", decision.owner().map(ToString::to_string));
    field("queue", "队列", decision.queue().map(ToString::to_string));
    let priority = decision.priority().map(|number| number.to_string());
    field("priority", "优先级", priority);
    field("deadline", "期限", decision.deadline().map(instant));
    lines
}
