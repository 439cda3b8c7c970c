use proptest::prelude::*;

use super::*;

/// Before everything.
const START: Timestamp = Timestamp::EPOCH;

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds).unwrap()
}

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

/// Facts near each other, and now and then at and beyond the ends of 32 and of 64 bits.
fn fact() -> impl Strategy<Value = i64> {
    let ends = [i64::from(i32::MIN), i64::from(i32::MAX)];
    let ends = ends.into_iter().flat_map(|end| end - 2..=end + 2);
    let ends: Vec<i64> = ends.chain([i64::MIN + 1, i64::MAX]).collect();
    prop_oneof![9 => -1_i64..13, 1 => prop::sample::select(ends)]
}

fn norms(facts: usize, most: usize) -> impl Strategy<Value = Vec<Norm>> {
    let one = (prop::collection::vec(fact(), facts), 0_i64..40, 1_i64..50);
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
        (facts, list) in (0_usize..7).prop_flat_map(|facts| (Just(facts), norms(facts, 300))),
        end in -1_i64..50,
        queries in prop::collection::vec(prop::collection::vec(fact(), 6), 20),
    ) {
        let mut skyline = Skyline::new(facts, 4_096);
        for (place, norm) in list.iter().enumerate() {
            // Half of them come in before the window moves, half after.
            if place == list.len() / 2 {
                skyline.expire(time(end));
            }
            skyline.insert(norm);
        }
        skyline.expire(time(end));
        prop_assert!(!skyline.is_partial(time(end)));
        for query in queries {
            let query = &query[..facts];
            prop_assert_eq!(skyline.most(query, time(end)), most(&list, end, query));
            prop_assert_eq!(skyline.least(query, time(end)), least(&list, end, query));
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
            prop_assert_eq!(one.most(&norm.point, START), other.most(&norm.point, START));
            prop_assert_eq!(one.least(&norm.point, START), other.least(&norm.point, START));
        }
    }

    #[test]
    fn beyond_the_limit_a_breach_may_be_missed_and_none_is_invented(
        list in norms(2, 200),
        points_max in 1_usize..20,
    ) {
        let mut skyline = Skyline::new(2, points_max);
        list.iter().for_each(|norm| skyline.insert(norm));
        prop_assert!(skyline.len(START) <= points_max);
        for norm in &list {
            // Every answer is a norm that is there, and never says more than all norms do.
            let (own, all) = (skyline.most(&norm.point, START), most(&list, -1, &norm.point));
            prop_assert!(own.is_none_or(|own| own.minor <= all.unwrap().minor));
            let (own, all) = (skyline.least(&norm.point, START), least(&list, -1, &norm.point));
            prop_assert!(own.is_none_or(|own| own.minor >= all.unwrap().minor));
            if own != all {
                prop_assert!(skyline.is_partial(START));
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
    assert!(skyline.is_partial(START));
    assert_eq!(skyline.most(&[1], START), None, "the oldest was dropped");
    skyline.expire(time(1));
    assert!(!skyline.is_partial(time(1)));
    assert_eq!(skyline.most(&[9], time(1)).unwrap().minor, 3);
    skyline.expire(time(3));
    assert!(skyline.is_empty(time(3)));
}

#[test]
fn a_norm_of_other_facts_is_not_kept_and_answers_nothing() {
    let mut skyline = Skyline::new(2, 8);
    skyline.insert(&norm(1, 1, &[1], 1));
    assert!(skyline.is_empty(START));
    skyline.insert(&norm(1, 1, &[1, 1], 1));
    assert_eq!(skyline.most(&[1], START), None);
    assert_eq!(skyline.most(&[1, 1], START).unwrap().decision, 1);
}

/// What a skyline tells of a window, for queries.
type Told = (bool, usize, Vec<(Option<Found>, Option<Found>)>);

fn told(skyline: &Skyline, end: i64, queries: &[Norm]) -> Told {
    let end = time(end);
    let answers = queries.iter().map(|query| {
        let point = &query.point;
        (skyline.most(point, end), skyline.least(point, end))
    });
    (skyline.is_partial(end), skyline.len(end), answers.collect())
}

/// The skyline that norms of a window make, the oldest first.
fn anew(norms: &[Norm], end: i64, points_max: usize) -> Skyline {
    let mut sorted: Vec<&Norm> = norms.iter().filter(|norm| norm.at > time(end)).collect();
    sorted.sort_by_key(|norm| (norm.at, norm.decision));
    let mut skyline = Skyline::new(2, points_max);
    skyline.expire(time(end));
    sorted.into_iter().for_each(|norm| skyline.insert(norm));
    skyline
}

proptest! {
    /// The window moves on at random, some norms come late and some are taken away again.
    #[test]
    fn a_skyline_kept_for_long_is_the_one_that_its_norms_make_anew(
        list in norms(2, 120),
        acts in prop::collection::vec((0_u8..8, 0_usize..200, -1_i64..4), 120),
        points_max in 1_usize..40,
    ) {
        let (mut own, mut there) = (Skyline::new(2, points_max), Vec::<Norm>::new());
        let (mut now, mut end, mut late) = (1, 0, Vec::new());
        for (norm, (act, which, step)) in list.iter().zip(&acts) {
            now += i64::from(*step > 2);
            let is_checked = norm.decision % 10 == 0;
            let norm = Norm { at: time(now), ..norm.clone() };
            let mut kept = Kept::Whole;
            match act {
                0 => late.push(norm),
                1 if !there.is_empty() => {
                    let gone = there.remove(which % there.len());
                    kept = own.remove(gone.decision);
                }
                2 if !late.is_empty() => {
                    let norm: Norm = late.remove(which % late.len());
                    kept = own.insert_late(&norm);
                    there.push(norm);
                }
                3 => {
                    end = (end + step.max(&0)).min(now - 1);
                    own.expire(time(end));
                }
                _ => {
                    own.insert(&norm);
                    there.push(norm);
                }
            }
            if kept == Kept::Stale {
                own = anew(&there, end, points_max);
            }
            // A reader may look at a window that ends later than what was dropped.
            let ends = [end, (end + 2).min(now)];
            for end in ends.into_iter().filter(|_| is_checked) {
                let other = anew(&there, end, points_max);
                prop_assert_eq!(told(&own, end, &list), told(&other, end, &list));
            }
        }
    }
}

#[test]
fn points_that_no_side_tells_apart_are_all_kept() {
    let mut skyline = Skyline::new(1, 4_096);
    // A later one that got less covers no earlier one that got more.
    for step in 1_i64..=300 {
        skyline.insert(&norm(step.unsigned_abs(), step, &[5], 1_000 - step));
    }
    assert_eq!(skyline.most(&[5], START).unwrap().minor, 999);
    assert_eq!(skyline.most(&[5], time(100)).unwrap().minor, 899);
    assert_eq!(skyline.least(&[5], START).unwrap().minor, 700);
    assert_eq!(skyline.len(START), 300);
}

/// Norms one after the other that each leave the last one's question open.
fn row_of_six(first: i64, got: i64) -> impl Iterator<Item = Norm> {
    (0..6).map(move |step| {
        let at = first + step;
        norm(at.unsigned_abs(), at, &[1 + step], got - step)
    })
}

#[test]
fn norms_that_came_too_late_to_be_dropped_are_counted() {
    let mut skyline = Skyline::new(1, 5);
    let last = norm(7, 7, &[0], 200);
    skyline.insert(&last);
    // The last covers all of them, but in time six would have been there before it.
    let kept: Vec<Kept> = row_of_six(1, 100)
        .map(|late| skyline.insert_late(&late))
        .collect();
    assert_eq!((kept[0], kept[5]), (Kept::Whole, Kept::Stale));
    let list: Vec<Norm> = row_of_six(1, 100).chain([last]).collect();
    let mut in_time = Skyline::new(1, 5);
    list.iter().for_each(|norm| in_time.insert(norm));
    assert!(in_time.is_partial(START));
}

#[test]
fn what_a_removed_norm_alone_had_covered_is_counted() {
    let mut skyline = Skyline::new(1, 10);
    let (first, last) = (norm(7, 7, &[0], 200), norm(14, 14, &[0], 300));
    let list: Vec<Norm> = row_of_six(1, 100)
        .chain([first])
        .chain(row_of_six(8, 90))
        .chain([last])
        .collect();
    list.iter().for_each(|norm| skyline.insert(norm));
    assert!(!skyline.is_partial(START));
    assert_eq!(skyline.remove(7), Kept::Stale);
    let mut without = Skyline::new(1, 10);
    let others = list.iter().filter(|norm| norm.decision != 7);
    others.for_each(|norm| without.insert(norm));
    assert!(without.is_partial(START));
}
