//! A real browser for the pages that the program writes. Where there is none, the tests say so
//! and look at the file alone; `tests/debian.sh chromium fonts-noto-cjk` installs one.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::run::arg;

/// Says that there is no browser, in the test's own output.
pub(crate) fn skipped(test: &str) {
    eprintln!("skipped: {test}: no Chromium; tests/debian.sh chromium fonts-noto-cjk installs one");
}

fn program() -> Option<&'static str> {
    let mut names = ["chromium", "chromium-browser", "google-chrome"].into_iter();
    names.find(|name| {
        let mut version = Command::new(name);
        version.arg("--version");
        let quiet = version.stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    })
}

/// What makes one run like another. The profile is a folder of the test's own.
fn options(folder: &Path) -> Vec<String> {
    let fixed = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        "--force-prefers-reduced-motion",
        "--disable-lcd-text",
    ];
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let fixed = fixed.into_iter().map(str::to_owned);
    fixed.chain([profile]).collect()
}

/// Opens an address once and gives what the browser prints; `None` if there is no browser.
pub(crate) fn run(folder: &Path, more: &[&str], address: &str) -> Option<Vec<u8>> {
    let output = Command::new(program()?)
        .args(options(folder))
        .arg("--virtual-time-budget=5000")
        .args(more)
        .arg(address)
        .output()
        .ok()?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(output.stdout)
}

/// Holds a picture of an address against the one that is kept, within a tolerance: fonts
/// differ between machines, a page that falls apart differs more. `None` without a browser.
pub(crate) fn looks_as_kept(folder: &Path, name: &str, size: &str, address: &str) -> Option<()> {
    let picture = folder.join(format!("{name}.png"));
    let shot = format!("--screenshot={}", picture.display());
    let size = format!("--window-size={size}");
    run(folder, &[&shot, &size], address)?;
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/pictures");
    let golden = kept.join(format!("{name}.png"));
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        fs::create_dir_all(&kept).unwrap();
        fs::copy(&picture, &golden).unwrap();
        return Some(());
    }
    let differs = Picture::read(&picture).differs_from(&Picture::read(&golden));
    assert!(
        differs <= 4.0,
        "{name}: {differs:.2} % of the cells differ; {} and {}",
        golden.display(),
        picture.display()
    );
    Some(())
}

/// A picture as the mean brightness of cells of eight by eight points.
struct Picture {
    across: usize,
    cells: Vec<u8>,
}

impl Picture {
    fn read(path: &Path) -> Self {
        let file = BufReader::new(
            File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
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
        let pairs = self.cells.iter().zip(&other.cells);
        let differ = pairs.filter(|(one, other)| one.abs_diff(**other) > 48);
        let differ = u32::try_from(differ.count()).unwrap();
        f64::from(differ) * 100.0 / f64::from(u32::try_from(self.cells.len()).unwrap())
    }
}

/// A browser that is told what to do over two pipes, in the DevTools protocol: the tab of a
/// page that takes keys as a person gives them.
pub(crate) struct Session {
    /// The pipes and the profile, of this session alone.
    _own: TempDir,
    browser: Child,
    input: File,
    answers: Receiver<Value>,
    /// The tab, once it is there.
    session: Option<String>,
    last: u64,
}

impl Session {
    /// Opens a page; `None` if there is no browser.
    pub(crate) fn open(folder: &Path, address: &str) -> Option<Self> {
        let program = program()?;
        let own = tempfile::tempdir_in(folder).unwrap();
        let folder = own.path();
        let pipe = |name: &str| -> PathBuf {
            let path = folder.join(name);
            let made = Command::new("mkfifo").arg(&path).status();
            assert!(made.unwrap().success());
            path
        };
        let (to, from) = (pipe("to"), pipe("from"));
        // The browser reads from descriptor 3 and writes to 4, which a shell opens for it.
        let browser = Command::new("sh")
            .args(["-c", "exec 3<\"$1\" 4>\"$2\"; shift 2; exec \"$@\"", "sh"])
            .args([arg(&to), arg(&from), program])
            .args(options(folder))
            .arg("--remote-debugging-pipe")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = File::options().write(true).open(to).unwrap();
        let mut output = BufReader::new(File::open(from).unwrap());
        let (send, answers) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while output
                .read_until(0, &mut message)
                .is_ok_and(|read| read > 0)
            {
                let _ = message.pop();
                let Ok(answer) = serde_json::from_slice(&message) else {
                    return;
                };
                if send.send(answer).is_err() {
                    return;
                }
                message.clear();
            }
        });
        let mut session = Self {
            _own: own,
            browser,
            input,
            answers,
            session: None,
            last: 0,
        };
        let made = session.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": made["targetId"], "flatten": true});
        let attached = session.call("Target.attachToTarget", attach);
        session.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        session.call("Page.enable", json!({}));
        session.call(
            "Emulation.setFocusEmulationEnabled",
            json!({"enabled": true}),
        );
        session.send("Page.navigate", json!({"url": address}));
        while session.next()["method"] != "Page.loadEventFired" {}
        Some(session)
    }

    fn next(&self) -> Value {
        let answer = self.answers.recv_timeout(Duration::from_secs(60));
        answer.expect("the browser says nothing any more")
    }

    fn send(&mut self, method: &str, parameters: Value) {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).unwrap();
    }

    /// What the browser answers to a command.
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.send(method, parameters);
        loop {
            let mut answer = self.next();
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].take();
            }
        }
    }

    /// The value of an expression in the page, once what it promises is there.
    #[track_caller]
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", asked);
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].take()
    }

    /// The text that an expression in the page gives.
    #[track_caller]
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value
            .as_str()
            .unwrap_or_else(|| panic!("{value}"))
            .to_owned()
    }

    /// Presses and releases a key, and waits for the next picture.
    pub(crate) fn press(&mut self, key: &str) {
        let (name, shift) = match key.strip_prefix("Shift+") {
            Some(name) => (name, 8),
            None => (key, 0),
        };
        let (code, text) = match name {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            " " => (32, " "),
            "End" => (35, ""),
            "Home" => (36, ""),
            "ArrowUp" => (38, ""),
            "ArrowDown" => (40, ""),
            other => panic!("{other} is no key of these tests"),
        };
        let down = json!({"type": "keyDown", "key": name, "code": name, "text": text,
            "windowsVirtualKeyCode": code, "modifiers": shift});
        let up = json!({"type": "keyUp", "key": name, "code": name,
            "windowsVirtualKeyCode": code, "modifiers": shift});
        self.call("Input.dispatchKeyEvent", down);
        self.call("Input.dispatchKeyEvent", up);
        self.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))");
    }

    /// Types a text into what has the focus.
    pub(crate) fn type_in(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}
