use proptest::prelude::*;

use super::*;

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn column(name: &str, ty: CellType) -> Column {
    Column {
        name: name.into(),
        ty,
    }
}

fn int(name: &str, min: i64, max: i64) -> Column {
    column(name, CellType::Int { min, max })
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn one_of(values: &[&str]) -> Matcher {
    Matcher::OneOf(values.iter().map(SmolStr::new).collect())
}

/// Rows of matchers; each answers with its own number.
fn table(
    hit: HitPolicy,
    inputs: Vec<Column>,
    rows: Vec<Vec<Matcher>>,
) -> Result<Table, TableError> {
    let any = CellType::Int {
        min: 0,
        max: i64::MAX,
    };
    let rows = (0..)
        .zip(rows)
        .map(|(number, matchers)| Row {
            matchers: matchers.into(),
            outputs: [Value::Int(number)].into(),
        })
        .collect();
    Table::new(code("t"), hit, inputs, vec![column("answer", any)], rows)
}

fn distances() -> Vec<Column> {
    vec![int("km", 0, 20_038), column("intra_eu", CellType::Bool)]
}

fn eu261() -> Vec<Vec<Matcher>> {
    use Matcher::{Any, Bool, Ints};
    vec![
        vec![Ints(0, 1_500), Any],
        vec![Ints(1_501, 3_500), Any],
        vec![Ints(3_501, 20_038), Bool(true)],
        vec![Ints(3_501, 20_038), Bool(false)],
    ]
}

#[track_caller]
fn answer(table: &Table, inputs: &[Value]) -> i64 {
    let row = table.find(inputs).unwrap();
    match table.output(row, "answer") {
        Some(Value::Int(number)) => *number,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(result: Result<Table, TableError>, code: &str, text: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), (code, text));
}

#[test]
fn a_lookup_answers_below_at_and_above_each_boundary() {
    let table = table(HitPolicy::Unique, distances(), eu261()).unwrap();
    for (km, intra, expected) in [
        (0, true, 0),
        (1_500, false, 0),
        (1_501, true, 1),
        (3_500, false, 1),
        (3_501, true, 2),
        (3_501, false, 3),
        (20_038, true, 2),
    ] {
        let found = answer(&table, &[Value::Int(km), Value::Bool(intra)]);
        assert_eq!(found, expected, "{km} {intra}");
    }
    assert_eq!(table.output(&table.rows()[0], "amount"), None);
}

#[test]
fn a_lookup_outside_the_ranges_is_an_error_and_not_a_row() {
    let table = table(HitPolicy::Unique, distances(), eu261()).unwrap();
    let check = |inputs: &[Value], code: &str, text: &str| {
        let error = table.find(inputs).unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), (code, text));
    };
    check(
        &[Value::Int(20_039), Value::Bool(true)],
        "lookup_out_of_range",
        "table t, column \"km\": 20039 is out of range, expected an integer from 0 to 20038",
    );
    check(
        &[Value::Int(-1), Value::Bool(true)],
        "lookup_out_of_range",
        "table t, column \"km\": -1 is out of range, expected an integer from 0 to 20038",
    );
    check(
        &[Value::Int(1), Value::Int(1)],
        "lookup_wrong_type",
        "table t, column \"intra_eu\": expected true or false, found 1",
    );
    check(
        &[Value::Int(1)],
        "lookup_wrong_count",
        "table t takes 2 inputs, 1 were given",
    );
}

#[test]
fn a_gap_is_named_as_wide_as_it_is() {
    let mut rows = eu261();
    rows.remove(1);
    check(
        table(HitPolicy::Unique, distances(), rows),
        "table_gap",
        "no row answers for km 1501..3500, intra_eu *",
    );
    let mut rows = eu261();
    rows.pop();
    check(
        table(HitPolicy::First, distances(), rows),
        "table_gap",
        "no row answers for km 3501..20038, intra_eu false",
    );
    check(
        table(HitPolicy::Unique, distances(), Vec::new()),
        "table_gap",
        "no row answers for km *, intra_eu *",
    );
}

#[test]
fn a_gap_of_one_value_is_found_at_either_end() {
    let ints = |low, high| vec![Matcher::Ints(low, high), Matcher::Any];
    check(
        table(HitPolicy::Unique, distances(), vec![ints(1, 20_038)]),
        "table_gap",
        "no row answers for km 0, intra_eu *",
    );
    check(
        table(HitPolicy::Unique, distances(), vec![ints(0, 20_037)]),
        "table_gap",
        "no row answers for km 20038, intra_eu *",
    );
    let whole = vec![int("n", i64::MIN, i64::MAX)];
    let rows = vec![
        vec![Matcher::Ints(i64::MIN, -1)],
        vec![Matcher::Ints(1, i64::MAX)],
    ];
    check(
        table(HitPolicy::Unique, whole, rows),
        "table_gap",
        "no row answers for n 0",
    );
}

#[test]
fn an_overlap_names_both_rows_and_the_inputs() {
    let mut rows = eu261();
    rows[1][0] = Matcher::Ints(1_500, 3_500);
    check(
        table(HitPolicy::Unique, distances(), rows),
        "table_overlap",
        "rows 1 and 2 both answer for km 1500, intra_eu false",
    );
}

#[test]
fn the_first_row_wins_and_a_row_that_never_wins_is_refused() {
    let rows = vec![
        vec![Matcher::Ints(100, 200), Matcher::Any],
        vec![Matcher::Any, Matcher::Bool(true)],
        vec![Matcher::Any, Matcher::Any],
    ];
    let first = table(HitPolicy::First, distances(), rows.clone()).unwrap();
    assert_eq!(answer(&first, &[Value::Int(150), Value::Bool(true)]), 0);
    assert_eq!(answer(&first, &[Value::Int(99), Value::Bool(true)]), 1);
    assert_eq!(answer(&first, &[Value::Int(201), Value::Bool(false)]), 2);

    let mut rows = rows;
    rows.insert(2, vec![Matcher::Ints(120, 130), Matcher::Bool(false)]);
    check(
        table(HitPolicy::First, distances(), rows),
        "table_unreachable_row",
        "row 3 is never reached: earlier rows answer for everything it matches",
    );
}

#[test]
fn enums_and_dates_are_axes_of_their_own() {
    let cause = CellType::Enum(["weather", "strike", "crew"].map(SmolStr::new).into());
    let (from, to) = (date("2020-01-01"), date("2026-12-31"));
    let inputs = || {
        vec![
            column("cause", cause.clone()),
            column("on", CellType::Date { from, to }),
        ]
    };
    let until = |text| Matcher::Dates(from, date(text));
    let since = |text| Matcher::Dates(date(text), to);
    let rows = vec![
        vec![one_of(&["weather", "strike"]), until("2024-02-29")],
        vec![one_of(&["weather"]), since("2024-03-01")],
        vec![one_of(&["crew"]), Matcher::Any],
    ];
    check(
        table(HitPolicy::Unique, inputs(), rows.clone()),
        "table_gap",
        "no row answers for cause strike, on 2024-03-01..2026-12-31",
    );
    let mut complete = rows;
    complete[1][0] = one_of(&["strike", "weather"]);
    let table = table(HitPolicy::Unique, inputs(), complete).unwrap();
    let find =
        |cause: &str, on| answer(&table, &[Value::Text(cause.into()), Value::Date(date(on))]);
    assert_eq!(find("strike", "2024-02-29"), 0);
    assert_eq!(find("strike", "2024-03-01"), 1);
    assert_eq!(find("crew", "2020-01-01"), 2);
    let error = table.find(&[Value::Text("war".into()), Value::Date(from)]);
    assert_eq!(error.unwrap_err().code(), "lookup_out_of_range");
}

#[test]
fn cells_and_columns_that_do_not_fit_are_refused() {
    use Matcher::{Any, Bool, Ints};
    let with = |matchers| table(HitPolicy::Unique, distances(), vec![matchers]);
    let expected = "row 1, column \"km\": expected an integer from 0 to 20038";
    check(with(vec![Ints(-1, 5), Any]), "table_cell", expected);
    check(with(vec![Ints(5, 20_039), Any]), "table_cell", expected);
    check(with(vec![Ints(6, 5), Any]), "table_cell", expected);
    check(with(vec![Bool(true), Any]), "table_cell", expected);
    check(
        with(vec![Any]),
        "table_cell_count",
        "row 1 has 2 cells for 3 columns",
    );
    check(
        table(HitPolicy::Unique, vec![], vec![]),
        "table_column_count",
        "a table has 1 to 32 input columns, this one has 0",
    );
    check(
        table(HitPolicy::Unique, vec![int("a", 2, 1)], vec![]),
        "table_column_type",
        "column \"a\": the range ends before it starts",
    );
    check(
        table(HitPolicy::Unique, vec![int("answer", 1, 2)], vec![]),
        "table_duplicate_column",
        "two columns are named \"answer\"",
    );
    check(
        table(HitPolicy::Unique, vec![column("a", CellType::Text)], vec![]),
        "table_column_type",
        "column \"a\": an input is a bool, int, enum or date",
    );
}

#[test]
fn an_output_of_another_currency_is_refused() {
    let money = |text: &str| Value::Money(text.parse().unwrap());
    let eur = CellType::Money(Currency::new("EUR").unwrap());
    let build = |amount| {
        let row = Row {
            matchers: [Matcher::Any].into(),
            outputs: [money(amount)].into(),
        };
        let outputs = vec![column("amount", eur.clone())];
        Table::new(
            code("t"),
            HitPolicy::Unique,
            vec![int("n", 0, 9)],
            outputs,
            vec![row],
        )
    };
    assert!(build("250.00 EUR").is_ok());
    check(
        build("250.00 USD"),
        "table_cell",
        "row 1, column \"amount\": expected a sum such as \"100.00 EUR\"",
    );
}

#[test]
fn the_check_stops_above_its_limit_and_not_at_it() {
    // 999 single values and the rest make 1,000 intervals on each of two axes.
    let axes = || vec![int("a", 0, 5_000), int("b", 0, 5_000)];
    let grid = |count: i64| {
        let on_a = (0..count).map(|n| vec![Matcher::Ints(n, n), Matcher::Any]);
        let on_b = (0..999).map(|n| vec![Matcher::Any, Matcher::Ints(n, n)]);
        table(HitPolicy::Unique, axes(), on_a.chain(on_b).collect())
    };
    assert_eq!(grid(999).unwrap_err().code(), "table_overlap");
    check(
        grid(1_000),
        "table_too_complex",
        "the ranges cut each other into 1001000 cells, at most 1000000 can be checked",
    );
}

#[test]
fn wide_rows_over_a_fine_grid_stop_at_the_limit() {
    let axes = vec![
        int("a", 0, 999),
        int("b", 0, 999),
        column("c", CellType::Bool),
    ];
    let mut rows: Vec<_> = (0..499)
        .map(|n| {
            vec![
                Matcher::Ints(n, n),
                Matcher::Ints(n, n),
                Matcher::Bool(true),
            ]
        })
        .collect();
    // Each wide row claims the cells of one more value of `a` and meets all others again.
    rows.extend((0..499).map(|n| vec![Matcher::Ints(0, n), Matcher::Any, Matcher::Any]));
    let error = table(HitPolicy::First, axes, rows).unwrap_err();
    assert_eq!(error.code(), "table_too_complex");
}

#[test]
fn tables_are_found_by_name_and_named_once() {
    let build = || table(HitPolicy::Unique, distances(), eu261()).unwrap();
    let tables = Tables::new([build()]).unwrap();
    assert!(tables.get("t").is_some() && tables.get("u").is_none());
    assert_eq!(tables.iter().len(), 1);
    let error = Tables::new([build(), build()]).unwrap_err();
    assert_eq!(error.to_string(), "two tables are named t");
}

/// A matcher over 0..=11, and one over a boolean.
fn matchers() -> impl Strategy<Value = Vec<Matcher>> {
    let ints = prop_oneof![
        Just(Matcher::Any),
        (0..12_i64, 0..12_i64).prop_map(|(a, b)| Matcher::Ints(a.min(b), a.max(b))),
    ];
    let bools = prop_oneof![Just(Matcher::Any), any::<bool>().prop_map(Matcher::Bool)];
    (ints, bools).prop_map(|(a, b)| vec![a, b])
}

proptest! {
    /// The check agrees with counting the matching rows at every single input.
    #[test]
    fn the_check_agrees_with_trying_every_input(rows in prop::collection::vec(matchers(), 0..5)) {
        let inputs = || vec![int("n", 0, 11), column("b", CellType::Bool)];
        let mut hits = Vec::new();
        let mut winners = vec![false; rows.len()];
        for n in 0..12 {
            for b in [false, true] {
                let values = [Value::Int(n), Value::Bool(b)];
                let matches = |row: &Vec<Matcher>| row.iter().zip(&values).all(|(m, v)| m.accepts(v));
                hits.push(rows.iter().filter(|row| matches(row)).count());
                if let Some(first) = rows.iter().position(matches) {
                    winners[first] = true;
                }
            }
        }
        let unique = table(HitPolicy::Unique, inputs(), rows.clone());
        prop_assert_eq!(unique.is_ok(), hits.iter().all(|count| *count == 1));
        let first = table(HitPolicy::First, inputs(), rows);
        let whole = hits.iter().all(|count| *count > 0) && winners.iter().all(|won| *won);
        prop_assert_eq!(first.is_ok(), whole);
    }
}
