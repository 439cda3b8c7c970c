//! The same rows in bare PostgreSQL.

use std::collections::BTreeMap;
use std::error::Error;

use anyhow::{Context as _, Result};
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};
use redress_ledger::cell::Cell;
use redress_ledger::rows::TABLES;
use redress_ledger::sql::Statements;
use redress_ledger::table::{Row, Table};
use redress_ledger_postgres::{POSTGRES, PostgresLedger};
use redress_ledger_trials::server::Server;

/// A connection with prepared statements, and nothing else.
pub(crate) struct Bare {
    client: Client,
    puts: BTreeMap<&'static str, Statement>,
}

impl Bare {
    /// A new schema with a ledger's tables and a ledger's settings.
    pub(crate) fn new(server: &Server) -> Result<Self> {
        let (url, name) = server.schema();
        drop(PostgresLedger::open(&url)?);
        let mut client = server.within(&name);
        client.batch_execute("SET synchronous_commit = on")?;
        let statements = Statements::new(POSTGRES);
        let mut puts = BTreeMap::new();
        for table in TABLES {
            puts.insert(table.name, client.prepare(statements.put(table))?);
        }
        Ok(Self { client, puts })
    }

    /// Saves a group of rows in one transaction.
    pub(crate) fn save(&mut self, group: &[(&'static Table, Row)]) -> Result<()> {
        self.client.batch_execute("BEGIN")?;
        for (table, row) in group {
            let put = self.puts.get(table.name).context("a table of a ledger")?;
            let params: Vec<Param<'_>> = row.iter().map(Param).collect();
            let params: Vec<&(dyn ToSql + Sync)> = params
                .iter()
                .map(|param| -> &(dyn ToSql + Sync) { param })
                .collect();
            self.client.execute(put, &params)?;
        }
        self.client.batch_execute("COMMIT")?;
        Ok(())
    }
}

#[derive(Debug)]
struct Param<'c>(&'c Cell);

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Cell::Null => Ok(IsNull::Yes),
            Cell::Int(number) => number.to_sql_checked(ty, out),
            Cell::Text(text) => text.as_str().to_sql_checked(ty, out),
            Cell::Bytes(bytes) => bytes.to_sql_checked(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}
