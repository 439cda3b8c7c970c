//! A host may use Rhai for purposes of its own. The one test stands alone in its process,
//! because it is about what the whole process shares.

use std::sync::Arc;

use redress_model::table::Tables;
use redress_model::{Rounding, Schema};
use redress_sandbox::Budget;
use redress_sandbox::rhai::RhaiPolicy;

const SCHEMA: &str = r#"{ "type": "object", "properties": {} }"#;

#[test]
fn the_hosts_own_scripts_run_on_after_a_policy_was_compiled() {
    let mut own = rhai::Engine::new();
    own.register_fn("twice", |number: i64| number * 2);
    let script = own.compile("twice(21)").unwrap();
    assert_eq!(own.eval_ast::<i64>(&script).unwrap(), 42);
    let schema = Arc::new(Schema::compile(SCHEMA.as_bytes()).unwrap());
    let policy = r#"fn remedy(facts) { refuse("late") }"#;
    let tables = Arc::new(Tables::default());
    let budget = Budget::STANDARD;
    RhaiPolicy::compile(policy, schema, tables, Rounding::HalfUp, budget).unwrap();
    assert_eq!(own.eval_ast::<i64>(&script).unwrap(), 42);
}
