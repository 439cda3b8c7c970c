//! Test results for programs and for CI.

use serde_json::json;

use super::{Run, Suite, Verdict, totals};
use crate::defect::Defect;

/// Every run with its result.
///
/// # Errors
/// None in practice: plain values are written into memory.
pub fn json(suites: &[Suite]) -> serde_json::Result<String> {
    let totals = totals(suites);
    let suites: Vec<_> = suites
        .iter()
        .map(|suite| {
            let runs: Vec<_> = suite.runs.iter().map(json_run).collect();
            json!({
                "release": suite.release,
                "problem": suite.problem.as_ref().map(super::Problem::text),
                "defects": defects(suite).map(Defect::to_json).collect::<Vec<_>>(),
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
#[must_use]
pub fn junit(suites: &[Suite]) -> String {
    let all = totals(suites);
    let broken = suites.iter().flat_map(defects).count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&format!(
        "<testsuites name=\"redress\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
        all.passed + all.failed + all.invalid + broken,
        all.failed,
        all.invalid + broken
    ));
    for suite in suites {
        let own = totals(std::slice::from_ref(suite));
        let broken = defects(suite).count();
        text.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
            xml(&suite.release),
            own.passed + own.failed + own.invalid + broken,
            own.failed,
            own.invalid + broken
        ));
        for defect in defects(suite) {
            text.push_str(&junit_defect(suite, defect));
        }
        for run in &suite.runs {
            text.push_str(&junit_run(suite, run));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// What is wrong with each release as a whole.
fn defects(suite: &Suite) -> impl Iterator<Item = &Defect> {
    let problem = suite.problem.as_ref();
    problem.into_iter().flat_map(super::Problem::defects)
}

/// A defect stands as a case of its own that ended in an error, in its file and line.
fn junit_defect(suite: &Suite, defect: &Defect) -> String {
    let file = defect.place.as_ref().map(|place| {
        let line = place.line.map(|line| format!(" line=\"{line}\""));
        let line = line.unwrap_or_default();
        format!(" file=\"{}\"{line}", xml(&place.file))
    });
    format!(
        "    <testcase classname=\"{}\" name=\"release\"{}>\n      <error message=\"{}\">{}</error>\n    </testcase>\n",
        xml(&suite.release),
        file.unwrap_or_default(),
        xml(defect.message.lines().next().unwrap_or_default()),
        xml(&defect.line())
    )
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

/// The Test Anything Protocol, version 14: a line for each run, what went wrong below it.
#[must_use]
pub fn tap(suites: &[Suite]) -> String {
    let mut lines = Vec::new();
    for suite in suites {
        for defect in defects(suite) {
            lines.push(TapLine {
                name: format!("{}: the release", suite.release),
                wrong: Some(("not usable", vec![defect.words()])),
                file: defect.place.as_ref().map(|place| place.file.clone()),
                line: defect.place.as_ref().and_then(|place| place.line),
            });
        }
        for run in &suite.runs {
            lines.push(TapLine {
                name: format!("{}: {} ({})", suite.release, run.name, run.sandbox.name()),
                wrong: match &run.verdict {
                    Verdict::Passed => None,
                    Verdict::Invalid(problem) => Some(("not valid", vec![problem.clone()])),
                    Verdict::Failed(differences) => {
                        Some(("failed", differences.iter().map(told).collect()))
                    }
                },
                file: Some(run.file.display().to_string()),
                line: None,
            });
        }
    }
    let mut text = format!("TAP version 14\n1..{}\n", lines.len());
    for (number, line) in (1_usize..).zip(&lines) {
        let not = if line.wrong.is_some() { "not " } else { "" };
        // A number sign would begin a directive, and a line break a line of its own.
        let name = line.name.replace(['\n', '\r'], " ").replace('\\', "\\\\");
        let name = name.replace('#', "\\#");
        text.push_str(&format!("{not}ok {number} - {name}\n"));
        let Some((severity, problems)) = &line.wrong else {
            continue;
        };
        text.push_str(&format!("  ---\n  severity: {}\n", json!(severity)));
        if let Some(file) = &line.file {
            text.push_str(&format!("  file: {}\n", json!(file)));
        }
        if let Some(at) = line.line {
            text.push_str(&format!("  line: {at}\n"));
        }
        text.push_str("  problems:\n");
        for problem in problems {
            text.push_str(&format!("    - {}\n", json!(problem)));
        }
        text.push_str("  ...\n");
    }
    text
}

struct TapLine {
    name: String,
    wrong: Option<(&'static str, Vec<String>)>,
    file: Option<String>,
    line: Option<u32>,
}

fn told(difference: &super::Difference) -> String {
    let super::Difference {
        key,
        expected,
        found,
    } = difference;
    format!("{key}: expected {expected}, found {found}")
}

/// Annotations as GitHub's workflow commands: one for each failure, on the case's file.
#[must_use]
pub fn github(suites: &[Suite]) -> String {
    let mut text = String::new();
    for suite in suites {
        for defect in defects(suite) {
            text.push_str(&github_defect(suite, defect));
        }
        for run in &suite.runs {
            let problem = match &run.verdict {
                Verdict::Passed => continue,
                Verdict::Invalid(problem) => problem.clone(),
                Verdict::Failed(differences) => {
                    let lines: Vec<String> = differences.iter().map(told).collect();
                    lines.join("\n")
                }
            };
            let title = format!("{}: {} ({})", suite.release, run.name, run.sandbox.name());
            text.push_str(&format!(
                "::error file={},title={}::{}\n",
                property(&run.file.display().to_string()),
                property(&title),
                data(&problem)
            ));
        }
    }
    text.push_str(&format!("{}\n", super::show::sum(suites)));
    text
}

/// An annotation on the file and line of a defect.
fn github_defect(suite: &Suite, defect: &Defect) -> String {
    let mut properties = Vec::new();
    if let Some(place) = &defect.place {
        properties.push(format!("file={}", property(&place.file)));
        properties.extend(place.line.map(|line| format!("line={line}")));
        properties.extend(place.column.map(|column| format!("col={column}")));
    }
    properties.push(format!("title={}", property(&suite.release)));
    let properties = properties.join(",");
    format!("::error {properties}::{}\n", data(&defect.words()))
}

/// Text of a workflow command, escaped as GitHub's own toolkit does.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
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
