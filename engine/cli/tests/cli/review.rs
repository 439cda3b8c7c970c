//! The review page in a real browser, by its keyboard, on paper and as a screen reader has it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::chromium::{self, Session, skipped};
use crate::run::{arg, fixtures, redress};

const OLD: &str = "policies/rail/delay/1.0.0";
const NEW: &str = "policies/rail/delay/1.1.0";

/// A page about so many journeys, each decided otherwise: the new version covers them and
/// pays a quarter more.
struct Page {
    folder: TempDir,
    file: PathBuf,
}

impl Page {
    fn new(journeys: usize) -> Self {
        Self::without(journeys, "proofs,coverage,mutants")
    }

    /// The same without these parts only.
    fn without(journeys: usize, skip: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("delay/1.1.0");
        fs::create_dir_all(&new).unwrap();
        let status = Command::new("cp")
            .arg("-r")
            .arg(fixtures().join(NEW).join("."))
            .arg(&new)
            .status();
        assert!(status.unwrap().success());
        let table = new.join("tables/shares.csv");
        let text = fs::read_to_string(&table).unwrap();
        assert!(text.contains("60..119,25"), "{text}");
        fs::write(table, text.replace("60..119,25", "60..119,50")).unwrap();
        let header = fs::read_to_string(fixtures().join("journeys.csv")).unwrap();
        let header = header.lines().next().unwrap().to_owned();
        let mut history = format!("{header}\n");
        for number in 0..journeys {
            let row = header.split(',').map(|column| match column {
                "journey" => format!("j{number:05}"),
                "day" => format!("2025-{:02}-{:02}", number % 12 + 1, number % 28 + 1),
                "from" => ["Bern", "Basel", "北京"][number % 3].to_owned(),
                "to" => ["Genf", "Zug"][number % 2].to_owned(),
                "delay_minutes" => (60 + number % 59).to_string(),
                "fare" => format!("{}.00 EUR", 40 + number % 60),
                "cause" => "staff".to_owned(),
                _ => String::new(),
            });
            history.push_str(&row.collect::<Vec<_>>().join(","));
            history.push('\n');
        }
        let journeys = folder.path().join("journeys.csv");
        fs::write(&journeys, history).unwrap();
        let file = folder.path().join("review.html");
        let ran = redress(&[
            "review",
            arg(&new),
            "--against",
            OLD,
            "--history",
            arg(&journeys),
            "-o",
            arg(&file),
            "--set",
            "cause=operator",
            "--skip",
            skip,
        ]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        Self { folder, file }
    }

    fn address(&self, fragment: &str) -> String {
        format!("file://{}#{fragment}", self.file.display())
    }

    /// What the page's script made of it.
    fn dom(&self, fragment: &str) -> Option<String> {
        chromium::run(self.folder.path(), &["--dump-dom"], &self.address(fragment))
            .map(|dom| String::from_utf8(dom).unwrap())
    }

    /// The page in a browser that takes keys.
    fn session(&self, fragment: &str) -> Option<Session> {
        Session::open(self.folder.path(), &self.address(fragment))
    }
}

#[test]
fn the_page_holds_what_the_backtest_found() {
    let page = Page::new(30);
    let text = fs::read_to_string(&page.file).unwrap();
    assert!(text.starts_with("<!doctype html>"));
    let several = redress(&[
        "review",
        "policies/rail/delay",
        "--against",
        OLD,
        "--history",
        "journeys.csv",
        "-o",
        arg(&page.file),
    ]);
    assert_eq!(several.code, 2);
    assert!(
        several.err.contains("holds several versions"),
        "{}",
        several.err
    );
}

/// A page about part of a history tells how many rows are missing, or is not written at all.
#[test]
fn a_strict_review_of_broken_rows_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("review.html");
    let mut review = vec!["review", NEW, "--against", OLD, "--history", "journeys.csv"];
    review.extend(["--skip", "proofs,coverage,mutants", "-o", arg(&file)]);
    let strict = redress(&[&review[..], &["--strict"]].concat());
    assert_eq!(strict.code, 3, "{}", strict.err);
    for told in ["journeys.csv:10:", "2 rows were not decided, and --strict"] {
        assert!(
            strict.err.contains(told),
            "{told} is not in:\n{}",
            strict.err
        );
    }
    assert!(!file.exists());
    assert_eq!(redress(&review).code, 0);
    let page = fs::read_to_string(&file).unwrap();
    assert!(page.contains("\"bad_rows\":2"));
}

#[test]
fn ten_thousand_flips_are_a_short_list() {
    let page = Page::new(10_000);
    let Some(dom) = page.dom("lang=en") else {
        return skipped("ten_thousand_flips_are_a_short_list");
    };
    assert!(dom.contains("data-ready="), "the script did not end");
    assert!(
        dom.contains("10,000 of 10,000 kept cases"),
        "not every case is in the page"
    );
    let rows = dom.matches("role=\"option\"").count();
    assert!((5..60).contains(&rows), "{rows} rows are drawn");
    assert!(dom.contains("aria-setsize=\"10000\""));
}

#[test]
fn the_page_speaks_both_languages_and_opens_a_case() {
    let page = Page::new(40);
    let Some(english) = page.dom("lang=en&open=j00007") else {
        return skipped("the_page_speaks_both_languages_and_opens_a_case");
    };
    assert!(
        english.contains("<html lang=\"en\""),
        "no language is named"
    );
    assert!(english.contains("In short") && english.contains("Sign-off"));
    let (_, drawer) = english.split_once("<dialog").unwrap();
    assert!(
        drawer.contains("j00007") && drawer.contains("delay_minutes"),
        "{drawer}"
    );
    assert!(drawer.contains("open=\"\""), "the drawer is closed");
    let chinese = page.dom("lang=zh").unwrap();
    // The script holds both languages, what it drew only one.
    let (chinese, _) = chinese.split_once("<script").unwrap();
    assert!(chinese.contains("<html lang=\"zh-CN\""));
    assert!(
        chinese.contains("概要") && chinese.contains("审阅意见") && !chinese.contains("In short")
    );
    // Headings, tables and controls that a screen reader needs a name for.
    assert_eq!(chinese.matches("<h1").count(), 1);
    for named in [
        "aria-live=\"polite\"",
        "role=\"listbox\"",
        "scope=\"col\"",
        "scope=\"row\"",
        "aria-labelledby=\"drawer-title\"",
    ] {
        assert!(chinese.contains(named), "{named}");
    }
}

/// What was run stands on the page, and what was not stands there by its name.
#[test]
fn the_page_holds_proofs_coverage_and_mutants() {
    let page = Page::without(40, "mutants");
    let text = fs::read_to_string(&page.file).unwrap();
    for found in [
        "\"proofs\":{\"found\":{\"assumes\":[],\"rows\":[{\"answer\":",
        "\"coverage\":{\"found\":{",
        "\"mutants\":{\"ran\":\"skipped\"}",
        "\"solver\":null",
        "\"name\":\"leapfrog_rate\"",
    ] {
        assert!(text.contains(found), "{found}");
    }
    let Some(dom) = page.dom("lang=en") else {
        return skipped("the_page_holds_proofs_coverage_and_mutants");
    };
    let (dom, _) = dom.split_once("<script").unwrap();
    for drawn in [
        "rail_19 never exceeds its highest sum",
        "No solver was found, so nothing is proved",
        "branches",
        "places that no case goes through",
        "Mutants: not run for this page.",
        "They part before the guardrails act",
        "Leapfrogs",
    ] {
        assert!(dom.contains(drawn), "{drawn}");
    }
}

/// Pictures at two widths, light and dark.
#[test]
fn the_page_looks_as_it_did() {
    let page = Page::new(60);
    for (name, size, fragment) in [
        ("light-1280", "1280,2400", "theme=light&lang=en"),
        ("dark-1280", "1280,2400", "theme=dark&lang=zh"),
        ("light-500", "500,2400", "theme=light&lang=zh"),
        ("dark-500", "500,2400", "theme=dark&lang=en"),
        ("drawer-1280", "1280,900", "theme=light&lang=en&open=j00007"),
    ] {
        let address = page.address(fragment);
        if chromium::looks_as_kept(page.folder.path(), name, size, &address).is_none() {
            return skipped("the_page_looks_as_it_did");
        }
    }
}

/// What can have the focus and is there to be seen, in the order of the page.
const REACHABLE: &str = r#"[...document.querySelectorAll(
    "a[href], button, select, input, textarea, summary, [tabindex='0']")]
    .filter((one) => one.closest("dialog") === null)"#;

/// Whether two elements are one stop of the Tab key: radio buttons of one name are. Others are
/// told by their place, since several tables have a summary of the same words.
const STOP: &str = r#"((one) => one.type === "radio" ? `radio ${one.name}`
    : `${one.tagName} ${one.id || one.getAttribute("href") || one.name || one.textContent} ${
        [...document.querySelectorAll(one.tagName)].indexOf(one)}`)"#;

#[test]
fn the_tab_key_goes_through_the_page_in_its_order_and_shows_where_it_is() {
    let page = Page::new(40);
    let Some(mut browser) = page.session("lang=en") else {
        return skipped("the_tab_key_goes_through_the_page_in_its_order_and_shows_where_it_is");
    };
    let expected = browser.value(&format!("[...new Set({REACHABLE}.map({STOP}))]"));
    let expected = expected.as_array().unwrap();
    assert!(expected.len() > 25, "{expected:?}");
    let here = format!(
        "(() => {{ const one = document.activeElement, css = getComputedStyle(one), \
         box = one.getBoundingClientRect(); return {{ stop: {STOP}(one), \
         outlined: css.outlineStyle !== \"none\" && parseFloat(css.outlineWidth) >= 2, \
         seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight }} }})()"
    );
    for stop in expected {
        browser.press("Tab");
        let found = browser.value(&here);
        assert_eq!(found["stop"], *stop);
        assert_eq!(found["outlined"], true, "{stop} does not show the focus");
        assert_eq!(found["seen"], true, "{stop} has the focus out of sight");
    }
    // And back, and over all of that at once by the link before everything.
    browser.press("Shift+Tab");
    let before = &expected[expected.len() - 2];
    assert_eq!(browser.value(&here)["stop"], *before);
    browser.value("document.querySelector('.skip').focus()");
    browser.press("Enter");
    assert_eq!(browser.text("document.activeElement.id"), "main");
}

#[test]
fn cases_are_filtered_opened_and_closed_with_the_keyboard_alone() {
    let page = Page::new(400);
    let Some(mut browser) = page.session("lang=en") else {
        return skipped("cases_are_filtered_opened_and_closed_with_the_keyboard_alone");
    };
    let active = "(() => { const id = $('list').getAttribute('aria-activedescendant'), \
        row = id && document.getElementById(id), list = $('list').getBoundingClientRect(), \
        box = row && row.getBoundingClientRect(); return { id, \
        case: row && row.firstChild.textContent, selected: row && row.ariaSelected, \
        seen: !!row && box.top >= list.top - 1 && box.bottom <= list.bottom + 1 } })()"
        .replace("$(", "document.getElementById(");
    let shown = "document.getElementById('shown').textContent";
    let focus = "document.activeElement.id";
    assert_eq!(browser.text(shown), "400 of 400 kept cases");
    browser.value("document.getElementById('list').focus()");
    // The row that is chosen is always one that is there and in sight.
    for (key, place) in [
        ("End", 400),
        ("ArrowUp", 399),
        ("Home", 1),
        ("ArrowDown", 2),
    ] {
        browser.press(key);
        let found = browser.value(&active);
        assert_eq!(found["id"], format!("r{}", place - 1), "{key}");
        assert_eq!(
            (&found["selected"], &found["seen"]),
            (&"true".into(), &true.into()),
            "{key}"
        );
    }
    // Even where somebody scrolls it away with a wheel.
    browser.value("document.getElementById('list').scrollTop = 9000");
    browser.press("Shift+Tab");
    browser.press("Tab");
    let found = browser.value(&active);
    assert_eq!(
        (&found["id"], &found["selected"]),
        (&"r1".into(), &"true".into())
    );
    // Back to the filter, which stands before the list.
    browser.press("Shift+Tab");
    assert_eq!(browser.text(focus), "f-text");
    browser.type_in("j00007");
    assert_eq!(browser.text(shown), "1 of 400 kept cases");
    browser.press("Tab");
    assert_eq!(browser.text(focus), "list");
    assert_eq!(browser.value(&active)["case"], "j00007");
    browser.press("Enter");
    let drawer = "document.getElementById('drawer')";
    assert_eq!(browser.value(&format!("{drawer}.open")), true);
    let title = "document.getElementById('drawer-title').textContent";
    assert_eq!(browser.text(title), "j00007");
    // The focus stays in the drawer, or goes to the browser's own bar.
    let inside = format!("{drawer}.contains(document.activeElement)");
    assert_eq!(browser.value(&inside), true);
    for _ in 0..3 {
        browser.press("Tab");
        let outside = format!("!{inside} && document.activeElement !== document.body");
        assert_eq!(browser.value(&outside), false);
    }
    browser.press("Escape");
    assert_eq!(browser.value(&format!("{drawer}.open")), false);
    assert_eq!(browser.text(focus), "list");
    // The same by the space bar and by the button.
    browser.press(" ");
    browser.value("document.getElementById('close').focus()");
    browser.press("Enter");
    assert_eq!(browser.value(&format!("{drawer}.open")), false);
    assert_eq!(browser.text(focus), "list");
    // A filter that leaves nothing says so, names no row, and Enter opens nothing.
    browser.press("Shift+Tab");
    browser.type_in("x");
    assert_eq!(browser.text(shown), "0 of 400 kept cases");
    browser.press("Tab");
    assert_eq!(browser.value(&active)["id"], serde_json::Value::Null);
    browser.press("End");
    browser.press("Enter");
    assert_eq!(browser.value(&format!("{drawer}.open")), false);
}

#[test]
fn a_print_holds_every_section_and_no_control() {
    let page = Page::new(60);
    let Some(mut browser) = page.session("lang=en&theme=dark&open=j00007") else {
        return skipped("a_print_holds_every_section_and_no_control");
    };
    browser.call(
        "Emulation.setEmulatedMedia",
        serde_json::json!({"media": "print"}),
    );
    let height = |of: &str| {
        format!(
            "Math.max(0, ...[...document.querySelectorAll('{of}')].map((one) => one.getBoundingClientRect().height))"
        )
    };
    let sections = browser.value("[...document.querySelectorAll('main > section')].map((one) => [one.id, one.querySelector('h2').getBoundingClientRect().height, one.getBoundingClientRect().height])");
    let sections = sections.as_array().unwrap();
    assert_eq!(sections.len(), 11);
    for section in sections {
        let tall = |at: usize| section[at].as_f64().unwrap();
        assert!(tall(1) > 10.0 && tall(2) > tall(1), "{section}");
    }
    for hidden in [
        "#drawer",
        "#list",
        ".bar",
        "nav",
        ".filters",
        "#shown",
        "form button",
    ] {
        assert_eq!(browser.value(&height(hidden)), 0, "{hidden}");
    }
    for there in [
        "#printed table",
        "#plots svg",
        "#words details table",
        "figure table",
    ] {
        let tall = browser.value(&height(there));
        assert!(tall.as_f64().unwrap() > 10.0, "{there} is not on paper");
    }
    // Black on white, whatever the screen was.
    let colours = browser.value("(() => { const css = getComputedStyle(document.body); return [css.color, css.backgroundColor] })()");
    assert_eq!(
        colours,
        serde_json::json!(["rgb(0, 0, 0)", "rgb(255, 255, 255)"])
    );
    let folded = "document.querySelectorAll('details:not([open])').length";
    let before = browser.value(folded);
    let printed = browser.call("Page.printToPDF", serde_json::json!({}));
    let pdf = printed["data"].as_str().unwrap();
    assert!(pdf.starts_with("JVBERi0"), "no PDF");
    assert!(pdf.len() > 100_000, "{} characters", pdf.len());
    assert_eq!(
        browser.value(folded),
        before,
        "what was folded is folded again"
    );
}

/// What a screen reader is given, in the browser's own words.
#[test]
fn a_screen_reader_finds_landmarks_names_and_heads() {
    let page = Page::without(40, "proofs,mutants");
    for language in ["en", "zh"] {
        let Some(mut browser) = page.session(&format!("lang={language}")) else {
            return skipped("a_screen_reader_finds_landmarks_names_and_heads");
        };
        // What is out of sight or folded is read as well.
        browser.value("document.querySelectorAll('details').forEach((one) => one.open = true), document.head.append(Object.assign(document.createElement('style'), { textContent: 'main > section { content-visibility: visible !important }' }))");
        browser.call("Accessibility.enable", serde_json::json!({}));
        let tree = browser.call("Accessibility.getFullAXTree", serde_json::json!({}));
        let nodes = tree["nodes"].as_array().unwrap();
        let role =
            |node: &serde_json::Value| node["role"]["value"].as_str().unwrap_or("").to_owned();
        let count = |wanted: &str| nodes.iter().filter(|node| role(node) == wanted).count();
        for landmark in ["banner", "main", "navigation", "contentinfo"] {
            assert_eq!(count(landmark), 1, "{landmark}");
        }
        for (several, least) in [("table", 8), ("image", 4), ("option", 5), ("radio", 2)] {
            assert!(count(several) >= least, "{several}: {}", count(several));
        }
        let named = [
            "button",
            "link",
            "combobox",
            "searchbox",
            "textbox",
            "radio",
            "image",
            "listbox",
            "option",
            "columnheader",
            "rowheader",
            "heading",
            "navigation",
        ];
        for node in nodes {
            let role = role(node);
            if node["ignored"] == true || !named.contains(&role.as_str()) {
                continue;
            }
            let name = node["name"]["value"].as_str().unwrap_or("");
            assert!(!name.trim().is_empty(), "a {role} has no name: {node}");
        }
        // Levels of headings leave none out, and each table has heads for its cells.
        let skipped = browser.value("(() => { let last = 0; return [...document.querySelectorAll('h1, h2, h3, h4')].filter((one) => !one.closest('dialog')).filter((one) => { const level = Number(one.tagName[1]), leaps = level > last + 1; last = level; return leaps; }).map((one) => one.textContent) })()");
        assert_eq!(skipped, serde_json::json!([]));
        let bare = browser.value("[...document.querySelectorAll('main table')].filter((one) => !one.querySelector('th[scope=row]')).map((one) => one.textContent.slice(0, 80))");
        assert_eq!(bare, serde_json::json!([]));
        for live in ["shown", "saved"] {
            let polite = browser.text(&format!("document.getElementById('{live}').ariaLive"));
            assert_eq!(polite, "polite");
        }
    }
}

/// Every text against what stands behind it, by the formula of WCAG 2.2 (1.4.3): 4.5 to 1, and
/// 3 to 1 where it is large.
const PALE: &str = r#"(() => {
    const parts = (colour) => {
        const numbers = colour.match(/[\d.]+(e-?\d+)?/g).map(Number), alpha = numbers[3] ?? 1;
        const scale = colour.startsWith("color(") ? 255 : 1;
        return [numbers[0] * scale, numbers[1] * scale, numbers[2] * scale, alpha];
    };
    const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
    const behind = (one) => {
        const chain = [];
        for (let at = one; at; at = at.parentElement) chain.push(parts(getComputedStyle(at).backgroundColor));
        return chain.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    };
    const light = (colour) => {
        const [r, g, b] = colour.map((part) => { const v = part / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    let texts = 0;
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const one = node.parentElement, css = getComputedStyle(one);
        if (!node.textContent.trim() || one.closest("script, style") || !one.getClientRects().length) continue;
        const back = behind(one), ink = one.closest("svg") ? css.fill : css.color;
        const front = over(parts(ink), back), [a, b] = [light(front), light(back)];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const size = parseFloat(css.fontSize), large = size >= 24 || (size >= 18.66 && Number(css.fontWeight) >= 700);
        texts += 1;
        if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${node.textContent.trim().slice(0, 40)}`);
    }
    return { texts, found };
})()"#;

#[test]
fn every_text_can_be_told_from_its_ground_in_light_and_dark() {
    let page = Page::new(40);
    for theme in ["light", "dark"] {
        for open in ["", "&open=j00007"] {
            let Some(mut browser) = page.session(&format!("lang=en&theme={theme}{open}")) else {
                return skipped("every_text_can_be_told_from_its_ground_in_light_and_dark");
            };
            let found = browser.value(PALE);
            assert!(found["texts"].as_u64().unwrap() > 150, "{found}");
            assert_eq!(found["found"], serde_json::json!([]), "{theme}");
        }
    }
}
