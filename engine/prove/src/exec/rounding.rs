//! Division as the engines divide.

use redress_model::Rounding;

use crate::term::{Term, Terms};

/// A number without its sign.
pub(super) fn abs(terms: &mut Terms, term: Term) -> Term {
    let zero = terms.int(0);
    let (below, minus) = (terms.less(term, zero), terms.sub(zero, term));
    match terms.as_bool(below) {
        Some(true) => minus,
        Some(false) => term,
        None => terms.ite(below, minus, term),
    }
}

/// A size with a minus where exactly one of two numbers is below zero.
fn signed(terms: &mut Terms, size: Term, left: Term, right: Term) -> Term {
    let zero = terms.int(0);
    let (left, right) = (terms.less(left, zero), terms.less(right, zero));
    let not = terms.not(right);
    let differ = terms.ite(left, not, right);
    let minus = terms.sub(zero, size);
    terms.ite(differ, minus, size)
}

/// The quotient towards zero; the divisor is not 0.
pub(super) fn quotient(terms: &mut Terms, left: Term, right: Term) -> Term {
    let (a, b) = (abs(terms, left), abs(terms, right));
    let whole = terms.floor_div(a, b);
    signed(terms, whole, left, right)
}

/// A share of a sum, rounded as the release says; the denominator is not 0.
pub(crate) fn share(
    terms: &mut Terms,
    rounding: Rounding,
    sum: Term,
    numerator: Term,
    denominator: Term,
) -> Term {
    let product = terms.mul(sum, numerator);
    let zero = terms.int(0);
    let (a, b) = (abs(terms, product), abs(terms, denominator));
    let whole = terms.floor_div(a, b);
    let back = terms.mul(whole, b);
    let rest = terms.sub(a, back);
    let (one, two) = (terms.int(1), terms.int(2));
    let twice = terms.mul(two, rest);
    let away = match rounding {
        Rounding::Down => terms.bool(false),
        Rounding::Up => terms.less(zero, rest),
        Rounding::HalfUp => terms.at_most(b, twice),
        Rounding::HalfEven => {
            let above = terms.less(b, twice);
            let half = terms.same(b, twice);
            let halved = terms.floor_div(whole, two);
            let doubled = terms.mul(two, halved);
            let even = terms.same(doubled, whole);
            let odd = terms.not(even);
            let odd = terms.and(&[half, odd]);
            terms.or(&[above, odd])
        }
    };
    let more = terms.add(whole, one);
    let size = terms.ite(away, more, whole);
    signed(terms, size, product, denominator)
}
