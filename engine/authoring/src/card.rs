//! One decision as a card for people.

use redress::Decided;
use redress_kernel::calendar::Coverage;
use redress_kernel::decision::ApprovalTerms;
use redress_kernel::{Adjustment, Decision, Due, Escalation, GrantedRemedy, Outcome, Payable};
use redress_model::Code;

use crate::Lang;
use crate::explain::{Explanation, evidence, instant, shown, side};
use crate::text::{Tone, pad_right, width, wrap};

/// The columns of the labels.
const LABEL: usize = 13;

/// The card, in lines of at most `columns` where words allow it.
#[must_use]
pub fn card(explanation: &Explanation<'_>, columns: usize) -> String {
    let (decision, lang) = (explanation.decision(), explanation.lang);
    let mut card = Card {
        text: String::new(),
        columns: columns.min(100),
        lang,
        explanation,
    };
    card.head(decision);
    card.remedies(decision.remedies());
    card.adjustments(decision.adjustments());
    card.escalations(decision.escalations());
    card.waiting(decision);
    card.routing(decision);
    card.codes(lang.say("Duties", "安全职责"), decision.duties());
    card.codes(lang.say("Tell them", "告知"), decision.obligations());
    card.other_reasons();
    card.execution(explanation.decided);
    card.text
}

struct Card<'a> {
    text: String,
    columns: usize,
    lang: Lang,
    explanation: &'a Explanation<'a>,
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
        let outcome = decision.outcome();
        let tone = match outcome {
            Outcome::Grant => Tone::Good,
            Outcome::Escalate | Outcome::Hold => Tone::Wait,
            Outcome::Refuse => Tone::Bad,
        };
        let word = &self.lang.term(outcome.name()).to_uppercase();
        let gap = " ".repeat(LABEL.saturating_sub(width(word)));
        let case = Tone::Strong.paint(decision.case().as_str());
        self.text
            .push_str(&format!("{}{gap}{case}\n", tone.paint(word)));
        let release = decision.release();
        let digest = release.digest.to_string();
        let short = digest.get(..16).unwrap_or(&digest);
        let lines = [
            format!("{} {} (sha256 {short})", release.name, release.version),
            format!("{} {}", self.lang.say("as of", "截至"), decision.as_of()),
        ];
        self.block("", &lines);
        self.text.push('\n');
    }

    fn remedies(&mut self, remedies: &[GrantedRemedy]) {
        let label = self.lang.say("Remedies", "补偿");
        if remedies.is_empty() {
            self.block(label, &[self.lang.say("none", "无").to_owned()]);
        }
        for (index, remedy) in remedies.iter().enumerate() {
            let ground = self.explanation.ground(&remedy.basis);
            let payable = match remedy.payable {
                Payable::Now => self.lang.term("now"),
                Payable::OnApproval => self.lang.say("on approval", "待批准"),
            };
            let amount = Tone::Strong.paint(&shown(&remedy.amount));
            let mut lines = vec![format!("{} {amount}, {ground}, {payable}", remedy.kind)];
            lines.extend(
                remedy
                    .reasons
                    .iter()
                    .map(|reason| format!("  {}", self.explanation.with_code(reason))),
            );
            self.block(if index == 0 { label } else { "" }, &lines);
        }
    }

    fn adjustments(&mut self, adjustments: &[Adjustment]) {
        for (index, adjustment) in adjustments.iter().enumerate() {
            let (from, to) = (side(&adjustment.from), side(&adjustment.to));
            let rule = self.lang.term(adjustment.rule.name());
            let mut lines = vec![format!("{rule} {from} → {to}")];
            let evidence = evidence(adjustment, self.lang);
            if !evidence.is_empty() {
                lines.push(format!("  {evidence}"));
            }
            let label = self.lang.say("Adjustments", "调整");
            self.block(if index == 0 { label } else { "" }, &lines);
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
            let (owner, lang) = (&escalation.owner, self.lang);
            let mut line = match (signatures.as_slice(), lang) {
                ([], _) => format!("{} {owner}", lang.say("to", "转")),
                (signers, Lang::En) => {
                    format!("to {owner}, signed by {}", signers.join(" and "))
                }
                (signers, Lang::Zh) => format!("转 {owner}，由 {} 签字", signers.join("、")),
            };
            if let Some(chain) = &escalation.chain {
                line.push_str(&match lang {
                    Lang::En => format!(" (chain {chain})"),
                    Lang::Zh => format!("（审批链 {chain}）"),
                });
            }
            if let Some(deadline) = &escalation.deadline {
                let by = lang.say(", by", "，期限");
                line.push_str(&format!("{by} {}", instant(deadline)));
            }
            if escalation.terms == ApprovalTerms::Binding {
                line.push_str(lang.say(
                    ", never expires and cannot be lowered",
                    "，不会过期且不得降低",
                ));
            }
            let why = format!("  {}", self.explanation.bare(&escalation.reason));
            let label = lang.say("Escalated", "升级");
            self.block(if index == 0 { label } else { "" }, &[line, why]);
        }
    }

    fn waiting(&mut self, decision: &Decision) {
        if let Some(hold) = decision.hold() {
            let (from, to) = match self.lang {
                Lang::En => (", from", ", until"),
                Lang::Zh => ("，来自", "，至"),
            };
            // A sentence under the name of a fact or a paper says what it is in words.
            let missing = match self.explanation.named(&hold.missing) {
                None => hold.missing.to_string(),
                Some(words) => match self.lang {
                    Lang::En => format!("{words} ({})", hold.missing),
                    Lang::Zh => format!("{words}（{}）", hold.missing),
                },
            };
            let mut line = format!("{missing}{from} {}", hold.owner);
            if let Some(until) = &hold.until {
                line.push_str(&format!("{to} {}", due(until, self.lang)));
            }
            let mut lines = vec![line];
            if !hold.frozen.is_empty() {
                let frozen = self.lang.say("frozen meanwhile", "期间冻结");
                lines.push(format!("  {frozen}: {}", joined(&hold.frozen)));
            }
            self.block(self.lang.say("Waits for", "等待"), &lines);
        }
        if let Some(review) = decision.review() {
            let by = review
                .deadline
                .as_ref()
                .map(|by| format!("{} {}", self.lang.say(", by", "，期限"), due(by, self.lang)));
            let who = self.lang.say("by", "由");
            let line = format!("{who} {}{}", review.owner, by.unwrap_or_default());
            self.block(self.lang.say("Review", "复核"), &[line]);
        }
    }

    fn routing(&mut self, decision: &Decision) {
        let authority = decision.authority();
        let line = match &authority.required {
            Some(required) if *required != authority.held => match self.lang {
                Lang::En => format!("{} asks, {required} must approve", authority.held),
                Lang::Zh => format!("{} 提出，须 {required} 批准", authority.held),
            },
            Some(_) | None => authority.held.to_string(),
        };
        let lang = self.lang;
        self.block(lang.say("Authority", "权限"), &[line]);
        let mut field = |english: &str, chinese: &str, value: Option<String>| {
            if let Some(value) = value {
                self.block(lang.say(english, chinese), &[value]);
            }
        };
        field("Owner", "负责", decision.owner().map(ToString::to_string));
        field("Queue", "队列", decision.queue().map(ToString::to_string));
        let priority = decision.priority().map(|number| number.to_string());
        field("Priority", "优先级", priority);
        let deadline = decision.deadline().map(|by| due(by, lang));
        field("Deadline", "期限", deadline);
    }

    fn codes(&mut self, label: &str, codes: &[Code]) {
        let said = codes.iter().map(|code| self.explanation.bare(code));
        let lines: Vec<String> = said.collect();
        self.block(label, &lines);
    }

    fn other_reasons(&mut self) {
        let others = self.explanation.other_reasons();
        let said = others.map(|reason| self.explanation.with_code(reason));
        let lines: Vec<String> = said.collect();
        self.block(self.lang.say("Reasons", "原因"), &lines);
    }

    fn execution(&mut self, decided: &Decided) {
        let execution = &decided.execution;
        let (sandbox, steps) = (execution.sandbox.name(), execution.steps);
        let steps = crate::text::grouped(steps);
        let mut lines = vec![match self.lang {
            Lang::En => format!("{sandbox}, {steps} steps"),
            Lang::Zh => format!("{sandbox}，{steps} 步"),
        }];
        if let Some(fault) = &execution.fault {
            lines.push(format!("  {fault}"));
        }
        self.block(self.lang.say("Execution", "运行"), &lines);
    }
}

fn due(due: &Due, lang: Lang) -> String {
    let at = instant(due);
    match (due.coverage, lang) {
        (Coverage::Known, _) => at,
        (Coverage::Provisional, Lang::En) => format!("{at} (holidays there are not known yet)"),
        (Coverage::Provisional, Lang::Zh) => format!("{at}（该段节假日尚未公布）"),
    }
}

fn joined(codes: &[Code]) -> String {
    let codes: Vec<&str> = codes.iter().map(Code::as_str).collect();
    codes.join(", ")
}
