//! Test results for people, for programs and for CI.

use serde_json::json;

use super::{Run, Suite, Verdict, totals};
use crate::term::{self, Tone};

/// One line for each release, then every failure, then the sum.
pub(super) fn pretty(suites: &[Suite]) -> String {
    let mut text = String::new();
    let rows: Vec<Vec<String>> = suites.iter().map(row).collect();
    text.push_str(&term::columns(&rows, 0));
    for suite in suites {
        if let Some(problem) = &suite.problem {
            text.push_str(&format!(
                "\n{} {}\n",
                Tone::Bad.paint("FAIL"),
                suite.release
            ));
            text.push_str(&indented(problem.text()));
        }
        for run in &suite.runs {
            text.push_str(&failure(suite, run));
        }
    }
    let totals = totals(suites);
    let broken = suites
        .iter()
        .filter(|suite| suite.problem.is_some())
        .count();
    let bad = totals.failed + totals.invalid;
    let tone = if bad + broken == 0 {
        Tone::Good
    } else {
        Tone::Bad
    };
    let mut sum = format!("{} passed, {bad} failed", term::grouped(totals.passed));
    if totals.invalid > 0 {
        sum.push_str(&format!(" ({} of them not valid)", totals.invalid));
    }
    if broken > 0 {
        let releases = if broken == 1 { "release" } else { "releases" };
        sum.push_str(&format!("; {broken} {releases} not usable"));
    }
    text.push_str(&format!("\n{}\n", tone.paint(&sum)));
    text
}

fn row(suite: &Suite) -> Vec<String> {
    let totals = totals(std::slice::from_ref(suite));
    let bad = totals.failed + totals.invalid;
    let (word, tone) = if bad > 0 || suite.problem.is_some() {
        ("FAIL", Tone::Bad)
    } else {
        ("ok", Tone::Good)
    };
    let mut forms: Vec<&str> = Vec::new();
    for run in &suite.runs {
        if !forms.contains(&run.sandbox.name()) {
            forms.push(run.sandbox.name());
        }
    }
    let failed = match bad {
        0 => String::new(),
        _ => format!("{bad} failed"),
    };
    vec![
        tone.paint(word),
        suite.release.clone(),
        term::pad_left(&format!("{} passed", term::grouped(totals.passed)), 12),
        forms.join(", "),
        failed,
    ]
}

fn failure(suite: &Suite, run: &Run) -> String {
    let mut text = String::new();
    let mut head = |what: &str| {
        let fail = Tone::Bad.paint("FAIL");
        text.push_str(&format!(
            "\n{fail} {}: {} ({})\n",
            suite.release,
            run.name,
            run.sandbox.name()
        ));
        let arrow = Tone::Place.paint("-->");
        text.push_str(&format!("  {arrow} {}{what}\n", run.file.display()));
    };
    match &run.verdict {
        Verdict::Passed => {}
        Verdict::Invalid(problem) => {
            head(": the facts are not valid");
            text.push_str(&indented(problem));
        }
        Verdict::Failed(differences) => {
            head("");
            let rows: Vec<Vec<String>> = differences
                .iter()
                .flat_map(|difference| {
                    let line = |key: &str, word: &str, value: String| {
                        vec![key.to_owned(), word.to_owned(), value]
                    };
                    [
                        line(
                            &difference.key,
                            "expected",
                            Tone::Good.paint(&difference.expected),
                        ),
                        line("", "found", Tone::Bad.paint(&difference.found)),
                    ]
                })
                .collect();
            text.push_str(&term::columns(&rows, 2));
        }
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// Every run with its result.
pub(super) fn json(suites: &[Suite]) -> serde_json::Result<String> {
    let totals = totals(suites);
    let suites: Vec<_> = suites
        .iter()
        .map(|suite| {
            let runs: Vec<_> = suite.runs.iter().map(json_run).collect();
            json!({
                "release": suite.release,
                "problem": suite.problem.as_ref().map(super::Problem::text),
                "cases": runs,
            })
        })
        .collect();
    let all = json!({
        "passed": totals.passed,
        "failed": totals.failed,
        "invalid": totals.invalid,
        "releases": suites,
    });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}

fn json_run(run: &Run) -> serde_json::Value {
    let mut object = json!({
        "file": run.file.display().to_string(),
        "name": run.name,
        "sandbox": run.sandbox.name(),
    });
    let (result, more) = match &run.verdict {
        Verdict::Passed => ("passed", None),
        Verdict::Failed(differences) => ("failed", Some(("differences", json!(differences)))),
        Verdict::Invalid(problem) => ("invalid", Some(("problem", json!(problem)))),
    };
    if let Some(object) = object.as_object_mut() {
        object.insert("result".into(), json!(result));
        object.extend(more.map(|(key, value)| (key.to_owned(), value)));
    }
    object
}

/// JUnit XML as CI servers read it: a suite for each release.
pub(super) fn junit(suites: &[Suite]) -> String {
    let all = totals(suites);
    let broken = suites
        .iter()
        .filter(|suite| suite.problem.is_some())
        .count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&format!(
        "<testsuites name=\"redress\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
        all.passed + all.failed + all.invalid + broken,
        all.failed,
        all.invalid + broken
    ));
    for suite in suites {
        let own = totals(std::slice::from_ref(suite));
        let broken = usize::from(suite.problem.is_some());
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
            xml(&suite.release),
            own.passed + own.failed + own.invalid + broken,
            own.failed,
            own.invalid + broken
        ));
        if let Some(problem) = &suite.problem {
            let name = xml(&suite.release);
            text.push_str(&format!(
                "    <testcase classname=\"{name}\" name=\"release\">\n"
            ));
            text.push_str(&format!(
                "      <error message=\"not usable\">{}</error>\n    </testcase>\n",
                xml(problem.text())
            ));
        }
        for run in &suite.runs {
            text.push_str(&junit_run(suite, run));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn junit_run(suite: &Suite, run: &Run) -> String {
    let open = format!(
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\"",
        xml(&suite.release),
        xml(&format!("{} ({})", run.name, run.sandbox.name())),
        xml(&run.file.display().to_string())
    );
    match &run.verdict {
        Verdict::Passed => format!("{open}/>\n"),
        Verdict::Invalid(problem) => format!(
            "{open}>\n      <error message=\"not valid\">{}</error>\n    </testcase>\n",
            xml(problem)
        ),
        Verdict::Failed(differences) => {
            let lines: Vec<String> = differences
                .iter()
                .map(|it| format!("{}: expected {}, found {}", it.key, it.expected, it.found))
                .collect();
            let first = lines.first().map(|line| xml(line)).unwrap_or_default();
            format!(
                "{open}>\n      <failure message=\"{first}\">{}</failure>\n    </testcase>\n",
                xml(&lines.join("\n"))
            )
        }
    }
}

/// Text as XML content or attribute; characters that XML 1.0 cannot hold become U+FFFD.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            control if control.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_escapes_what_would_end_its_place() {
        assert_eq!(
            xml("a<b> & \"c\"\u{0}\n"),
            "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}\n"
        );
    }
}
