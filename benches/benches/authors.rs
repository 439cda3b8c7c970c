//! How long an author waits: for the REPL's answer, and for what is wrong with a script of
//! 1,000 lines after a keystroke.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, bail};
use criterion::Criterion;
use lsp_server::{Connection, Message, Notification, Request};
use redress::{Code, Engine, EngineLimits, Standing};
use redress_authoring::Lang;
use redress_authoring::repl::{Repl, Setting};
use redress_editor::server;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How many lines the script has.
const LINES: usize = 1_000;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    repl(&mut criterion)?;
    keystroke(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies")
}

/// From Enter to the answer: the case is decided and set as a card.
fn repl(criterion: &mut Criterion) -> Result<()> {
    let setting = Setting {
        policy: policies().join("air/eu261"),
        as_of: "2026-03-05T10:00:00Z".parse()?,
        actor: Repl::actor_of(Code::new("agent")?).context("an actor")?,
        standing: Standing::fresh(),
        lang: Lang::En,
        columns: 80,
    };
    let mut repl = Repl::new(Engine::new(EngineLimits::STANDARD), setting)?;
    repl.feed(":case delay_180_minutes");
    if !repl.feed(":run").text.contains("250.00 EUR") {
        bail!("the case is not decided as it should be");
    }
    criterion.bench_function("repl/run", |bencher| bencher.iter(|| repl.feed(":run")));
    Ok(())
}

/// A release with a script of 1,000 lines.
fn long_release() -> Result<(TempDir, PathBuf, String)> {
    let folder = TempDir::new()?;
    let to = folder.path().join("travel/goodwill/1.0.0");
    copy(&policies().join("travel/goodwill/1.0.0"), &to)?;
    let script = to.canonicalize()?.join("policy.rhai");
    let mut text = fs::read_to_string(&script)?;
    let mut number = 0;
    while text.lines().count() < LINES {
        number += 1;
        write!(
            text,
            "\nfn more_{number}(n) {{\n    if n > {number} {{\n        n - {number}\n    }} else {{\n        n + {number}\n    }}\n}}\n"
        )?;
    }
    Ok((folder, script, text))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// From a keystroke to what is wrong: the release is read and its script checked.
fn keystroke(criterion: &mut Criterion) -> Result<()> {
    let (_folder, script, text) = long_release()?;
    let uri = format!("file://{}", script.display());
    let (client, server) = Connection::memory();
    let served = thread::spawn(move || server::serve(&server));
    let notify = |method: &str, params: Value| {
        let notification = Notification::new(method.to_owned(), params);
        client.sender.send(Message::Notification(notification))
    };
    let ask = |id: i32, method: &str, params: Value| {
        let request = Request::new(id.into(), method.to_owned(), params);
        client.sender.send(Message::Request(request))
    };
    ask(1, "initialize", json!({ "capabilities": {} }))?;
    client.receiver.recv()?;
    notify("initialized", json!({}))?;
    let document = json!({ "uri": uri, "languageId": "rhai", "version": 1, "text": text });
    notify("textDocument/didOpen", json!({ "textDocument": document }))?;
    let told = || loop {
        if let Message::Notification(told) = client.receiver.recv()?
            && told.params.get("uri").and_then(Value::as_str) == Some(&uri)
        {
            return anyhow::Ok(told.params.get("diagnostics").cloned().unwrap_or_default());
        }
    };
    told()?;
    let typed = |version: i32, text: &str| {
        let params = json!({
            "textDocument": { "uri": uri, "version": version },
            "contentChanges": [{ "text": text }],
        });
        notify("textDocument/didChange", params)?;
        told()
    };
    let wrong = text.replacen("facts.", "facts.x", 1);
    if typed(2, &wrong)? == json!([]) || typed(3, &text)? != json!([]) {
        bail!("the server does not tell what is wrong");
    }
    criterion.bench_function("lsp/keystroke", |bencher| bencher.iter(|| typed(4, &wrong)));
    ask(2, "shutdown", Value::Null)?;
    notify("exit", Value::Null)?;
    served
        .join()
        .map_err(|_| anyhow::anyhow!("the server panicked"))??;
    Ok(())
}
