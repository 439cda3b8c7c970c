use redress_model::Value;

use crate::tests::Bench;

const INPUTS: &str = "\"days_late: int 0..365\"";
const OUTPUTS: &str = "\"tier: text\", \"percent: int\"";

/// The errors of the scaffold with other columns and rows.
#[track_caller]
fn errors(inputs: &str, outputs: &str, csv: &str) -> String {
    bench(inputs, outputs, csv).errors()
}

fn bench(inputs: &str, outputs: &str, csv: &str) -> Bench {
    let bench = Bench::new();
    bench
        .edit("release.toml", INPUTS, inputs)
        .edit("release.toml", OUTPUTS, outputs)
        .write("tables/lateness.csv", csv);
    bench
}

#[track_caller]
fn check(csv: &str, expected: &str) {
    let expected = format!("tables/lateness.csv{expected}");
    assert_eq!(errors(INPUTS, OUTPUTS, csv), expected);
}

#[test]
fn a_gap_an_overlap_and_a_dead_row_are_told_with_their_lines() {
    check(
        "days_late,tier,percent\n0..2,none,0\n\n4..,level_1,10\n",
        ": no row answers for days_late 3",
    );
    check(
        "days_late,tier,percent\n0..3,none,0\n\n3..,level_1,10\n",
        ":4: lines 2 and 4 both answer for days_late 3",
    );
    let bench = bench(
        INPUTS,
        OUTPUTS,
        "days_late,tier,percent\n*,none,0\n3..,level_1,10\n",
    );
    bench.edit("release.toml", "\"unique\"", "\"first\"");
    assert_eq!(
        bench.errors(),
        "tables/lateness.csv:3: this row is never reached: earlier rows answer for everything it matches"
    );
}

#[test]
fn cells_that_do_not_fit_are_told_with_line_and_column() {
    check(
        "days_late,tier,percent\nthree,none,0\n3..400,x,1.5\n5..4,x\n",
        ":2: column 1 (days_late): expected an integer from 0 to 365, found \"three\"\n\
         tables/lateness.csv:3: column 1 (days_late): expected an integer from 0 to 365, found \
         \"3..400\"; this is outside the range\n\
         tables/lateness.csv:3: column 3 (percent): expected an integer from \
         -9223372036854775808 to 9223372036854775807, found \"1.5\"\n\
         tables/lateness.csv:4: expected 3 cells, found 2",
    );
    check(
        "days_late,tier,percent\n5..4,x,1\n",
        ":2: column 1 (days_late): expected an integer from 0 to 365, found \"5..4\"; the range \
         ends before it starts",
    );
    check(
        "days_late,tier,percent\n..,x,1\n",
        ":2: column 1 (days_late): expected an integer from 0 to 365, found \"..\"; write * for every value",
    );
}

#[test]
fn a_quote_that_swallows_lines_is_told() {
    check(
        "days_late,tier,percent\n..2,\"none,0\n3..,level_1,10\n",
        ":2: expected 3 cells, found 2",
    );
    check(
        "days_late,tier,percent\n*,\"no\nne\",0\n",
        ":2: column 2 (tier): a text has no line breaks or other control characters",
    );
}

#[test]
fn the_header_is_the_declared_columns() {
    check(
        "days,tier,percent\n*,none,0\n",
        ":1: the header is days,tier,percent, not the declared columns\n  \
         help: the manifest declares days_late,tier,percent",
    );
    check("", ": expected the header days_late,tier,percent");
    check(
        "days_late,tier,percent\n",
        ": no row answers for days_late *",
    );
}

#[test]
fn every_type_of_cell_is_read() {
    let inputs = "\"on: date 2026-01-01..2026-12-31\", \"cause: enum carrier|own\", \"gift: bool\"";
    let outputs = "\"sum: money EUR\", \"until: date\", \"last: bool\", \"article: text\"";
    let csv = "on,cause,gift,sum,until,last,article\n\
               ..2026-06-30,carrier|own,*,250.00,2027-01-01,true,\"Art 7(1), a\"\n\
               2026-07-01..,own,true,100 EUR,2027-01-01,false,\n\
               2026-07-01..,own,false,0.50 EUR,2027-01-01,false,第七条\n\
               2026-07-01..2026-12-30,carrier,*,1,2027-01-01,false,x\n\
               2026-12-31,carrier,*,2,2027-01-01,false,x\n";
    let release = bench(inputs, outputs, csv).read().unwrap();
    let table = release.tables().get("lateness").unwrap();
    let find = |on: &str, cause: &str, gift: bool| {
        let inputs = [
            Value::Date(on.parse().unwrap()),
            Value::Text(cause.into()),
            Value::Bool(gift),
        ];
        let row = table.find(&inputs).unwrap();
        match table.output(row, "sum") {
            Some(Value::Money(money)) => money.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(find("2026-06-30", "own", true), "250.00 EUR");
    assert_eq!(find("2026-07-01", "own", true), "100.00 EUR");
    assert_eq!(find("2026-07-01", "own", false), "0.50 EUR");
    assert_eq!(find("2026-12-30", "carrier", false), "1.00 EUR");
    assert_eq!(find("2026-12-31", "carrier", false), "2.00 EUR");
}

#[test]
fn sums_and_enum_values_that_do_not_fit_are_refused() {
    let cell = |inputs: &str, outputs: &str, row: &str| {
        let name = |column: &str| {
            column
                .trim_matches('"')
                .split(':')
                .next()
                .unwrap()
                .to_owned()
        };
        let csv = format!("{},{}\n{row}\n", name(inputs), name(outputs));
        errors(inputs, outputs, &csv)
    };
    let money = |amount: &str| cell(INPUTS, "\"sum: money EUR\"", &format!("*,{amount}"));
    assert!(
        money("5.00 USD").ends_with("\"5.00 USD\" is not an amount such as \"250.00 EUR\""),
        "{}",
        money("5.00 USD")
    );
    assert!(money("5.0").contains("decimal digits"), "{}", money("5.0"));
    assert!(money("").contains("is not an amount"), "{}", money(""));
    let cause = |value: &str| {
        cell(
            "\"cause: enum own|carrier\"",
            "\"n: int\"",
            &format!("{value},1"),
        )
    };
    let start = "tables/lateness.csv:2: column 1 (cause): ";
    assert_eq!(
        cause("other"),
        format!("{start}expected one of own, carrier, found \"other\"")
    );
    assert_eq!(
        cause("own|own"),
        format!("{start}\"own|own\" names a value twice")
    );
    assert_eq!(
        cause("own|"),
        format!("{start}expected one of own, carrier, found \"own|\"")
    );
}

#[test]
fn columns_are_declared_with_name_and_type() {
    let start = "release.toml:22: table[0].inputs[0]: expected \"name: type\"";
    for bad in [
        "days_late",
        "days_late: int",
        "days_late: int 5",
        "days_late: number",
        "Days: bool",
        "days_late: bool 1",
        "days_late: date 2026-01-01",
        "days_late: enum ",
        "days_late: enum a||b",
        "days_late: text",
    ] {
        let errors = errors(&format!("\"{bad}\""), OUTPUTS, "x\n");
        assert!(errors.starts_with(start), "{bad}: {errors}");
    }
    let errors = errors(INPUTS, "\"sum: money EUX\"", "x\n");
    assert_eq!(
        errors,
        "release.toml:23: table[0].outputs[0]: \"EUX\" is not an ISO 4217 currency code"
    );
    let errors = self::errors(
        "\"days_late: int 5..0\"",
        OUTPUTS,
        "days_late,tier,percent\n",
    );
    assert_eq!(
        errors,
        "release.toml:18: table[0]: column \"days_late\": the range ends before it starts"
    );
}

#[test]
fn two_tables_of_one_name_are_refused() {
    let bench = Bench::new();
    let text = std::fs::read_to_string(bench.path("release.toml")).unwrap();
    let table = text.split_once("[[table]]").unwrap().1;
    bench.write("release.toml", format!("{text}[[table]]{table}"));
    assert_eq!(
        bench.errors(),
        "release.toml:24: table[1]: two tables are named \"lateness\""
    );
}
