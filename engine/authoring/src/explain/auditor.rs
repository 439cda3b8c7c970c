//! What the auditor is told: every step with its evidence and its source.

use redress_kernel::{Adjustment, Payable};
use redress_model::{Reason, ReasonArg};

use super::agent::{approval, waits};
use super::{Block, Explanation, instant, shown, side};

pub(super) fn blocks(explanation: &Explanation<'_>) -> Vec<Block> {
    let decision = explanation.decision();
    let reasons = decision.reasons();
    let reasons = reasons.map(|reason| with_arguments(explanation, reason));
    let escalations = decision.escalations().iter();
    let escalations = escalations.flat_map(|escalation| {
        let why = explanation.bare(&escalation.reason);
        [approval(explanation, escalation), format!("  {why}")]
    });
    let duties = decision.duties().iter().map(|code| explanation.bare(code));
    let obligations = decision.obligations().iter();
    let obligations = obligations.map(|code| explanation.bare(code));
    vec![
        Block::new("", head(explanation)),
        Block::new(explanation.say("Remedies", "补偿"), remedies(explanation)),
        Block::new(
            explanation.say(
                "What the guardrails changed, in order",
                "护栏所作调整（按顺序）",
            ),
            adjustments(explanation),
        ),
        Block::new(explanation.say("Reasons", "原因"), reasons.collect()),
        Block::new(explanation.say("Authority", "权限"), authority(explanation)),
        Block::new(explanation.say("Escalated", "升级"), escalations.collect()),
        Block::new(explanation.say("Waits for", "等待"), waits(explanation)),
        Block::new(explanation.say("Duties", "安全职责"), duties.collect()),
        Block::new(
            explanation.say("Obligations", "告知义务"),
            obligations.collect(),
        ),
        Block::new(explanation.say("Routing", "流转"), routing(explanation)),
        Block::new(explanation.say("Execution", "运行"), execution(explanation)),
    ]
}

fn head(explanation: &Explanation<'_>) -> Vec<String> {
    let decision = explanation.decision();
    let release = decision.release();
    vec![
        format!("{}: {}", decision.case(), decision.outcome().name()),
        format!(
            "{} {}, sha256 {}",
            release.name, release.version, release.digest
        ),
        format!("as of {}", decision.as_of()),
    ]
}

fn remedies(explanation: &Explanation<'_>) -> Vec<String> {
    let decision = explanation.decision();
    let mut lines = Vec::new();
    for remedy in decision.remedies() {
        let ground = match remedy.basis.claim() {
            Some(claim) => format!("{} {claim}", remedy.basis.name()),
            None => remedy.basis.name().to_owned(),
        };
        let payable = match remedy.payable {
            Payable::Now => "now",
            Payable::OnApproval => "on_approval",
        };
        let (kind, amount, head) = (&remedy.kind, shown(&remedy.amount), &remedy.head);
        lines.push(format!("{kind} {amount}: {ground}, head {head}, {payable}"));
        let source = remedy.basis.claim();
        let source = source.and_then(|claim| explanation.source_of(claim));
        lines.extend(source.map(|source| format!("  {source}")));
        let reasons = remedy.reasons.iter();
        lines.extend(reasons.map(|reason| format!("  {}", with_arguments(explanation, reason))));
    }
    if let Some(tier) = decision.tier() {
        lines.push(format!("tier {tier}"));
    }
    lines
}

/// The sentence, the code and the arguments as the policy gave them.
fn with_arguments(explanation: &Explanation<'_>, reason: &Reason) -> String {
    let args: Vec<String> = reason
        .args
        .iter()
        .map(|arg| match arg {
            ReasonArg::Int(value) => value.to_string(),
            ReasonArg::Money(value) => value.to_string(),
            ReasonArg::Date(value) => value.to_string(),
            ReasonArg::Text(value) => format!("{value:?}"),
        })
        .collect();
    let said = explanation.with_code(reason);
    match args.as_slice() {
        [] => said,
        args => format!("{said} ({})", args.join(", ")),
    }
}

fn adjustments(explanation: &Explanation<'_>) -> Vec<String> {
    let adjustments = explanation.decision().adjustments().iter().zip(1_u32..);
    let lines = adjustments.flat_map(|(adjustment, number)| {
        let (from, to) = (side(&adjustment.from), side(&adjustment.to));
        let mut lines = vec![format!(
            "{number}. {} {from} → {to}",
            adjustment.rule.name()
        )];
        let evidence = evidence(adjustment);
        if !evidence.is_empty() {
            lines.push(format!("  {evidence}"));
        }
        let claim = adjustment.evidence.name.as_ref();
        let source = claim.and_then(|claim| explanation.source_of(claim));
        lines.extend(source.map(|source| format!("  {source}")));
        lines
    });
    lines.collect()
}

/// The entry of the guardrails, its limit, and the fact that the limit is a share of.
pub(crate) fn evidence(adjustment: &Adjustment) -> String {
    let evidence = &adjustment.evidence;
    let mut parts = Vec::new();
    parts.extend(evidence.name.as_ref().map(ToString::to_string));
    parts.extend(evidence.limit.map(|limit| format!("limit {limit}")));
    let base = evidence.base.as_ref();
    parts.extend(base.map(|(fact, value)| format!("of {fact} {value}")));
    parts.extend(evidence.tariff.map(|tariff| format!("tariff {tariff}")));
    parts.join(", ")
}

fn authority(explanation: &Explanation<'_>) -> Vec<String> {
    let authority = explanation.decision().authority();
    let mut lines = vec![format!("held: {}", authority.held)];
    let required = authority.required.as_ref();
    lines.extend(required.map(|required| format!("required: {required}")));
    lines
}

fn routing(explanation: &Explanation<'_>) -> Vec<String> {
    let decision = explanation.decision();
    let mut lines = Vec::new();
    let mut field = |label: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{label}: {value}")));
    };
    field("owner", decision.owner().map(ToString::to_string));
    field("queue", decision.queue().map(ToString::to_string));
    field(
        "priority",
        decision.priority().map(|number| number.to_string()),
    );
    field("deadline", decision.deadline().map(instant));
    lines
}

fn execution(explanation: &Explanation<'_>) -> Vec<String> {
    let execution = &explanation.decided.execution;
    let mut lines = vec![format!(
        "{}, {} steps",
        execution.sandbox.name(),
        execution.steps
    )];
    lines.extend(execution.fault.as_ref().map(ToString::to_string));
    lines
}
