//! One decision as a card for people.

use redress::Decided;
use redress_kernel::calendar::Coverage;
use redress_kernel::decision::ApprovalTerms;
use redress_kernel::{Adjustment, Decision, Due, Escalation, GrantedRemedy, Outcome, Payable};
use redress_model::{Code, Reason};

use crate::explain::{evidence, shown, side};
use crate::text::{Tone, pad_right, width, wrap};

/// The columns of the labels.
const LABEL: usize = 13;

/// Gives the sentence of a reason in the reader's language.
pub type Sentence<'a> = &'a dyn Fn(&Reason) -> Option<String>;

/// The card, in lines of at most `columns` where words allow it.
#[must_use]
pub fn card(decided: &Decided, sentence: Sentence<'_>, columns: usize) -> String {
    let decision = &decided.decision;
    let mut card = Card {
        text: String::new(),
        columns: columns.min(100),
        sentence,
    };
    card.head(decision);
    card.remedies(decision.remedies());
    card.adjustments(decision.adjustments());
    card.escalations(decision.escalations());
    card.waiting(decision);
    card.routing(decision);
    card.codes("Duties", decision.duties());
    card.codes("Tell them", decision.obligations());
    card.other_reasons(decision);
    card.execution(decided);
    card.text
}

struct Card<'a> {
    text: String,
    columns: usize,
    sentence: Sentence<'a>,
}

impl Card<'_> {
    /// A labelled block of lines, each wrapped with the same indent.
    fn block(&mut self, label: &str, lines: &[String]) {
        let room = self.columns.saturating_sub(LABEL).max(16);
        let mut label = Tone::Strong.paint(label);
        for line in lines {
            // A line that is indented stays so where it wraps.
            let indent = line.len() - line.trim_start().len();
            for part in wrap(line.trim_start(), room.saturating_sub(indent)) {
                self.text.push_str(&pad_right(&label, LABEL));
                self.text.push_str(&" ".repeat(indent));
                self.text.push_str(&part);
                self.text.push('\n');
                label = String::new();
            }
        }
    }

    fn head(&mut self, decision: &Decision) {
        let (tone, word) = match decision.outcome() {
            Outcome::Grant => (Tone::Good, "GRANT"),
            Outcome::Escalate => (Tone::Wait, "ESCALATE"),
            Outcome::Hold => (Tone::Wait, "HOLD"),
            Outcome::Refuse => (Tone::Bad, "REFUSE"),
        };
        let gap = " ".repeat(LABEL.saturating_sub(width(word)));
        let case = Tone::Strong.paint(decision.case().as_str());
        self.text
            .push_str(&format!("{}{gap}{case}\n", tone.paint(word)));
        let release = decision.release();
        let digest = release.digest.to_string();
        let short = digest.get(..16).unwrap_or(&digest);
        let lines = [
            format!("{} {} (sha256 {short})", release.name, release.version),
            format!("as of {}", decision.as_of()),
        ];
        self.block("", &lines);
        self.text.push('\n');
    }

    fn remedies(&mut self, remedies: &[GrantedRemedy]) {
        if remedies.is_empty() {
            self.block("Remedies", &["none".to_owned()]);
        }
        for (index, remedy) in remedies.iter().enumerate() {
            let ground = match remedy.basis.claim() {
                Some(claim) => format!("{} {claim}", remedy.basis.name()),
                None => remedy.basis.name().to_owned(),
            };
            let payable = match remedy.payable {
                Payable::Now => "now",
                Payable::OnApproval => "on approval",
            };
            let amount = Tone::Strong.paint(&shown(&remedy.amount));
            let mut lines = vec![format!("{} {amount}, {ground}, {payable}", remedy.kind)];
            lines.extend(
                remedy
                    .reasons
                    .iter()
                    .map(|reason| format!("  {}", self.reason(reason))),
            );
            self.block(if index == 0 { "Remedies" } else { "" }, &lines);
        }
    }

    fn adjustments(&mut self, adjustments: &[Adjustment]) {
        for (index, adjustment) in adjustments.iter().enumerate() {
            let (from, to) = (side(&adjustment.from), side(&adjustment.to));
            let mut lines = vec![format!("{} {from} → {to}", adjustment.rule.name())];
            let evidence = evidence(adjustment);
            if !evidence.is_empty() {
                lines.push(format!("  {evidence}"));
            }
            self.block(if index == 0 { "Adjustments" } else { "" }, &lines);
        }
    }

    fn escalations(&mut self, escalations: &[Escalation]) {
        for (index, escalation) in escalations.iter().enumerate() {
            let signatures: Vec<String> = escalation
                .signatures
                .iter()
                .map(|signature| match signature.count {
                    1 => signature.role.to_string(),
                    count => format!("{count} × {}", signature.role),
                })
                .collect();
            let mut line = match signatures.as_slice() {
                [] => format!("to {}", escalation.owner),
                signers => format!(
                    "to {}, signed by {}",
                    escalation.owner,
                    signers.join(" and ")
                ),
            };
            if let Some(chain) = &escalation.chain {
                line.push_str(&format!(" (chain {chain})"));
            }
            if let Some(deadline) = &escalation.deadline {
                line.push_str(&format!(", by {}", instant(deadline)));
            }
            if escalation.terms == ApprovalTerms::Binding {
                line.push_str(", never expires and cannot be lowered");
            }
            let why = format!(
                "  {}",
                self.reason(&Reason::bare(escalation.reason.clone()))
            );
            self.block(if index == 0 { "Escalated" } else { "" }, &[line, why]);
        }
    }

    fn waiting(&mut self, decision: &Decision) {
        if let Some(hold) = decision.hold() {
            let mut line = format!("{}, from {}", hold.missing, hold.owner);
            if let Some(until) = &hold.until {
                line.push_str(&format!(", until {}", due(until)));
            }
            let mut lines = vec![line];
            if !hold.frozen.is_empty() {
                lines.push(format!("  frozen meanwhile: {}", joined(&hold.frozen)));
            }
            self.block("Waits for", &lines);
        }
        if let Some(review) = decision.review() {
            let by = review
                .deadline
                .as_ref()
                .map(|by| format!(", by {}", due(by)));
            let line = format!("by {}{}", review.owner, by.unwrap_or_default());
            self.block("Review", &[line]);
        }
    }

    fn routing(&mut self, decision: &Decision) {
        let authority = decision.authority();
        let line = match &authority.required {
            Some(required) if *required != authority.held => {
                format!("{} asks, {required} must approve", authority.held)
            }
            Some(_) | None => authority.held.to_string(),
        };
        self.block("Authority", &[line]);
        let mut field = |label: &str, value: Option<String>| {
            if let Some(value) = value {
                self.block(label, &[value]);
            }
        };
        field("Owner", decision.owner().map(ToString::to_string));
        field("Queue", decision.queue().map(ToString::to_string));
        field(
            "Priority",
            decision.priority().map(|number| number.to_string()),
        );
        field("Deadline", decision.deadline().map(due));
    }

    fn codes(&mut self, label: &str, codes: &[Code]) {
        let reasons: Vec<Reason> = codes.iter().cloned().map(Reason::bare).collect();
        self.reasons(label, &reasons);
    }

    fn reasons(&mut self, label: &str, reasons: &[Reason]) {
        let lines: Vec<String> = reasons.iter().map(|reason| self.reason(reason)).collect();
        self.block(label, &lines);
    }

    /// Reasons that no remedy and no escalation has shown yet.
    fn other_reasons(&mut self, decision: &Decision) {
        let shown = |reason: &Reason| {
            let mut remedies = decision.remedies().iter();
            let mut escalations = decision.escalations().iter();
            remedies.any(|remedy| remedy.reasons.contains(reason))
                || escalations.any(|escalation| escalation.reason == reason.code)
        };
        let others = decision.reasons().filter(|reason| !shown(reason));
        self.reasons("Reasons", &others.cloned().collect::<Vec<_>>());
    }

    /// The sentence with its code, or the code alone where the release has no words for it.
    fn reason(&self, reason: &Reason) -> String {
        match (self.sentence)(reason) {
            Some(sentence) => format!("{sentence} [{}]", reason.code),
            None => reason.code.to_string(),
        }
    }

    fn execution(&mut self, decided: &Decided) {
        let execution = &decided.execution;
        let mut lines = vec![format!(
            "{}, {} steps",
            execution.sandbox.name(),
            crate::text::grouped(execution.steps)
        )];
        if let Some(fault) = &execution.fault {
            lines.push(format!("  {fault}"));
        }
        self.block("Execution", &lines);
    }
}

fn instant(due: &Due) -> String {
    due.at.to_rfc3339(due.offset_seconds).to_string()
}

fn due(due: &Due) -> String {
    let at = instant(due);
    match due.coverage {
        Coverage::Known => at,
        Coverage::Provisional => format!("{at} (holidays there are not known yet)"),
    }
}

fn joined(codes: &[Code]) -> String {
    let codes: Vec<&str> = codes.iter().map(Code::as_str).collect();
    codes.join(", ")
}
