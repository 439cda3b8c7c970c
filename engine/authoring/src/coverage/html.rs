//! Coverage as pages: one for each release and one that lists them. Each page is a file
//! that loads nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::show::on_source;
use super::{Coverage, Metric, ScriptCover, Share};

const STYLE: &str = include_str!("page.css");

/// The name of a release's page in a folder.
fn file(release: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '_'
        }
    };
    format!("{}.html", release.chars().map(plain).collect::<String>())
}

/// The page that lists the releases, `index.html`.
#[must_use]
pub fn index(all: &[Coverage]) -> String {
    let mut body =
        String::from("<h1>Coverage</h1>\n<div class=wide><table class=shares>\n<tr><th>release");
    for metric in Metric::ALL {
        body.push_str(&format!("<th>{}", metric.name()));
    }
    body.push('\n');
    for coverage in all {
        body.push_str(&format!(
            "<tr><td><a href=\"{}\">{}</a>",
            file(&coverage.release),
            escaped(&coverage.release)
        ));
        for metric in Metric::ALL {
            body.push_str(&cell(coverage.share(metric)));
        }
        body.push('\n');
    }
    body.push_str("</table></div>\n");
    document("Coverage", &body)
}

/// The page of a release, with the name of its file.
#[must_use]
pub fn page(coverage: &Coverage) -> (String, String) {
    let title = escaped(&coverage.release);
    let mut body = format!("<p><a href=\"index.html\">all releases</a></p>\n<h1>{title}</h1>\n");
    body.push_str("<div class=wide><table class=shares>\n<tr>");
    for metric in Metric::ALL {
        body.push_str(&format!("<th>{}", metric.name()));
    }
    body.push_str("\n<tr>");
    for metric in Metric::ALL {
        body.push_str(&cell(coverage.share(metric)));
    }
    body.push_str("\n</table></div>\n");
    if let Some(script) = &coverage.script {
        of_script(&mut body, script, coverage);
    }
    for table in &coverage.tables {
        body.push_str(&format!(
            "<h2>Table {}</h2>\n<p class=file>{}</p>\n<div class=wide><table class=source>\n",
            escaped(&table.name),
            escaped(&table.file)
        ));
        for row in &table.rows {
            source_row(&mut body, row.line, Some(row.count), &escaped(&row.text));
        }
        body.push_str("</table></div>\n");
    }
    if !coverage.guardrails.is_empty() {
        body.push_str("<h2>Guardrails</h2>\n<div class=wide><table class=source>\n");
        for entry in &coverage.guardrails {
            let text = format!("{} <b>{}</b>", entry.section, escaped(&entry.name));
            source_row(
                &mut body,
                entry.line.unwrap_or(0),
                Some(entry.touched),
                &text,
            );
        }
        body.push_str("</table></div>\n");
    }
    (file(&coverage.release), document(&title, &body))
}

fn of_script(body: &mut String, script: &ScriptCover, coverage: &Coverage) {
    body.push_str(&format!(
        "<h2>Script</h2>\n<p class=file>{}</p>\n<div class=wide><table class=source>\n",
        escaped(&script.file)
    ));
    let mut notes: BTreeMap<u32, Vec<(&str, String)>> = BTreeMap::new();
    for (at, what) in on_source(script) {
        let text = format!("{what}: <code>{}</code>", escaped(&script.words(at)));
        notes
            .entry(script.line(at))
            .or_default()
            .push(("bad", text));
    }
    for decision in script.decisions.iter().filter(|it| it.conditions.len() > 1) {
        for condition in &decision.conditions {
            let Some((held, not)) = condition.pair else {
                continue;
            };
            let name = |at: usize| coverage.cases.get(at).map_or("", String::as_str);
            let text = format!(
                "<code>{}</code> decides by itself: it holds in {}, not in {}",
                escaped(&script.words(condition.at)),
                escaped(name(held)),
                escaped(name(not))
            );
            let line = script.line(condition.at);
            notes.entry(line).or_default().push(("good", text));
        }
    }
    let counts: BTreeMap<u32, u64> = script.statements.iter().copied().collect();
    let text = script.lines.text().trim_start_matches('\u{feff}');
    for (line, text) in (1_u32..).zip(text.lines()) {
        source_row(body, line, counts.get(&line).copied(), &escaped(text));
        for (class, note) in notes.remove(&line).unwrap_or_default() {
            let _infallible = writeln!(body, "<tr class=note><td><td><td class={class}>{note}");
        }
    }
    body.push_str("</table></div>\n");
}

/// A line of a file with how often it was gone through, if it can be.
fn source_row(body: &mut String, line: u32, count: Option<u64>, text: &str) {
    let class = match count {
        None => "plain",
        Some(0) => "missed",
        Some(_) => "hit",
    };
    let number = if line == 0 {
        String::new()
    } else {
        line.to_string()
    };
    let count = count.map(|count| count.to_string()).unwrap_or_default();
    let _infallible = writeln!(
        body,
        "<tr class={class}><td class=number>{number}<td class=count>{count}<td><pre>{text}</pre>"
    );
}

fn cell(share: Share) -> String {
    let class = match share.hit == share.found {
        true => "all",
        false => "part",
    };
    format!("<td class={class}>{share}")
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n\
         <meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n{body}</html>\n"
    )
}

/// Text that becomes no markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
