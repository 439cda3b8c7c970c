//! Many clients of one file at the same time.

use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::crowd;
use tempfile::TempDir;

/// Sixty-four clients, as a service has them: nobody is told that the ledger is busy, no cap is
/// exceeded at any read, and everything could have happened one by one.
#[test]
fn sixty_four_clients_share_a_file_and_none_is_turned_away() {
    let folder = TempDir::new().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger")).unwrap();
    let done = crowd::clients(64, 64, 12, &[&ledger]);
    let done = done.unwrap_or_else(|error| panic!("{error}"));
    assert!(done > 64, "{done}");
}

#[test]
fn eight_sweepers_of_a_file_do_everything_once() {
    let folder = TempDir::new().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger")).unwrap();
    crowd::sweepers(&[&ledger]);
}

#[test]
fn what_one_customer_meets_in_a_file_fails_no_other_client() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let ledger = SqliteLedger::open(&path).unwrap();
    let text = "CREATE TRIGGER broken BEFORE INSERT ON decision WHEN NEW.claimant = 'broken' \
         BEGIN SELECT RAISE(ABORT, 'on purpose'); END";
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(text)
        .unwrap();
    crowd::beside_a_broken_customer(&ledger);
}
