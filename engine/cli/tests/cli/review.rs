//! The review page in a real browser. Where there is none, the tests say so and look at
//! the file alone; `tests/debian.sh chromium fonts-noto-cjk` installs one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

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

    fn chromium(&self, options: &[&str], fragment: &str) -> Option<Vec<u8>> {
        let program = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find(|name| {
                Command::new(name)
                    .arg("--version")
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status()
                    .is_ok()
            })?;
        let profile = format!(
            "--user-data-dir={}",
            self.folder.path().join("profile").display()
        );
        let page = format!("file://{}#{fragment}", self.file.display());
        let fixed = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-device-scale-factor=1",
            "--force-prefers-reduced-motion",
            "--virtual-time-budget=5000",
            "--disable-lcd-text",
            &profile,
        ];
        let output = Command::new(program)
            .args(fixed)
            .args(options)
            .arg(page)
            .output()
            .ok()?;
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Some(output.stdout)
    }

    /// What the page's script made of it.
    fn dom(&self, fragment: &str) -> Option<String> {
        self.chromium(&["--dump-dom"], fragment)
            .map(|dom| String::from_utf8(dom).unwrap())
    }
}

/// Says that there is no browser, in the test's own output.
fn skipped(test: &str) {
    eprintln!("skipped: {test}: no Chromium; tests/debian.sh chromium fonts-noto-cjk installs one");
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

/// Pictures at two widths, light and dark, within a tolerance: fonts differ between
/// machines, a page that falls apart differs more.
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
        let picture = page.folder.path().join(format!("{name}.png"));
        let shot = format!("--screenshot={}", picture.display());
        if page
            .chromium(&[&shot, &format!("--window-size={size}")], fragment)
            .is_none()
        {
            return skipped("the_page_looks_as_it_did");
        }
        let golden =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/pictures/{name}.png"));
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            fs::create_dir_all(golden.parent().unwrap()).unwrap();
            fs::copy(&picture, &golden).unwrap();
            continue;
        }
        let (found, expected) = (Picture::read(&picture), Picture::read(&golden));
        let differs = found.differs_from(&expected);
        assert!(
            differs <= 4.0,
            "{name}: {differs:.2} % of the cells differ; {} and {}",
            golden.display(),
            picture.display()
        );
    }
}

/// A picture as the mean brightness of cells of eight by eight points.
struct Picture {
    across: usize,
    cells: Vec<u8>,
}

impl Picture {
    fn read(path: &Path) -> Self {
        let file = std::io::BufReader::new(
            fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        );
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let channels = info.line_size / usize::try_from(info.width).unwrap();
        let (width, height) = (
            usize::try_from(info.width).unwrap(),
            usize::try_from(info.height).unwrap(),
        );
        let mut cells = Vec::new();
        for row in 0..height / 8 {
            for column in 0..width / 8 {
                let mut sum = 0_usize;
                for y in row * 8..row * 8 + 8 {
                    for x in column * 8..column * 8 + 8 {
                        let at = y * info.line_size + x * channels;
                        sum += bytes[at..at + 3]
                            .iter()
                            .map(|byte| usize::from(*byte))
                            .sum::<usize>();
                    }
                }
                cells.push(u8::try_from(sum / 192).unwrap());
            }
        }
        Self {
            across: width / 8,
            cells,
        }
    }

    /// The share of cells that are clearly brighter or darker, in percent.
    fn differs_from(&self, other: &Self) -> f64 {
        assert_eq!(
            (self.across, self.cells.len()),
            (other.across, other.cells.len()),
            "the size of the picture"
        );
        let differ = self
            .cells
            .iter()
            .zip(&other.cells)
            .filter(|(one, other)| one.abs_diff(**other) > 48)
            .count();
        f64::from(u32::try_from(differ).unwrap()) * 100.0
            / f64::from(u32::try_from(self.cells.len()).unwrap())
    }
}
