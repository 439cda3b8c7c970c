//! Modules that load, and what comes of it.

use std::sync::Arc;

use redress_model::admit::FactsBuilder;
use redress_model::fault::FaultCode;
use redress_model::{Fault, Hold, Proposal, Route, Schema, Slot, Verdict, Warnings};

use super::{Load, SCHEMA, built, facts, faults, refusal, run, schema};
use crate::wasm::limits::HostLimits;
use crate::wasm::{WasmHost, WasmPolicy};
use crate::{Budget, Sandbox, SandboxKind};

#[test]
fn the_smallest_policy_runs() {
    let policy = Load::default().compile(&built("refuses")).unwrap();
    assert_eq!(policy.kind(), SandboxKind::Wasm);
    let run = run(&policy);
    assert_eq!(run.proposal, Ok(refusal()));
    assert_eq!(run.usage.memory_bytes, 65_536);
    assert_eq!(run.usage.steps, 11);
}

#[test]
fn a_module_that_stops_is_a_fault() {
    let failed = FaultCode::Failed;
    faults("trap", failed, "stopped itself");
    faults("trap_in_route", failed, "stopped itself");
    faults("trap_in_alloc", failed, "stopped itself");
    faults("divides_by_zero", failed, "divided by zero");
    faults("division_overflows", failed, "overflowed");
    faults("reads_outside", failed, "left its memory");
    faults("reads_far_outside", failed, "left its memory");
    faults("calls_nothing", failed, "not there");
}

#[test]
fn a_module_that_does_not_stop_is_stopped() {
    for name in [
        "endless_loop",
        "endless_loop_in_route",
        "endless_alloc",
        "fills_for_ever",
    ] {
        faults(name, FaultCode::BudgetExceeded, "steps of at most 100000");
    }
    faults("recursion", FaultCode::BudgetExceeded, "of at most");
    faults("deep_frames", FaultCode::BudgetExceeded, "of at most");
    faults(
        "grows_memory",
        FaultCode::BudgetExceeded,
        "131072 bytes of memory of at most 65536",
    );
    let policy = Load::default().compile(&built("grows_by_nothing")).unwrap();
    assert_eq!(run(&policy).proposal, Ok(refusal()));
}

#[test]
fn fuel_is_a_budget_for_both_functions_together() {
    let spent = {
        let policy = Load::default().compile(&built("refuses")).unwrap();
        run(&policy).usage.steps
    };
    for (steps_max, runs) in [(spent - 1, false), (spent, true), (spent + 1, true)] {
        let budget = Budget {
            steps_max,
            ..Budget::STANDARD
        };
        let load = Load {
            budget,
            ..Load::default()
        };
        let policy = load.compile(&built("refuses")).unwrap();
        assert_eq!(run(&policy).proposal.is_ok(), runs, "{steps_max}");
    }
}

#[test]
fn an_answer_lies_within_the_memory_and_the_budget() {
    let bad = FaultCode::BadAnswer;
    faults("lying_length", bad, "outside a memory");
    faults("length_one_over", bad, "outside a memory");
    faults("pointer_outside", bad, "outside a memory");
    faults("negative_pointer", bad, "outside a memory");
    faults("returns_minus_one", bad, "outside a memory");
    faults("returns_zero", bad, "the answer ends");
    faults("echoes_the_record", bad, "does not stand for");
    faults("alloc_over_the_answer", bad, "does not stand for");
    faults("unknown_currency", bad, "ISO 4217");
    faults(
        "long_answer",
        FaultCode::BudgetExceeded,
        "20000 bytes of at most 16384",
    );
    // The refusal and the route take 15 bytes together.
    for (output_bytes_max, runs) in [(14, false), (15, true), (16, true)] {
        let budget = Budget {
            output_bytes_max,
            ..Budget::STANDARD
        };
        let load = Load {
            budget,
            ..Load::default()
        };
        let policy = load.compile(&built("refuses")).unwrap();
        assert_eq!(run(&policy).proposal.is_ok(), runs, "{output_bytes_max}");
    }
}

#[test]
fn facts_are_written_only_where_the_module_has_room() {
    let bad = FaultCode::BadAnswer;
    faults(
        "alloc_zero",
        FaultCode::BudgetExceeded,
        "bytes of memory of at most 65536",
    );
    faults("alloc_outside", bad, "outside a memory");
    faults("alloc_negative", bad, "outside a memory");
    faults("alloc_unaligned", bad, "multiple of 8");
}

#[test]
fn route_cannot_pay() {
    faults(
        "remedies_in_route",
        FaultCode::BadAnswer,
        "a route or an unknown fact",
    );
    let policy = Load::default()
        .compile(&built("changes_the_answer"))
        .unwrap();
    let proposal = run(&policy).proposal.unwrap();
    assert_eq!(proposal.verdict, Verdict::Grant(Vec::new()));
}

#[test]
fn nothing_of_one_decision_reaches_the_next() {
    let policy = Load::default().compile(&built("remembers")).unwrap();
    for _ in 0..200 {
        assert_eq!(run(&policy).proposal, Ok(refusal()));
    }
}

#[test]
fn a_hold_names_an_unknown_fact_that_the_function_may_see() {
    let hold = |slot| Proposal {
        verdict: Verdict::Hold(Hold::UnknownFact(Slot::new(slot))),
        tier: None,
        route: Route::default(),
    };
    let propose = |name: &str, known: &[(&str, &str)]| {
        let policy = Load::default().compile(&built(name)).unwrap();
        policy.propose(&facts(known), &Warnings::default()).proposal
    };
    assert_eq!(propose("holds_for_known_fact", &[]), Ok(hold(0)));
    assert_eq!(propose("holds_in_route", &[("delay", "1")]), Ok(hold(2)));
    faults(
        "holds_for_known_fact",
        FaultCode::BadAnswer,
        "a fact that is known",
    );
    faults(
        "holds_in_route",
        FaultCode::BadAnswer,
        "a fact that is known",
    );
    faults("holds_for_hidden_fact", FaultCode::BadAnswer, "may read");
}

#[test]
fn the_host_holds_for_what_a_module_needs_before_it_is_called() {
    let load = |needs: &[u16]| Load {
        needs: needs.iter().copied().map(Slot::new).collect(),
        ..Load::default()
    };
    let policy = load(&[2, 0]).compile(&built("trap")).unwrap();
    let held = |known: &[(&str, &str)]| {
        let run = policy.propose(&facts(known), &Warnings::default());
        match run.proposal {
            Ok(Proposal {
                verdict: Verdict::Hold(Hold::UnknownFact(slot)),
                ..
            }) => Some((slot.number(), run.usage.steps)),
            _ => None,
        }
    };
    assert_eq!(held(&[]), Some((2, 0)), "in the order of the manifest");
    assert_eq!(held(&[("tone", "calm")]), Some((0, 0)));
    assert_eq!(held(&[("tone", "calm"), ("delay", "1")]), None);

    for hidden in [1, 3] {
        let error = load(&[hidden]).compile(&built("refuses")).unwrap_err();
        assert!(error.to_string().contains("no policy may read"), "{error}");
    }
}

#[test]
fn facts_of_another_schema_are_a_fault_of_the_host() {
    let policy = Load::default().compile(&built("refuses")).unwrap();
    let other = Schema::compile(SCHEMA.replace("999", "99").as_bytes()).unwrap();
    let facts = FactsBuilder::new(&other).finish().unwrap();
    let run = policy.propose(&facts, &Warnings::default());
    assert_eq!(run.proposal.unwrap_err().code(), FaultCode::Host);
}

#[test]
fn a_pool_that_is_full_is_a_fault_of_the_host() {
    let limits = HostLimits {
        instances_max: 1,
        ..HostLimits::STANDARD
    };
    let host = WasmHost::new(limits).unwrap();
    let load = Load::default();
    let slow = Budget {
        steps_max: u64::MAX,
        ..Budget::STANDARD
    };
    let compile = |name: &str, budget| {
        let module = built(name);
        WasmPolicy::compile(
            &host,
            &module,
            &schema(),
            &load.tables,
            load.rounding,
            vec![],
            budget,
        )
        .unwrap()
    };
    let endless = Arc::new(compile("endless_loop", slow));
    let quick = compile("refuses", Budget::STANDARD);
    // Whoever comes first takes the only place; the endless one tries until it has it.
    let is_full = |fault: &Fault| fault.to_string().contains("maximum concurrent");
    let running = std::thread::spawn({
        let endless = Arc::clone(&endless);
        move || loop {
            match run(&endless).proposal {
                Err(fault) if is_full(&fault) => std::thread::yield_now(),
                ended => break ended,
            }
        }
    });
    // The other thread takes the only place at some point and keeps it.
    let full = loop {
        match run(&quick).proposal {
            Ok(_) => std::thread::yield_now(),
            Err(fault) => break fault,
        }
    };
    assert_eq!(full.code(), FaultCode::Host, "{full}");
    assert!(is_full(&full), "{full}");
    while !running.is_finished() {
        host.stop_all();
        std::thread::yield_now();
    }
    let stopped = running.join().unwrap().unwrap_err();
    assert_eq!(
        stopped,
        Fault::Host {
            message: "the host stopped all policies".into()
        }
    );
    assert_eq!(run(&quick).proposal, Ok(refusal()));
}

#[test]
fn threads_share_a_policy() {
    let policy = Load::default().compile(&built("remembers")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..100 {
                    assert_eq!(run(&policy).proposal, Ok(refusal()));
                }
            });
        }
    });
}
