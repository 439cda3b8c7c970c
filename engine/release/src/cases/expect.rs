//! What a case expects of its decision. Only what is written is compared.

use redress_kernel::{Outcome, Payable};
use redress_model::admit::AdmitErrorKind;
use redress_model::{Amount, Code, FaultCode, Money, Timestamp};

use crate::reader::{Item, Reader, Section};

/// A sum of remedies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedSum {
    /// `"0"`: nothing, in any currency.
    Nothing,
    /// This sum.
    Money(Money),
}

/// One remedy; what is `None` is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExpectedRemedy {
    /// Its kind.
    pub kind: Option<Code>,
    /// How much: `"250.00 EUR"`, or `"500 points"` for units.
    pub amount: Option<Amount>,
    /// `statutory`, `contractual` or `goodwill`.
    pub basis: Option<&'static str>,
    /// The code of the provision or clause.
    pub claim: Option<Code>,
    /// When it may be given: `now` or `on_approval`.
    pub payable: Option<Payable>,
}

/// One adjustment; what is `None` is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExpectedAdjustment {
    /// The rule of the kernel.
    pub rule: Option<Code>,
    /// What it changed, as the decision writes it.
    pub from: Option<String>,
    /// Into what, as the decision writes it.
    pub to: Option<String>,
}

/// What a decision must show; what is `None` is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// What becomes of the case; a case that expects an error may leave it out.
    pub outcome: Option<Outcome>,
    /// The code of the error: of the admission, where the facts are no case, or of the
    /// policy's fault.
    pub error: Option<&'static str>,
    /// All money remedies together, payable now or on approval.
    pub total: Option<ExpectedSum>,
    /// The statutory ones.
    pub statutory: Option<ExpectedSum>,
    /// The contractual ones.
    pub contractual: Option<ExpectedSum>,
    /// The goodwill ones.
    pub goodwill: Option<ExpectedSum>,
    /// All remedies, in order.
    pub remedies: Option<Vec<ExpectedRemedy>>,
    /// All reason codes of the decision, in order.
    pub reasons: Option<Vec<Code>>,
    /// All adjustments, in order.
    pub adjustments: Option<Vec<ExpectedAdjustment>>,
    /// The role that must approve.
    pub authority: Option<Code>,
    /// Who has the case next.
    pub owner: Option<Code>,
    /// The queue.
    pub queue: Option<Code>,
    /// Urgency, 1 to 9.
    pub priority: Option<u8>,
    /// By when.
    pub deadline: Option<Timestamp>,
    /// What a hold waits for.
    pub missing: Option<Code>,
    /// Fees that do not run meanwhile.
    pub frozen: Option<Vec<Code>>,
    /// Safety duties.
    pub duties: Option<Vec<Code>>,
    /// Obligations towards the customer.
    pub obligations: Option<Vec<Code>>,
}

const OUTCOMES: [Outcome; 4] = [
    Outcome::Grant,
    Outcome::Escalate,
    Outcome::Hold,
    Outcome::Refuse,
];
const BASES: [&str; 3] = ["statutory", "contractual", "goodwill"];
const PAYABLE: &[(&str, Payable)] = &[("now", Payable::Now), ("on_approval", Payable::OnApproval)];
/// Errors of the admission, with which nothing is decided.
const ADMISSION: [AdmitErrorKind; 7] = [
    AdmitErrorKind::TooLarge,
    AdmitErrorKind::TooDeep,
    AdmitErrorKind::Syntax,
    AdmitErrorKind::UnknownField,
    AdmitErrorKind::DuplicateField,
    AdmitErrorKind::Missing,
    AdmitErrorKind::Invalid,
];
/// Errors of the policy, with which a person decides.
const FAULTS: [FaultCode; 4] = [
    FaultCode::BudgetExceeded,
    FaultCode::Failed,
    FaultCode::BadAnswer,
    FaultCode::Host,
];
const KEYS: &[&str] = &[
    "outcome",
    "error",
    "total",
    "statutory",
    "contractual",
    "goodwill",
    "remedies",
    "reasons",
    "adjustments",
    "authority",
    "owner",
    "queue",
    "priority",
    "deadline",
    "missing",
    "frozen",
    "duties",
    "obligations",
];

/// Reads `[expect]`. A key that is wrong leaves `None` behind and an error told.
pub(super) fn read(root: &Section<'_>, reader: &mut Reader<'_>) -> Option<Expect> {
    let section = root.need(reader, "expect")?.section(reader)?;
    section.only(reader, KEYS);
    let outcomes = OUTCOMES.map(|outcome| (outcome.name(), outcome));
    let error = section.get("error");
    let outcome = match &error {
        Some(_) => section.get("outcome"),
        None => section.need(reader, "outcome"),
    };
    let outcome = outcome.and_then(|item| item.one_of(reader, &outcomes));
    let error = error.and_then(|item| read_error(&section, &item, reader));
    let mut sum = |key: &str| {
        section
            .get(key)
            .and_then(|item| item.read(reader, read_sum))
    };
    let (total, statutory) = (sum("total"), sum("statutory"));
    let (contractual, goodwill) = (sum("contractual"), sum("goodwill"));
    let mut codes = |key: &str| {
        section
            .get(key)
            .and_then(|item| item.list(reader, Code::new))
    };
    let (reasons, frozen) = (codes("reasons"), codes("frozen"));
    let (duties, obligations) = (codes("duties"), codes("obligations"));
    let mut one = |key: &str| code(&section, key, reader);
    let (authority, owner) = (one("authority"), one("owner"));
    let (queue, missing) = (one("queue"), one("missing"));
    let deadline = section.get("deadline");
    let deadline = deadline.and_then(|item| item.read(reader, str::parse::<Timestamp>));
    let priority = section
        .get("priority")
        .and_then(|item| item.deserialize(reader));
    let remedies = each(&section, "remedies", remedy, reader);
    let adjustments = each(&section, "adjustments", adjustment, reader);
    Some(Expect {
        outcome,
        error,
        total,
        statutory,
        contractual,
        goodwill,
        remedies,
        reasons,
        adjustments,
        authority,
        owner,
        queue,
        priority,
        deadline,
        missing,
        frozen,
        duties,
        obligations,
    })
}

/// An error's code. With one of the admission nothing is decided, so that nothing else can
/// be expected.
fn read_error(
    section: &Section<'_>,
    item: &Item<'_>,
    reader: &mut Reader<'_>,
) -> Option<&'static str> {
    let admission = ADMISSION.map(AdmitErrorKind::code);
    let faults = FAULTS.map(FaultCode::name);
    let codes = admission.iter().chain(&faults).map(|code| (*code, *code));
    let codes: Vec<(&str, &'static str)> = codes.collect();
    let code = item.one_of(reader, &codes)?;
    if admission.contains(&code) {
        for key in KEYS.iter().filter(|key| **key != "error") {
            if let Some(other) = section.get(key) {
                let problem = format!("nothing is decided where the error is {code}");
                other.problem(reader, problem);
            }
        }
    }
    Some(code)
}

fn each<T>(
    section: &Section<'_>,
    key: &str,
    read: impl Fn(&Item<'_>, &mut Reader<'_>) -> Option<T>,
    reader: &mut Reader<'_>,
) -> Option<Vec<T>> {
    let items = section.get(key)?.array(reader)?;
    Some(items.iter().filter_map(|item| read(item, reader)).collect())
}

fn code(section: &Section<'_>, key: &str, reader: &mut Reader<'_>) -> Option<Code> {
    section.get(key)?.read(reader, Code::new)
}

fn read_sum(text: &str) -> Result<ExpectedSum, String> {
    match text {
        "0" => Ok(ExpectedSum::Nothing),
        _ => text
            .parse()
            .map(ExpectedSum::Money)
            .map_err(|error: redress_model::MoneyError| format!("{error}, nor \"0\"")),
    }
}

fn remedy(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<ExpectedRemedy> {
    let section = item.section(reader)?;
    section.only(reader, &["kind", "amount", "basis", "claim", "payable"]);
    let amount = section.get("amount");
    let amount = amount.and_then(|item| item.read(reader, read_amount));
    let basis = section.get("basis");
    let basis = basis.and_then(|item| item.one_of(reader, &BASES.map(|basis| (basis, basis))));
    let payable = section.get("payable");
    let payable = payable.and_then(|item| item.one_of(reader, PAYABLE));
    let mut one = |key: &str| code(&section, key, reader);
    Some(ExpectedRemedy {
        kind: one("kind"),
        basis,
        claim: one("claim"),
        payable,
        amount,
    })
}

/// A sum, or a count with its unit.
fn read_amount(text: &str) -> Result<Amount, String> {
    let units = || -> Option<Amount> {
        let (count, unit) = text.split_once(' ')?;
        let (count, unit) = (count.parse().ok()?, Code::new(unit).ok()?);
        Some(Amount::Units { unit, count })
    };
    match (text.parse::<Money>(), units()) {
        (Ok(money), _) => Ok(Amount::Money(money)),
        (Err(_), Some(units)) => Ok(units),
        (Err(error), None) => Err(format!("{error}, nor units such as \"500 points\"")),
    }
}

fn adjustment(item: &Item<'_>, reader: &mut Reader<'_>) -> Option<ExpectedAdjustment> {
    let section = item.section(reader)?;
    section.only(reader, &["rule", "from", "to"]);
    let rule = code(&section, "rule", reader);
    let mut text = |key: &str| section.get(key)?.text(reader).map(str::to_owned);
    Some(ExpectedAdjustment {
        rule,
        from: text("from"),
        to: text("to"),
    })
}
