//! The stories on the ledgers that a service would run on, from a case in JSON to the row in the
//! table: each ledger says and keeps what the one in memory does.

use redress::Release;
use redress_ledger_postgres::PostgresLedger;
use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::server::Server;
use tempfile::TempDir;

use super::desk::{Desk, Kept};
use super::stories::STORIES;
use super::twelve::TWELVE;

/// A story: the release of the desk that it is told at, and how it goes.
pub(crate) type Story = (fn() -> &'static Release, fn(&mut Desk));

/// Tells every story to the ledger in memory and, beside it, to one that `open` makes.
fn every_story(mut open: impl FnMut(usize) -> Box<dyn Kept>) {
    for (number, (release, tell)) in STORIES.iter().chain(TWELVE).enumerate() {
        let mut desk = Desk::of(release()).beside(open(number));
        tell(&mut desk);
        desk.agree();
    }
}

#[test]
fn every_story_is_decided_in_a_file_as_in_memory() {
    let folder = TempDir::new().unwrap();
    every_story(|number| {
        let path = folder.path().join(number.to_string());
        Box::new(SqliteLedger::open(&path).unwrap())
    });
}

#[test]
fn every_story_is_decided_in_postgresql_as_in_memory() {
    let Some(server) = Server::shared("every_story_is_decided_in_postgresql") else {
        return;
    };
    every_story(|_| Box::new(PostgresLedger::open(&server.schema().0).unwrap()));
}
