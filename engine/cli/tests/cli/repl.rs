use std::process::{Command, Stdio};

use crate::run::{fixtures, redress, redress_with};

const POLICY: &str = "policies/rail/delay";

#[test]
fn a_pipe_is_answered_without_prompts_or_colours() {
    let blocks = "\u{feff}:case 60_minutes\r\n:set fare 80.00 EUR\nlet half = facts.fare\n  .percent(50)\n\
        if half > money(\"1.00 EUR\") {\n  half\n}\n:run\n\"中文\"\n:nonsense\n:quit\n1 + 1\n";
    let ran = redress_with(
        blocks.as_bytes(),
        &["repl", POLICY, "--as-of", "2026-03-05T10:00:00Z"],
    );
    insta::assert_snapshot!(ran.shown());
}

#[test]
fn hostile_pipes_end_in_messages() {
    let long = format!("\"{}\"\n1 + 1\n", "x".repeat(10_000_000));
    let ran = redress_with(long.as_bytes(), &["repl", POLICY]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(
        ran.out.contains("error: there are more than 65536 bytes"),
        "{:.200}",
        ran.out
    );
    assert!(ran.out.ends_with("2\n"), "{:.200}", ran.out);
    let ran = redress_with(b"1 + \xff\xfe\n(1 +\n", &["repl", POLICY]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("error:"), "{}", ran.out);
}

#[test]
fn a_role_that_nobody_knows_is_warned_of() {
    let ran = redress_with(b"1\n", &["repl", POLICY, "--actor", "role=nobody"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "1\n"));
    assert!(
        ran.err.contains("role \"nobody\" is not in the guardrails"),
        "{}",
        ran.err
    );
}

#[test]
fn a_policy_that_does_not_load_ends_the_command() {
    let ran = redress(&["repl", "policies/nowhere"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("there is no such folder"), "{}", ran.err);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_redress"))
        .args(["repl", POLICY])
        .current_dir(fixtures())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    use std::io::Write as _;
    let mut stdin = child.stdin.take().unwrap();
    for _ in 0..100 {
        // The program may have ended before it read everything.
        let _ = stdin.write_all(b":help\n");
    }
    drop(stdin);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert!(
        ended.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}
