use proptest::prelude::*;

use super::*;

fn norm(decision: u64, at: i64, point: &[i64], minor: i64) -> Norm {
    Norm {
        decision,
        at: Timestamp::from_seconds(at).unwrap(),
        point: point.to_vec(),
        minor,
    }
}

/// Brute force: every norm of the window is looked at.
fn most(norms: &[Norm], end: i64, point: &[i64]) -> Option<Found> {
    let within = norms.iter().filter(|norm| norm.at.seconds() > end);
    let no_worse = within.filter(|norm| norm.point.iter().zip(point).all(|(a, b)| a <= b));
    found(no_worse.max_by_key(|norm| (norm.minor, norm.at, norm.decision)))
}

fn least(norms: &[Norm], end: i64, point: &[i64]) -> Option<Found> {
    let within = norms.iter().filter(|norm| norm.at.seconds() > end);
    let no_better = within.filter(|norm| norm.point.iter().zip(point).all(|(a, b)| a >= b));
    found(no_better.max_by_key(|norm| (-norm.minor, norm.at, norm.decision)))
}

fn found(norm: Option<&Norm>) -> Option<Found> {
    norm.map(|norm| Found {
        decision: norm.decision,
        at: norm.at,
        minor: norm.minor,
    })
}

fn norms(facts: usize, most: usize) -> impl Strategy<Value = Vec<Norm>> {
    let one = (
        prop::collection::vec(0_i64..12, facts),
        0_i64..40,
        0_i64..50,
    );
    prop::collection::vec(one, 0..most).prop_map(|list| {
        let numbered = (1..).zip(list);
        numbered
            .map(|(id, (point, minor, at))| norm(id, at, &point, minor))
            .collect()
    })
}

proptest! {
    #[test]
    fn a_skyline_answers_as_brute_force_does(
        (facts, list) in (0_usize..5).prop_flat_map(|facts| (Just(facts), norms(facts, 300))),
        end in -1_i64..50,
        queries in prop::collection::vec(prop::collection::vec(-1_i64..13, 4), 20),
    ) {
        let mut skyline = Skyline::new(facts, 4_096);
        for (place, norm) in list.iter().enumerate() {
            // Half of them come in before the window moves, half after.
            if place == list.len() / 2 {
                skyline.expire(Timestamp::from_seconds(end).unwrap());
            }
            skyline.insert(norm);
        }
        skyline.expire(Timestamp::from_seconds(end).unwrap());
        prop_assert!(!skyline.is_partial());
        for query in queries {
            let query = &query[..facts];
            prop_assert_eq!(skyline.most(query), most(&list, end, query));
            prop_assert_eq!(skyline.least(query), least(&list, end, query));
        }
    }

    #[test]
    fn the_order_of_arrival_changes_no_answer(list in norms(3, 120), seed in any::<u64>()) {
        let mut shuffled = list.clone();
        shuffled.sort_by_key(|norm| (norm.decision.wrapping_mul(seed | 1), norm.decision));
        let (mut one, mut other) = (Skyline::new(3, 4_096), Skyline::new(3, 4_096));
        list.iter().for_each(|norm| one.insert(norm));
        shuffled.iter().for_each(|norm| other.insert(norm));
        for norm in &list {
            prop_assert_eq!(one.most(&norm.point), other.most(&norm.point));
            prop_assert_eq!(one.least(&norm.point), other.least(&norm.point));
        }
    }

    #[test]
    fn beyond_the_limit_a_breach_may_be_missed_and_none_is_invented(
        list in norms(2, 200),
        points_max in 1_usize..20,
    ) {
        let mut skyline = Skyline::new(2, points_max);
        list.iter().for_each(|norm| skyline.insert(norm));
        prop_assert!(skyline.len() <= points_max);
        for norm in &list {
            // Every answer is a norm that is there, and never says more than all norms do.
            let (own, all) = (skyline.most(&norm.point), most(&list, -1, &norm.point));
            prop_assert!(own.is_none_or(|own| own.minor <= all.unwrap().minor));
            let (own, all) = (skyline.least(&norm.point), least(&list, -1, &norm.point));
            prop_assert!(own.is_none_or(|own| own.minor >= all.unwrap().minor));
            if own != all {
                prop_assert!(skyline.is_partial());
            }
        }
    }
}

#[test]
fn a_full_skyline_is_partial_until_what_it_dropped_has_left_the_window() {
    let mut skyline = Skyline::new(1, 2);
    for at in 1_i64..=3 {
        skyline.insert(&norm(at.unsigned_abs(), at, &[at], at));
    }
    assert!(skyline.is_partial());
    assert_eq!(skyline.most(&[1]), None, "the oldest was dropped");
    skyline.expire(Timestamp::from_seconds(1).unwrap());
    assert!(!skyline.is_partial());
    assert_eq!(skyline.most(&[9]).unwrap().minor, 3);
    skyline.expire(Timestamp::from_seconds(3).unwrap());
    assert!(skyline.is_empty());
}

#[test]
fn a_norm_of_other_facts_is_not_kept_and_answers_nothing() {
    let mut skyline = Skyline::new(2, 8);
    skyline.insert(&norm(1, 1, &[1], 1));
    assert!(skyline.is_empty());
    skyline.insert(&norm(1, 1, &[1, 1], 1));
    assert_eq!(skyline.most(&[1]), None);
    assert_eq!(skyline.most(&[1, 1]).unwrap().decision, 1);
}
