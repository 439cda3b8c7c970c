//! What like and linked cases got: the norms that decisions form, and what undoes them.

use redress_kernel::findings::Exposure;
use redress_kernel::guardrails::Fairness;
use redress_kernel::skyline::{Found, Norm};
use redress_model::likeness::{Bearing, Coverage, Promised, Sibling, SiblingClass};
use redress_model::{
    ActorId, CaseId, Code, Digest, EventId, Likeness, Money, Precedent, Timestamp,
};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Stop;
use super::judge::Judged;
use super::txn::Txn;
use crate::cell::Field as _;
use crate::command::{Gives, Matter, Override};
use crate::fronts::{Look, Norms};
use crate::rows::{
    DecisionRow, Ground, LinkRow, NormRow, NormState, TimerKind, TimerRow, TimerState,
};
use crate::store::Scan;
use crate::table::Record as _;

/// The most rows that are looked at for linked, open and promised cases each.
const ROWS_MAX: u32 = 1_000;

/// The most siblings that a standing tells of, the latest ones.
const SIBLINGS_MAX: usize = 64;

/// A class whose norms bear on a case: that of its own version, or of one before it.
struct Class {
    version: SmolStr,
    digest: Digest,
}

fn classes(matter: &Matter, fairness: &Fairness) -> Vec<Class> {
    let release = &matter.guardrails.release;
    let before = fairness.lineage.iter().map(|old| &old.version);
    let class = |version: &SmolStr| Class {
        version: version.clone(),
        digest: fairness.class_of(&release.name, version, &matter.case.facts),
    };
    std::iter::once(&release.version)
        .chain(before)
        .map(class)
        .collect()
}

/// What was decided then or before is no norm any more.
fn window_end(txn: &Txn<'_>, days: u32) -> Timestamp {
    let seconds = i64::from(days).saturating_mul(redress_kernel::limits::BUCKET_SECONDS);
    let end = txn.now().plus_seconds(seconds.saturating_neg());
    end.unwrap_or(Timestamp::EPOCH)
}

/// What bears on a case, where its release declares fairness.
pub(super) fn likeness(
    txn: &mut Txn<'_>,
    matter: &Matter,
    actor: &ActorId,
) -> Result<Option<Box<Likeness>>, Stop> {
    let Some(fairness) = &matter.guardrails.fairness else {
        return Ok(None);
    };
    let end = window_end(txn, fairness.window_days);
    let classes = classes(matter, fairness);
    let mut likeness = Likeness::default();
    let asked = Asked {
        end,
        point: fairness.point(&matter.case.facts),
        own: of_case(txn, &matter.case.envelope.id)?,
    };
    for class in &classes {
        precedents(txn, matter, fairness, class, &asked, &mut likeness)?;
    }
    let near = linked(txn, matter, fairness)?;
    let own_case = &matter.case.envelope.id;
    let mut open: BTreeSet<CaseId> = BTreeSet::new();
    let is_open = |row: &NormRow| row.state == NormState::Open && row.case_id != *own_case;
    for class in &classes {
        let rows = in_state(txn, class.digest, NormState::Open, end, Some(ROWS_MAX))?;
        open.extend(rows.into_iter().filter(is_open).map(|row| row.case_id));
    }
    open.extend(
        near.iter()
            .filter(|row| is_open(row))
            .map(|row| row.case_id.clone()),
    );
    likeness.open = u32::try_from(open.len()).unwrap_or(u32::MAX);
    likeness.promises = promises(txn, matter, &near)?;
    likeness.siblings = siblings(matter, fairness, &classes, near);
    likeness.departures = departures_in(txn, fairness, &classes, actor)?;
    Ok(Some(Box::new(likeness)))
}

/// The rows of a case.
fn of_case(txn: &mut Txn<'_>, case: &CaseId) -> Result<Vec<NormRow>, Stop> {
    let scan = Scan::new(NormRow::TABLE, &["case_id"], vec![case.to_cell()]);
    Ok(txn.rows(&scan)?)
}

/// The rows of a class in one state that were decided after `end`.
pub(super) fn in_state(
    txn: &mut Txn<'_>,
    class: Digest,
    state: NormState,
    end: Timestamp,
    limit: Option<u32>,
) -> Result<Vec<NormRow>, Stop> {
    let by = &["class", "state", "at"];
    let equal = vec![class.to_cell(), state.to_cell()];
    let mut scan = Scan::new(NormRow::TABLE, by, equal).above(end.to_cell());
    if let Some(rows) = limit {
        scan = scan.limit(rows);
    }
    Ok(txn.rows(&scan)?)
}

/// What every class is asked for a case.
struct Asked {
    /// What was decided then or before is no norm any more.
    end: Timestamp,
    /// The merit facts of the case.
    point: Vec<i64>,
    /// The rows of the case itself.
    own: Vec<NormRow>,
}

/// Looks up the precedents of one class that bind the case.
fn precedents(
    txn: &mut Txn<'_>,
    matter: &Matter,
    fairness: &Fairness,
    class: &Class,
    Asked { end, point, own }: &Asked,
    likeness: &mut Likeness,
) -> Result<(), Stop> {
    let end = *end;
    let look = Look {
        class: class.digest,
        facts: point.len(),
        points_max: usize::try_from(fairness.points_max).unwrap_or(usize::MAX),
        window_days: fairness.window_days,
        currency: fairness.currency(),
    };
    let is_own = |row: &NormRow| row.state == NormState::Norm && row.class == class.digest;
    let norms = if own.iter().any(is_own) {
        // A case that is decided again does not bind itself.
        let mut rows = in_state(txn, class.digest, NormState::Norm, end, None)?;
        rows.retain(|row| row.case_id != matter.case.envelope.id);
        Arc::new(Norms::new(&look, end, &rows))
    } else {
        txn.norms(&look, end)?
    };
    let not_compared = norms.not_compared(end);
    likeness.not_compared = likeness.not_compared.saturating_add(not_compared);
    let skyline = &norms.skyline;
    let points = u64::try_from(skyline.len(end)).unwrap_or(u64::MAX);
    likeness.precedents = likeness.precedents.saturating_add(points);
    if skyline.is_partial(end) {
        likeness.coverage = Coverage::Partial;
    }
    let own = &matter.guardrails.release.version;
    let mut named = |found: Option<Found>| -> Result<Option<Precedent>, Stop> {
        let Some(found) = found else {
            return Ok(None);
        };
        let row: Option<NormRow> = txn.get(&[found.decision.to_cell()])?;
        Ok(row.and_then(|row| row.precedent(fairness, own, &class.version)))
    };
    let (most, least) = (
        named(skyline.most(point, end))?,
        named(skyline.least(point, end))?,
    );
    let rank = |p: &Precedent| (p.norm.minor(), p.decided_at, p.decision);
    likeness.most = [likeness.most.take(), most]
        .into_iter()
        .flatten()
        .max_by_key(rank);
    let rank = |p: &Precedent| (p.norm.minor().saturating_neg(), p.decided_at, p.decision);
    likeness.least = [likeness.least.take(), least]
        .into_iter()
        .flatten()
        .max_by_key(rank);
    Ok(())
}

impl NormRow {
    /// The norm as the skyline keeps it.
    #[must_use]
    pub fn norm(&self) -> Norm {
        Norm {
            decision: self.decision,
            at: self.at,
            point: self.coordinates(),
            minor: self.tariff_minor,
        }
    }

    /// The merit facts, higher worse.
    #[must_use]
    pub fn coordinates(&self) -> Vec<i64> {
        serde_json::from_str(&self.point).unwrap_or_default()
    }

    fn precedent(&self, fairness: &Fairness, own: &str, version: &SmolStr) -> Option<Precedent> {
        let norm = Money::new(self.tariff_minor, self.currency);
        Some(Precedent {
            decision: self.decision,
            decided_at: self.at,
            case: self.case_id.clone(),
            version: version.clone(),
            point: self.coordinates(),
            norm: fairness.comparable(own, version, norm)?,
        })
    }
}

/// The rows of other cases on the same event, and of those that are linked strongly enough.
fn linked(txn: &mut Txn<'_>, matter: &Matter, fairness: &Fairness) -> Result<Vec<NormRow>, Stop> {
    let envelope = &matter.case.envelope;
    let mut rows: BTreeMap<u64, NormRow> = BTreeMap::new();
    for row in of_event(txn, &envelope.event)? {
        rows.insert(row.decision, row);
    }
    let mut kinds: BTreeMap<u64, Vec<&Code>> = BTreeMap::new();
    for link in &envelope.links {
        for row in of_event(txn, &link.id)? {
            kinds.entry(row.decision).or_default().push(&link.kind);
        }
        let scan = Scan::new(
            LinkRow::TABLE,
            &["link", "decision"],
            vec![link_key(&link.kind, &link.id).to_cell()],
        );
        let others: Vec<LinkRow> = txn.rows(&scan.limit(ROWS_MAX))?;
        for other in others {
            kinds.entry(other.decision).or_default().push(&link.kind);
        }
    }
    for (decision, kinds) in kinds {
        if fairness.linked.strength(kinds.into_iter()) >= fairness.linked.threshold
            && !rows.contains_key(&decision)
            && let Some(row) = txn.get::<NormRow>(&[decision.to_cell()])?
        {
            rows.insert(decision, row);
        }
    }
    let mut rows: Vec<NormRow> = rows.into_values().collect();
    rows.retain(|row| row.case_id != envelope.id);
    rows.sort_by_key(|row| (row.at, row.decision));
    Ok(rows)
}

fn of_event(txn: &mut Txn<'_>, event: &EventId) -> Result<Vec<NormRow>, Stop> {
    let scan = Scan::new(NormRow::TABLE, &["event"], vec![event.to_cell()]);
    Ok(txn.rows(&scan.limit(ROWS_MAX))?)
}

fn link_key(kind: &Code, id: &EventId) -> SmolStr {
    smol_str::format_smolstr!("{kind}:{}", id.as_str())
}

/// Linked decisions and what each counts for.
fn siblings(
    matter: &Matter,
    fairness: &Fairness,
    classes: &[Class],
    near: Vec<NormRow>,
) -> Vec<Sibling> {
    let own = &matter.guardrails.release.version;
    let sibling = |row: NormRow| {
        let bearing = match row.state {
            NormState::Norm => Bearing::Norm,
            NormState::Error => Bearing::Error,
            NormState::Departure => Bearing::Departure,
            NormState::Overturned => Bearing::Overturned,
            NormState::Experiment => Bearing::Experiment,
            NormState::Open | NormState::Past => return None,
        };
        let class = classes.iter().find(|class| class.digest == row.class);
        let same = class.and_then(|class| row.precedent(fairness, own, &class.version));
        let is_same = if same.is_some() {
            SiblingClass::Same
        } else {
            SiblingClass::Other
        };
        let precedent = same.unwrap_or_else(|| Precedent {
            decision: row.decision,
            decided_at: row.at,
            case: row.case_id.clone(),
            version: row.version.clone(),
            point: row.coordinates(),
            norm: Money::new(row.tariff_minor, row.currency),
        });
        Some(Sibling {
            precedent,
            units: row.units,
            bearing,
            class: is_same,
        })
    };
    let mut siblings: Vec<Sibling> = near.into_iter().filter_map(sibling).collect();
    let over = siblings.len().saturating_sub(SIBLINGS_MAX);
    siblings.drain(..over);
    siblings
}

/// Promises of goodwill for the event and for linked ones, in order of their record.
fn promises(txn: &mut Txn<'_>, matter: &Matter, near: &[NormRow]) -> Result<Vec<Promised>, Stop> {
    let own = &matter.case.envelope.event;
    let events: BTreeSet<&EventId> = near.iter().map(|row| &row.event).chain([own]).collect();
    let mut promises = Vec::new();
    for event in events {
        let scan = Scan::new(TimerRow::TABLE, &["event"], vec![event.to_cell()]);
        let timers: Vec<TimerRow> = txn.rows(&scan.limit(ROWS_MAX))?;
        let binds = |row: &TimerRow| {
            row.kind == TimerKind::Breach
                && row.ground == Ground::Goodwill
                && row.state != TimerState::Kept
                // What is promised for another event binds nobody here but is said.
                && (row.event == *own || row.claimant != matter.case.envelope.claimant.id)
        };
        promises.extend(timers.into_iter().filter(binds).map(|row| Promised {
            seq: row.seq,
            amount: Money::new(row.worth_minor, row.currency),
            promisee: row.claimant,
        }));
    }
    promises.sort_by_key(|promise| promise.seq);
    Ok(promises)
}

/// How many departures of the class somebody has used within the budget's window; one that was
/// marked as an error or overturned is used all the same, or a colleague's mark would give it
/// back.
pub(super) fn departures(txn: &mut Txn<'_>, matter: &Matter, actor: &ActorId) -> Result<u32, Stop> {
    match &matter.guardrails.fairness {
        Some(fairness) => departures_in(txn, fairness, &classes(matter, fairness), actor),
        None => Ok(0),
    }
}

fn departures_in(
    txn: &mut Txn<'_>,
    fairness: &Fairness,
    classes: &[Class],
    actor: &ActorId,
) -> Result<u32, Stop> {
    let Some(budget) = &fairness.departures else {
        return Ok(0);
    };
    let end = window_end(txn, budget.window_days);
    let mut used = 0_u32;
    for class in classes {
        for state in [
            NormState::Departure,
            NormState::Error,
            NormState::Overturned,
        ] {
            for row in in_state(txn, class.digest, state, end, None)? {
                if row.proposer == *actor && is_departure(txn, &row)? {
                    used = used.saturating_add(1);
                }
            }
        }
    }
    Ok(used)
}

fn is_departure(txn: &mut Txn<'_>, row: &NormRow) -> Result<bool, Stop> {
    if row.state == NormState::Departure {
        return Ok(true);
    }
    let decision: Option<DecisionRow> = txn.get(&[row.decision.to_cell()])?;
    Ok(decision.is_some_and(|decision| decision.departure.is_some()))
}

/// What it would cost if everybody who could quote a departure got as much.
pub(super) fn exposure(
    txn: &mut Txn<'_>,
    matter: &Matter,
    gives: &Gives,
    actor: &ActorId,
) -> Result<Option<Exposure>, Stop> {
    let Some(likeness) = likeness(txn, matter, actor)? else {
        return Ok(None);
    };
    let cases = likeness.open.saturating_add(1);
    let total = gives.worth.times(i64::from(cases));
    Ok(total.ok().map(|total| Exposure {
        cases,
        each: gives.worth,
        total,
    }))
}

/// Keeps what a decision is on its facts. What the case was before is past.
pub(super) fn record(
    txn: &mut Txn<'_>,
    matter: &Matter,
    judged: &Judged,
    row: &DecisionRow,
) -> Result<(), Stop> {
    let Some(fairness) = &matter.guardrails.fairness else {
        return Ok(());
    };
    for old in of_case(txn, &row.case_id)? {
        if matches!(old.state, NormState::Open | NormState::Norm) {
            txn.put(&NormRow {
                state: NormState::Past,
                ..old
            });
        }
    }
    let facts = &matter.case.facts;
    let release = &matter.guardrails.release;
    let findings = judged.decision.findings();
    let minor = |sum: Option<Money>| sum.map_or(0, Money::minor);
    txn.put(&NormRow {
        decision: row.id,
        at: row.at,
        class: fairness.class_of(&release.name, &release.version, facts),
        label: fairness.label(facts),
        policy: release.name.clone(),
        version: release.version.clone(),
        case_id: row.case_id.clone(),
        event: row.event.clone(),
        claimant: row.claimant.clone(),
        proposer: row.proposer.clone(),
        point: serde_json::to_string(&fairness.point(facts))
            .unwrap_or_default()
            .into(),
        units: fairness.units(facts),
        tariff_minor: minor(findings.map(|found| found.tariff)),
        sum_minor: minor(findings.map(|found| found.sum)),
        currency: fairness.currency(),
        state: state(matter, judged),
    });
    keep_links(txn, matter, row.id);
    Ok(())
}

fn keep_links(txn: &mut Txn<'_>, matter: &Matter, decision: u64) {
    for link in &matter.case.envelope.links {
        txn.put(&LinkRow {
            link: link_key(&link.kind, &link.id),
            decision,
        });
    }
}

/// Whether a decision forms a norm.
fn state(matter: &Matter, judged: &Judged) -> NormState {
    use redress_kernel::Outcome;
    let findings = judged.decision.findings();
    let in_arm = findings.is_some_and(|found| found.arm.is_some()) || matter.arm.is_some();
    match judged.decision.outcome() {
        Outcome::Escalate | Outcome::Hold => NormState::Open,
        Outcome::Grant | Outcome::Refuse if in_arm => NormState::Experiment,
        Outcome::Grant | Outcome::Refuse if findings.is_some() => NormState::Norm,
        Outcome::Grant | Outcome::Refuse => NormState::Past,
    }
}

/// A decision that people have approved forms a norm, as far as its release gave it.
pub(super) fn approved(
    txn: &mut Txn<'_>,
    matter: &Matter,
    decision: u64,
    judged: &Judged,
) -> Result<(), Stop> {
    let found: Option<NormRow> = txn.get(&[decision.to_cell()])?;
    let (Some(row), Some(findings)) = (found, judged.decision.findings()) else {
        return Ok(());
    };
    // What was marked as an error, overturned, departed from or decided again meanwhile is no
    // norm, whoever approves it.
    if row.state != NormState::Open {
        return Ok(());
    }
    let in_arm = findings.arm.is_some() || matter.arm.is_some();
    txn.put(&NormRow {
        tariff_minor: findings.tariff.minor(),
        sum_minor: findings.sum.minor(),
        state: if in_arm {
            NormState::Experiment
        } else {
            NormState::Norm
        },
        ..row
    });
    Ok(())
}

/// Takes a decision out of the norm, if it is known there.
pub(super) fn turn(txn: &mut Txn<'_>, decision: u64, state: NormState) -> Result<(), Stop> {
    let found: Option<NormRow> = txn.get(&[decision.to_cell()])?;
    if let Some(row) = found {
        txn.put(&NormRow { state, ..row });
    }
    Ok(())
}

/// What people refused, or did not decide in time, is open no more and forms no norm.
pub(super) fn ended(txn: &mut Txn<'_>, decision: u64) -> Result<(), Stop> {
    let found: Option<NormRow> = txn.get(&[decision.to_cell()])?;
    match found {
        Some(row) if row.state == NormState::Open => turn(txn, decision, NormState::Past),
        Some(_) | None => Ok(()),
    }
}

/// Keeps a departure, which forms no norm, in the place of what it replaces.
pub(super) fn departed(txn: &mut Txn<'_>, it: &Override, id: u64) -> Result<(), Stop> {
    let found: Option<NormRow> = txn.get(&[it.decision.to_cell()])?;
    let Some(old) = found else {
        return Ok(());
    };
    txn.put(&NormRow {
        decision: id,
        at: txn.now(),
        proposer: it.by.id.clone(),
        sum_minor: it.gives.worth.minor(),
        state: NormState::Departure,
        ..old.clone()
    });
    let state = NormState::Past;
    txn.put(&NormRow { state, ..old });
    keep_links(txn, &it.matter, id);
    Ok(())
}
