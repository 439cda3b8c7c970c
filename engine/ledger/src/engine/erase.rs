//! `erase`: takes away what the log keeps about a customer. Its records stay, and so does
//! every proof; what was sealed in them cannot be opened any more.

use std::collections::BTreeSet;

use redress_log::Subject;
use redress_model::CaseId;
use serde_json::json;

use super::txn::Txn;
use super::{Done, Stop};
use crate::answer::Refused;
use crate::cell::{Cell, Field as _};
use crate::command::Erase;
use crate::rows::{DecisionRow, EscalationRow, EscalationState, OpeningRow};
use crate::store::Scan;
use crate::table::Record as _;

pub(super) fn erase(txn: &mut Txn<'_>, it: &Erase) -> Result<Done, Stop> {
    let of = vec![it.claimant.to_cell()];
    let scan = Scan::new(DecisionRow::TABLE, &["claimant", "at"], of);
    let decisions: Vec<DecisionRow> = txn.rows(&scan)?;
    if decisions.is_empty() {
        return Err(Refused::NoSuchCustomer.into());
    }
    for decision in &decisions {
        let of = vec![decision.id.to_cell()];
        let scan = Scan::new(EscalationRow::TABLE, &["decision"], of);
        let escalations: Vec<EscalationRow> = txn.rows(&scan)?;
        let mut open = escalations
            .iter()
            .filter(|row| row.state == EscalationState::Open);
        // Whoever decides it needs the case; a lawful sum would else wait for ever.
        if let Some(row) = open.next() {
            return Err(Refused::StillOpen { escalation: row.id }.into());
        }
    }
    // The records of other cases may name hers where they were compared.
    let cases: BTreeSet<&CaseId> = decisions.iter().map(|row| &row.case_id).collect();
    let mut subjects = vec![Subject::claimant(&it.claimant)];
    subjects.extend(cases.into_iter().map(Subject::case));
    let mut records = BTreeSet::new();
    for subject in subjects {
        let of = vec![Cell::Text(subject.as_str().into())];
        let scan = Scan::new(OpeningRow::TABLE, &["subject"], of);
        let rows: Vec<OpeningRow> = txn.rows(&scan)?;
        for row in rows {
            txn.remove::<OpeningRow>(vec![row.seq.to_cell(), row.subject.to_cell()]);
            records.insert(row.seq);
        }
    }
    // The record does not say whose they were.
    let details = json!({ "by": it.by, "records": records });
    Ok(Done::new("erased", None, &details))
}
