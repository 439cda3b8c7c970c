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
    let (a, b) = (abs(terms, product), abs(terms, denominator));
    let (one, two) = (terms.int(1), terms.int(2));
    // One division each, which grows with the sum as far as a solver can see.
    let size = match rounding {
        Rounding::Down => terms.floor_div(a, b),
        Rounding::Up => {
            let less = terms.sub(b, one);
            let more = terms.add(a, less);
            terms.floor_div(more, b)
        }
        Rounding::HalfUp => half_up(terms, a, b),
        Rounding::HalfEven => {
            let up = half_up(terms, a, b);
            let (twice, doubled) = (terms.mul(two, a), terms.mul(two, up));
            let back = terms.sub(doubled, one);
            let back = terms.mul(back, b);
            let is_half = terms.same(twice, back);
            let halved = terms.floor_div(up, two);
            let even = terms.mul(two, halved);
            let is_even = terms.same(even, up);
            let is_odd = terms.not(is_even);
            let falls = terms.and(&[is_half, is_odd]);
            let less = terms.sub(up, one);
            terms.ite(falls, less, up)
        }
    };
    signed(terms, size, product, denominator)
}

/// A quotient of sizes, halves away from zero.
fn half_up(terms: &mut Terms, a: Term, b: Term) -> Term {
    let two = terms.int(2);
    let (a, wide) = (terms.mul(two, a), terms.mul(two, b));
    let a = terms.add(a, b);
    terms.floor_div(a, wide)
}
