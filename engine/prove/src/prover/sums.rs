//! Sums of what a policy gives, as formulas.

use std::sync::Arc;

use crate::exec::{End, Ground, Meaning, Remedy, Verdict};
use crate::term::{Term, Terms};

/// Which remedies a sum counts.
pub(super) type Counts<'c> = dyn FnMut(&mut Terms, &Remedy) -> Term + 'c;

/// A way that ends in a grant.
pub(super) struct Granted<'m> {
    pub(super) condition: Term,
    pub(super) tier: Option<Term>,
    pub(super) remedies: &'m [Arc<Remedy>],
}

/// Every way that ends in a grant.
pub(super) fn granted(meaning: &Meaning) -> impl Iterator<Item = Granted<'_>> {
    meaning.ways.iter().filter_map(|way| match &way.end {
        End::Verdict(verdict) => match &**verdict {
            Verdict::Grant { tier, remedies } => Some(Granted {
                condition: way.condition,
                tier: *tier,
                remedies,
            }),
            Verdict::Refuse | Verdict::Hold => None,
        },
        _ => None,
    })
}

/// When a case is decided: granted or refused.
pub(super) fn decided(terms: &mut Terms, meaning: &Meaning) -> Term {
    let ways = meaning.ways.iter().filter(|way| match &way.end {
        End::Verdict(verdict) => !matches!(**verdict, Verdict::Hold),
        _ => false,
    });
    let ways: Vec<Term> = ways.map(|way| way.condition).collect();
    terms.or(&ways)
}

/// What counted remedies of one grant come to in a currency, at face value; what is given
/// in units is not in it.
pub(super) fn face(
    terms: &mut Terms,
    remedies: &[Arc<Remedy>],
    currency: i128,
    counts: &mut Counts<'_>,
) -> Term {
    let (zero, own) = (terms.int(0), terms.int(currency));
    let mut sum = zero;
    for remedy in remedies {
        let Some(currency) = remedy.currency else {
            continue;
        };
        let counts = counts(terms, remedy);
        let same = terms.same(currency, own);
        let counts = terms.and(&[counts, same]);
        let part = terms.ite(counts, remedy.amount, zero);
        sum = terms.add(sum, part);
    }
    sum
}

/// What a case is given in a currency of what counts.
pub(super) fn counted(
    terms: &mut Terms,
    meaning: &Meaning,
    currency: i128,
    counts: &mut Counts<'_>,
) -> Term {
    let mut whole = terms.int(0);
    for grant in granted(meaning) {
        let sum = face(terms, grant.remedies, currency, counts);
        whole = terms.ite(grant.condition, sum, whole);
    }
    whole
}

/// What a case is given in a currency.
pub(super) fn total(terms: &mut Terms, meaning: &Meaning, currency: i128) -> Term {
    counted(terms, meaning, currency, &mut |terms, _| terms.bool(true))
}

/// Whether a remedy is given under a claim.
pub(super) fn is_of(terms: &mut Terms, remedy: &Remedy, claim: i128) -> Term {
    let claim = terms.int(claim);
    match remedy.ground {
        Ground::Goodwill => terms.bool(false),
        Ground::Statutory | Ground::Contractual => terms.same(remedy.claim, claim),
    }
}

/// Whether a case is given anything that counts in a currency.
pub(super) fn any(
    terms: &mut Terms,
    meaning: &Meaning,
    currency: i128,
    counts: &mut Counts<'_>,
) -> Term {
    let own = terms.int(currency);
    let mut any = Vec::new();
    for grant in granted(meaning) {
        for remedy in grant.remedies {
            if let Some(currency) = remedy.currency {
                let counts = counts(terms, remedy);
                let same = terms.same(currency, own);
                any.push(terms.and(&[grant.condition, counts, same]));
            }
        }
    }
    terms.or(&any)
}
