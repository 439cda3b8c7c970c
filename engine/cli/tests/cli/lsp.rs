//! The language server, spoken to by a client over its standard input and output.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::run::copied;

struct Client {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: i64,
    /// What the server told without being asked, since it was looked at.
    told: Vec<Json>,
    folder: TempDir,
}

impl Client {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_redress"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        let mut client = Self {
            child,
            to,
            from,
            next: 0,
            told: Vec::new(),
            folder: copied(),
        };
        let offered = client.ask("initialize", json!({ "capabilities": {} }));
        assert_eq!(offered["capabilities"]["hoverProvider"], true);
        client.tell("initialized", json!({}));
        client
    }

    fn file(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().canonicalize().unwrap();
        folder.join("rail/delay/1.1.0").join(name)
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}", self.file(name).display())
    }

    fn send(&mut self, message: &Json) {
        let body = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn receive(&mut self) -> Json {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(
                self.from.read_line(&mut line).unwrap() > 0,
                "the server ended"
            );
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn tell(&mut self, method: &str, params: Json) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks and waits for the whole answer.
    fn respond(&mut self, method: &str, params: Json) -> Json {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                return message;
            }
            self.told.push(message);
        }
    }

    fn ask(&mut self, method: &str, params: Json) -> Json {
        let answer = self.respond(method, params);
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    fn open(&mut self, name: &str, text: &str) {
        let uri = self.uri(name);
        let document = json!({ "uri": uri, "languageId": "x", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, name: &str, text: &str) {
        let uri = self.uri(name);
        let params = json!({
            "textDocument": { "uri": uri, "version": 2 },
            "contentChanges": [{ "text": text }],
        });
        self.tell("textDocument/didChange", params);
    }

    /// What is told next of a file.
    fn problems(&mut self, name: &str) -> Vec<Json> {
        let uri = self.uri(name);
        loop {
            let of_file = |message: &Json| message["params"]["uri"] == uri;
            if let Some(at) = self.told.iter().position(of_file) {
                let message = self.told.remove(at);
                assert_eq!(message["method"], "textDocument/publishDiagnostics");
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
            let message = self.receive();
            self.told.push(message);
        }
    }

    /// The parameters of a question about the first place of a text in a file, and so many
    /// characters into it.
    fn place(&self, name: &str, text: &str, part: &str, into: usize) -> Json {
        let at = text.find(part).unwrap_or_else(|| panic!("no {part}")) + into;
        let line = text[..at].matches('\n').count();
        let character = text[..at]
            .rsplit('\n')
            .next()
            .unwrap()
            .encode_utf16()
            .count();
        json!({
            "textDocument": { "uri": self.uri(name) },
            "position": { "line": line, "character": character },
        })
    }

    fn goodbye(mut self) {
        assert_eq!(self.ask("shutdown", Json::Null), Json::Null);
        self.tell("exit", Json::Null);
        assert!(self.child.wait().unwrap().success());
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn labels(answer: &Json) -> Vec<&str> {
    let items = answer.as_array().unwrap().iter();
    items.map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn what_is_wrong_is_told_while_it_is_typed_and_taken_back() {
    let mut client = Client::start();
    let script = read(&client.file("policy.rhai"));
    client.open("policy.rhai", &script);
    assert_eq!(client.problems("policy.rhai"), Vec::<Json>::new());
    client.change("policy.rhai", &script.replace("facts.fare", "facts.fares"));
    let problems = client.problems("policy.rhai");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0]["code"], "unknown_fact");
    let message = problems[0]["message"].as_str().unwrap();
    assert!(message.contains("fare"), "{message}");
    let line = script
        .lines()
        .position(|line| line.contains("facts.fare"))
        .unwrap();
    assert_eq!(problems[0]["range"]["start"]["line"], line);
    client.change("policy.rhai", &script);
    assert_eq!(client.problems("policy.rhai"), Vec::<Json>::new());

    // Guardrails, by line and key; without them a script is still read as Rhai.
    let guardrails = read(&client.file("guardrails.toml"));
    client.open(
        "guardrails.toml",
        &guardrails.replacen("head = ", "heed = ", 1),
    );
    let problems = client.problems("guardrails.toml");
    assert!(
        problems.iter().any(|problem| {
            let message = problem["message"].as_str().unwrap();
            message.contains("heed") && problem["range"]["start"]["line"].as_u64().unwrap() > 0
        }),
        "{problems:?}"
    );
    assert_eq!(client.problems("policy.rhai"), Vec::<Json>::new());
    client.change("policy.rhai", "fn remedy(facts) {");
    let problems = client.problems("policy.rhai");
    assert_eq!(problems[0]["code"], "syntax", "{problems:?}");
    client.goodbye();
}

#[test]
fn a_word_is_explained_and_leads_to_where_it_is_defined() {
    let mut client = Client::start();
    let script = read(&client.file("policy.rhai"));
    client.open("policy.rhai", &script);
    for (part, into, says, file) in [
        (
            "facts.fare",
            8,
            "**`fare`**: a merit fact, required",
            "facts.schema.json",
        ),
        (
            "facts.fare",
            8,
            "higher is worse for the customer",
            "facts.schema.json",
        ),
        ("\"shares\"", 3, "hit policy", "tables/shares.csv"),
        (
            "\"train_late\"",
            3,
            "**`train_late`**: a reason\n",
            "messages/en.toml",
        ),
        (
            "\"rail_19\"",
            3,
            "**`rail_19`**: a statutory claim",
            "guardrails.toml",
        ),
        ("facts.maybe.tone", 13, "class: route", "facts.schema.json"),
    ] {
        let place = client.place("policy.rhai", &script, part, into);
        let hover = client.ask("textDocument/hover", place.clone());
        let text = hover["contents"]["value"].as_str().unwrap_or_default();
        assert!(text.contains(says), "{part}: {hover}");
        let definition = client.ask("textDocument/definition", place);
        assert_eq!(definition["uri"], client.uri(file), "{part}: {definition}");
    }
    let place = client.place("policy.rhai", &script, "refuse(", 2);
    let hover = client.ask("textDocument/hover", place);
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("refuse("),
        "{hover}"
    );
    let place = client.place("policy.rhai", &script, "let row", 0);
    assert_eq!(client.ask("textDocument/hover", place), Json::Null);

    let case = read(&client.file("cases/60_minutes.toml"));
    client.open("cases/60_minutes.toml", &case);
    let place = client.place("cases/60_minutes.toml", &case, "delay_minutes", 3);
    let hover = client.ask("textDocument/hover", place);
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("unit: minutes"),
        "{hover}"
    );
    client.goodbye();
}

#[test]
fn what_may_follow_is_offered() {
    let mut client = Client::start();
    let script = read(&client.file("policy.rhai"));
    // A line that is half written is no script, and is completed all the same.
    let typed = script.replacen("return refuse(\"own_fault\");", "facts.", 1);
    client.open("policy.rhai", &typed);
    let place = client.place("policy.rhai", &typed, "facts.\n", 6);
    let offered = client.ask("textDocument/completion", place);
    assert!(labels(&offered).contains(&"delay_minutes"), "{offered}");
    assert!(labels(&offered).contains(&"maybe"), "{offered}");
    let place = client.place("policy.rhai", &typed, "\"shares\"", 1);
    let offered = client.ask("textDocument/completion", place);
    for label in ["shares", "rail_19", "train_late", "passenger"] {
        assert!(labels(&offered).contains(&label), "{label}: {offered}");
    }
    let guardrails = format!(
        "{}\n[[statutory]]\n\n",
        read(&client.file("guardrails.toml"))
    );
    client.open("guardrails.toml", &guardrails);
    let place = client.place("guardrails.toml", &guardrails, "[[statutory]]\n\n", 14);
    let offered = client.ask("textDocument/completion", place);
    assert!(labels(&offered).contains(&"max_per_person"), "{offered}");
    client.goodbye();
}

#[test]
fn a_text_is_formatted_and_a_case_is_run() {
    let mut client = Client::start();
    let script = read(&client.file("policy.rhai"));
    client.open("policy.rhai", &script.replace("    ", "\t"));
    let options = json!({
        "textDocument": { "uri": client.uri("policy.rhai") },
        "options": { "tabSize": 4, "insertSpaces": true },
    });
    let edits = client.ask("textDocument/formatting", options);
    assert_eq!(edits[0]["newText"], script);

    let name = "cases/60_minutes.toml";
    let case = read(&client.file(name));
    client.open(name, &case);
    let document = json!({ "textDocument": { "uri": client.uri(name) } });
    let lenses = client.ask("textDocument/codeLens", document);
    let command = &lenses[0]["command"];
    assert_eq!(command["command"], "redress.runCase");
    let run = json!({ "command": command["command"], "arguments": command["arguments"] });
    let went = client.ask("workspace/executeCommand", run.clone());
    assert_eq!(went["passed"], true, "{went}");
    assert!(
        went["message"]
            .as_str()
            .unwrap()
            .starts_with("passed: grant "),
        "{went}"
    );

    let hints = json!({
        "textDocument": { "uri": client.uri(name) },
        "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } },
    });
    let shown = client.ask("textDocument/inlayHint", hints.clone());
    assert!(
        shown[0]["label"].as_str().unwrap().starts_with("→ grant "),
        "{shown}"
    );

    // The amount follows the text, saved or not.
    client.change(
        name,
        &case.replace("delay_minutes = 60", "delay_minutes = 59"),
    );
    let shown = client.ask("textDocument/inlayHint", hints);
    assert_eq!(shown[0]["label"], "→ refuse");
    let went = client.ask("workspace/executeCommand", run);
    assert_eq!(went["passed"], false, "{went}");
    assert!(
        went["message"]
            .as_str()
            .unwrap()
            .contains("outcome: expected grant, found refuse"),
        "{went}"
    );
    client.goodbye();
}

#[test]
fn what_a_client_gets_wrong_is_answered_and_ends_nothing() {
    let mut client = Client::start();
    let answer = client.respond("textDocument/nonsense", json!({}));
    assert_eq!(answer["error"]["code"], -32601, "{answer}");
    let answer = client.respond("textDocument/hover", json!({ "where": 1 }));
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    client.tell("textDocument/didChange", json!({ "what": 1 }));
    client.tell("textDocument/didOpen", json!({
        "textDocument": { "uri": "untitled:1", "languageId": "rhai", "version": 1, "text": "fn" },
    }));
    let place = json!({ "textDocument": { "uri": "untitled:1" }, "position": { "line": 9, "character": 9 } });
    assert_eq!(client.ask("textDocument/hover", place), Json::Null);
    let run = json!({ "command": "redress.runCase", "arguments": [] });
    assert_eq!(client.ask("workspace/executeCommand", run)["passed"], false);
    client.goodbye();
}
