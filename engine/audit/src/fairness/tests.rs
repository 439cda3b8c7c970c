use super::stats::{bootstrap, fisher};
use super::*;

/// A thousand cases of one class by ten agents, of whom some give more.
fn rows(gives: impl Fn(u64, i64) -> i64) -> Vec<Row> {
    (0..1_000_u64)
        .map(|number| {
            let loss = i64::try_from(number * 7_919 % 500).unwrap() * 100 + 100;
            let tariff = loss * 3 / 10;
            Row {
                decision: number,
                case: format!("order-{number}"),
                at: i64::try_from(number).unwrap(),
                release: "travel/goodwill 1.0.0".into(),
                tolerance: None,
                class: "hotel".into(),
                point: vec![loss],
                currency: Currency::new("CNY").unwrap(),
                tariff_minor: tariff,
                sum_minor: gives(number, tariff),
                state: "norm".into(),
                departure: None,
                agent: format!("agent-{}", number % 10),
                groups: [(
                    "channel".to_owned(),
                    ["app", "phone"][usize::from(number % 20 < 10)].to_owned(),
                )]
                .into(),
            }
        })
        .collect()
}

fn value(report: &Report, name: &str) -> f64 {
    report.figure(name).unwrap().value.unwrap()
}

#[test]
fn who_keeps_to_the_tariff_is_fair_by_every_figure() {
    let report = audit(&rows(|_, tariff| tariff));
    assert_eq!(value(&report, "leapfrog_rate"), 0.0);
    assert_eq!(value(&report, "spread"), 0.0);
    assert_eq!(value(&report, "agent_effect"), 0.0);
    assert!(value(&report, "ratchet").abs() < 1e-12);
    assert!(value(&report, "consistency") > 0.99);
    assert!(value(&report, "lipschitz") < 1.1);
    assert_eq!(value(&report, "four_fifths"), 1.0);
}

/// A release's own tolerance counts, each for its own cases, and the report says which does.
#[test]
fn the_tolerance_of_the_release_is_the_one_that_counts() {
    // One agent gives a tenth more, which is beyond 5 % and within 12 %.
    let all = rows(|number, tariff| {
        if number % 10 == 3 {
            tariff * 11 / 10
        } else {
            tariff
        }
    });
    let with = |basis_points: i64, at_least: i64| {
        let mut own = all.clone();
        let at_least = Money::new(at_least, Currency::new("CNY").unwrap());
        for row in &mut own {
            row.tolerance = Some(Tolerance {
                basis_points,
                at_least,
            });
        }
        audit(&own)
    };
    let by_default = audit(&all);
    assert!(value(&by_default, "leapfrog_rate") > 0.0);
    assert_eq!(by_default.tolerances[0].by, By::Default);
    let shown = text(&by_default, 80).replace("\n ", "");
    assert!(shown.contains("5 % or 1.00 CNY, the default"), "{shown}");
    let wide = with(1_250, 100);
    assert_eq!(value(&wide, "leapfrog_rate"), 0.0);
    let shown = text(&wide, 80).replace("\n ", "");
    let says = "travel/goodwill 1.0.0: 12.5 % or 1.00 CNY, by its own [fairness]";
    assert!(shown.contains(says), "{shown}");
    assert!(html(&wide).contains(says));
    // A sum that may lie apart counts as well, and one in another currency does not.
    assert_eq!(value(&with(500, 100_000), "leapfrog_rate"), 0.0);
    // Looking back, each of two sums may lie by one tolerance from its tariff.
    let more = |percent: i64| {
        rows(move |number, tariff| tariff * if number == 999 { percent } else { 100 } / 100)
    };
    let looked = |rows: &[Row]| !audit(rows).look_back.is_empty();
    assert!(looked(&more(120)) && !looked(&more(105)));
    let mut own = more(120);
    for row in &mut own {
        row.tolerance = Some(Tolerance {
            basis_points: 1_000,
            at_least: Money::new(100, row.currency),
        });
    }
    assert!(!looked(&own));
}

#[test]
fn who_pays_double_stands_out_with_the_cases_behind_it() {
    let gives = |number, tariff| if number % 10 == 3 { tariff * 2 } else { tariff };
    let report = audit(&rows(gives));
    assert!(value(&report, "leapfrog_rate") > 0.01);
    let agents = report.figure("agent_effect").unwrap();
    assert_eq!(agents.lines[0].label, "agent-3");
    assert!(agents.lines[0].interval.unwrap()[0] > 0.8);
    let spread = report.figure("spread").unwrap();
    assert!(spread.cases.iter().all(|decision| decision % 10 == 3));
    assert_eq!(agents.cases.len(), 10);
    assert!(agents.cases.iter().all(|decision| decision % 10 == 3));
}

#[test]
fn every_decision_that_a_figure_names_has_its_case() {
    let mut all = rows(|number, tariff| if number % 20 < 10 { 0 } else { tariff * 2 });
    for row in all.iter_mut().filter(|row| row.decision % 50 == 4) {
        row.state = "departure".into();
        row.departure = Some("hardship".into());
    }
    let report = audit(&all);
    for name in [
        "premium",
        "four_fifths",
        "departures",
        "departures_by_actor",
    ] {
        let cases = &report.figure(name).unwrap().cases;
        assert_eq!(cases.len(), 10, "{name}");
        for decision in cases {
            assert_eq!(
                report.cases[decision],
                format!("order-{decision}"),
                "{name}"
            );
        }
    }
    // Those whom the group that got least got nothing, and no one of another group.
    let cases = &report.figure("four_fifths").unwrap().cases;
    assert!(cases.iter().all(|decision| decision % 20 < 10), "{cases:?}");
    let by = report.figure("departures_by_actor").unwrap();
    assert_eq!(
        (by.lines[0].label.as_str(), by.value),
        ("agent-4", Some(20.0))
    );
    assert!(text(&report, 80).contains("(of 1000)") && html(&report).contains("(order-"));
    assert!(
        html(&report).contains("<b>20</b>"),
        "a count has no decimals"
    );
}

#[test]
fn a_departure_is_above_below_or_at_the_tariff() {
    let mut all = rows(|number, tariff| tariff + i64::try_from(number % 3).unwrap() - 1);
    for row in &mut all[..7] {
        row.departure = Some("hardship".into());
    }
    let report = audit(&all);
    let lines = &report.figure("departures").unwrap().lines;
    let told: Vec<(&str, usize)> = lines.iter().map(|it| (it.label.as_str(), it.of)).collect();
    assert_eq!(
        told,
        [
            ("hardship, below the tariff", 3),
            ("hardship, above the tariff", 2),
            ("hardship, at the tariff", 2),
        ]
    );
}

#[test]
fn one_more_figure_names_its_cases_too() {
    let all = rows(|_, tariff| tariff);
    let mut figure = audit(&all).figures.remove(0);
    figure.cases = vec![17, 5_000];
    let report = audit(&all).with(figure, &all);
    assert_eq!(report.cases[&17], "order-17");
    assert!(text(&report, 80).contains("17 (order-17), 5000"));
}

#[test]
fn a_look_back_tells_sums_in_their_currency() {
    let mut all = rows(|number, tariff| if number < 900 { tariff } else { tariff * 3 / 2 });
    for row in &mut all {
        row.currency = Currency::new("JPY").unwrap();
    }
    let report = audit(&all);
    let one = &report.look_back[0];
    let told = format!("got {} JPY", one.sum.minor());
    assert!(
        text(&report, 200).contains(&told),
        "a yen has no hundredths"
    );
    assert!(html(&report).contains(&format!("{} JPY", one.later_sum.minor())));
}

#[test]
fn who_got_less_than_a_later_and_milder_case_is_looked_at_again_each_of_them() {
    // From the 900th on the desk gives half as much again.
    let gives = |number: u64, tariff: i64| if number < 900 { tariff } else { tariff * 3 / 2 };
    let rows = rows(gives);
    let report = audit(&rows);
    // Brute force over all pairs.
    let raised = |row: &&Row| {
        let later = rows.iter().filter(|other| other.decision > row.decision);
        let milder = later.filter(|other| other.point[0] <= row.point[0]);
        let best = milder.map(|other| other.sum_minor).max();
        best.is_some_and(|best| best - row.sum_minor > (best / 10).max(100))
    };
    let all: Vec<u64> = rows.iter().filter(raised).map(|row| row.decision).collect();
    let found: Vec<u64> = report.look_back.iter().map(|one| one.decision).collect();
    assert_eq!(found, all);
    assert!(
        found.len() > 500,
        "more than a figure names: {}",
        found.len()
    );
    assert!(text(&report, 80).contains("look_back"));
    // What formed no norm levels nobody up.
    let mut generous = self::rows(|_, tariff| tariff);
    for (row, state) in generous[900..].iter_mut().zip(
        ["departure", "error", "overturned", "experiment", "open"]
            .into_iter()
            .cycle(),
    ) {
        row.sum_minor *= 2;
        row.state = state.into();
    }
    assert_eq!(audit(&generous).look_back, []);
    let fair = audit(&self::rows(|_, tariff| tariff));
    assert_eq!(fair.look_back, []);
}

#[test]
fn the_share_overturned_is_of_decisions_that_were_taken() {
    let mut rows = rows(|_, tariff| tariff);
    let states = ["overturned", "error", "open", "past"];
    for (row, state) in rows.iter_mut().zip(states) {
        row.state = state.into();
    }
    let report = audit(&rows);
    let figure = report.figure("overturned").unwrap();
    assert_eq!(figure.of, 998, "two are open or past");
    assert_eq!(figure.cases, [rows[0].decision, rows[1].decision]);
    assert_eq!(figure.value, Some(2.0 / 998.0));
}

#[test]
fn a_rising_practice_is_a_ratchet() {
    let gives = |number: u64, tariff: i64| tariff + tariff * i64::try_from(number).unwrap() / 1_000;
    let report = audit(&rows(gives));
    assert!((value(&report, "ratchet") - 1.0).abs() < 0.05);
    // What is below the mean comes first: the CUSUM falls to the middle and comes back.
    let course = &report.figure("ratchet").unwrap().course;
    assert_eq!(course.len(), 201);
    let lowest = course.iter().copied().fold(0.0, f64::min);
    assert_eq!(course[100], lowest);
    assert!(course[0] == 0.0 && course[200].abs() < 1e-6 && lowest < -100.0);
    assert_eq!(html(&report).matches("<polyline").count(), 1);
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let mut all = rows(|number, tariff| tariff + i64::try_from(number % 7).unwrap() * 50);
    let first = audit(&all);
    all.reverse();
    assert_eq!(first, audit(&all));
}

#[test]
fn groups_under_thirty_are_not_reported() {
    let mut all = rows(|_, tariff| tariff);
    for row in all.iter_mut().take(29) {
        row.groups.insert("channel".into(), "fax".into());
    }
    let report = audit(&all);
    let lines = &report.figure("four_fifths").unwrap().lines;
    assert!(lines.iter().all(|line| !line.label.contains("fax")));
    all[29].groups.insert("channel".into(), "fax".into());
    let report = audit(&all);
    let lines = &report.figure("four_fifths").unwrap().lines;
    assert!(lines.iter().any(|line| line.label.contains("fax")));
}

#[test]
fn fishers_test_is_that_of_the_tea() {
    // Fisher's lady: three of four cups told, p 0.4857 two-sided; four of four, 0.0286.
    assert!((fisher(3, 4, 1, 4).unwrap() - 0.485_714).abs() < 1e-5);
    assert!((fisher(4, 4, 0, 4).unwrap() - 0.028_571).abs() < 1e-5);
    assert!((fisher(2, 4, 2, 4).unwrap() - 1.0).abs() < 1e-9);
}

#[test]
fn a_bootstrap_says_the_same_twice_and_holds_the_mean() {
    let values: Vec<f64> = (0..100).map(f64::from).collect();
    let [low, high] = bootstrap(&values).unwrap();
    assert_eq!(bootstrap(&values), Some([low, high]));
    assert!(low < 49.5 && 49.5 < high && high - low < 15.0);
}

#[test]
fn a_report_fits_its_columns() {
    let report = audit(&rows(|number, tariff| {
        tariff + i64::try_from(number % 5).unwrap() * 300
    }));
    for columns in [40, 80] {
        let text = text(&report, columns);
        let widest = text.lines().map(str::len).max().unwrap();
        assert!(widest <= columns, "{widest}\n{text}");
    }
}

#[test]
fn a_page_holds_every_figure_and_no_markup_of_a_fact() {
    let mut all = rows(|number, tariff| tariff + i64::try_from(number % 5).unwrap() * 300);
    for row in &mut all {
        row.agent = format!("<script>{}", row.agent);
        row.case = format!("<script>{}", row.case);
    }
    let report = audit(&all);
    let page = html(&report);
    assert!(!page.contains("<script>"), "a name is no markup");
    assert!(page.contains("&lt;script&gt;agent-4"));
    assert!(page.contains("(&lt;script&gt;order-"));
    for loads in ["http:", "https:", "src=", "url(", "@import"] {
        assert!(!page.contains(loads), "the page loads nothing: {loads}");
    }
    for figure in &report.figures {
        assert!(page.contains(figure.source.split('<').next().unwrap()));
    }
}
