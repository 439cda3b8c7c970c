//! What the auditor is told: every step with its evidence and its source.

use redress_kernel::{Adjustment, Payable};
use redress_model::{Reason, ReasonArg};

use super::agent::{approval, routing, waits};
use super::{Block, Explanation, shown};
use crate::{Lang, trace};

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
        Block::new(explanation.say("Facts", "事实"), facts(explanation)),
        Block::new(
            explanation.say("How the policy got there", "规则如何得出"),
            steps(explanation),
        ),
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
        format!(
            "{}: {}",
            decision.case(),
            explanation.lang.term(decision.outcome().name())
        ),
        format!(
            "{} {}, sha256 {}",
            release.name, release.version, release.digest
        ),
        format!("{} {}", explanation.say("as of", "截至"), decision.as_of()),
    ]
}

/// What is known of the case.
fn facts(explanation: &Explanation<'_>) -> Vec<String> {
    let Some((facts, _)) = explanation.case else {
        return Vec::new();
    };
    let schema = explanation.release.schema();
    let known = schema.slots().filter_map(|(slot, fact)| {
        let value = schema.show(slot, facts.get(slot)?);
        Some(format!("{} = {value} ({})", fact.name, fact.class.name()))
    });
    known.collect()
}

/// What the script read and looked up on its way, below its lines.
fn steps(explanation: &Explanation<'_>) -> Vec<String> {
    let Some((facts, warnings)) = explanation.case else {
        return Vec::new();
    };
    let release = explanation.release;
    if release.source().policy().rhai().is_none() {
        let line = explanation.say(
            "the policy has no script, and a module cannot be followed",
            "该规则没有脚本，模块无法逐步跟踪",
        );
        return vec![line.to_owned()];
    }
    let Ok(session) = release.session() else {
        return Vec::new();
    };
    let (_, traced) = session.trace(facts, warnings);
    let steps = trace::steps(release, &traced).into_iter();
    let lines = steps.flat_map(|step| {
        let line = step.line.map(|(number, text)| format!("{number}  {text}"));
        line.into_iter().chain([format!("  {}", step.what)])
    });
    lines.collect()
}

fn remedies(explanation: &Explanation<'_>) -> Vec<String> {
    let decision = explanation.decision();
    let mut lines = Vec::new();
    for remedy in decision.remedies() {
        let payable = explanation.lang.term(match remedy.payable {
            Payable::Now => "now",
            Payable::OnApproval => "on_approval",
        });
        let (kind, amount) = (explanation.kind(&remedy.kind), shown(&remedy.amount));
        let (ground, head) = (explanation.ground(&remedy.basis), &remedy.head);
        lines.push(match explanation.lang {
            Lang::En => format!("{kind} {amount}: {ground}, head {head}, {payable}"),
            Lang::Zh => format!("{kind} {amount}：{ground}，项目 {head}，{payable}"),
        });
        let source = remedy.basis.claim();
        let source = source.and_then(|claim| explanation.source_of(claim));
        lines.extend(source.map(|source| format!("  {source}")));
        let reasons = remedy.reasons.iter();
        lines.extend(reasons.map(|reason| format!("  {}", with_arguments(explanation, reason))));
    }
    if let Some(tier) = decision.tier() {
        lines.push(format!("{} {tier}", explanation.say("tier", "等级")));
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
        let (from, to) = (
            explanation.side(&adjustment.from),
            explanation.side(&adjustment.to),
        );
        let rule = explanation.lang.term(adjustment.rule.name());
        let mut lines = vec![format!("{number}. {rule} {from} → {to}")];
        let evidence = evidence(adjustment, explanation.lang);
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
pub(crate) fn evidence(adjustment: &Adjustment, lang: Lang) -> String {
    let (limit_of, of, tariff_of) = match lang {
        Lang::En => ("limit", "of", "tariff"),
        Lang::Zh => ("限额", "基于", "标准"),
    };
    let evidence = &adjustment.evidence;
    let mut parts = Vec::new();
    parts.extend(evidence.name.as_ref().map(ToString::to_string));
    parts.extend(evidence.limit.map(|limit| format!("{limit_of} {limit}")));
    let base = evidence.base.as_ref();
    parts.extend(base.map(|(fact, value)| format!("{of} {fact} {value}")));
    parts.extend(
        evidence
            .tariff
            .map(|tariff| format!("{tariff_of} {tariff}")),
    );
    parts.join(", ")
}

fn authority(explanation: &Explanation<'_>) -> Vec<String> {
    let authority = explanation.decision().authority();
    let (held, needed) = (
        explanation.say("held", "持有"),
        explanation.say("required", "需要"),
    );
    let mut lines = vec![format!("{held}: {}", authority.held)];
    let required = authority.required.as_ref();
    lines.extend(required.map(|required| format!("{needed}: {required}")));
    lines
}

fn execution(explanation: &Explanation<'_>) -> Vec<String> {
    let execution = &explanation.decided.execution;
    let (sandbox, steps) = (execution.sandbox.name(), execution.steps);
    let mut lines = vec![match explanation.lang {
        Lang::En => format!("{sandbox}, {steps} steps"),
        Lang::Zh => format!("{sandbox}，{steps} 步"),
    }];
    lines.extend(execution.fault.as_ref().map(ToString::to_string));
    lines
}
