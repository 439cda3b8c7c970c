//! Coverage told twice: by probes in the interpreter, and by the report of the compiled
//! script. Both must name the same branches.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use redress::{Budget, Engine, EngineLimits, Release, ScriptCheck};
use redress_authoring::coverage::{ScriptCover, measure};
use redress_compiler::ir::{Program, Site, SiteKind};
use redress_release::find_releases;
use redress_sandbox::wasm::limits::HostLimits;
use redress_sandbox::wasm::{CompiledPolicy, WasmHost};

const BUDGET: Budget = Budget::STANDARD;

/// The script of a release compiled again, so that its report can be asked for.
fn compiled(host: &WasmHost, release: &Release, checked: &ScriptCheck) -> CompiledPolicy {
    let source = release.source();
    let (schema, tables) = (source.schema(), Arc::clone(source.tables()));
    let rounding = source.manifest().rounding;
    let made = checked.module(source, BUDGET).unwrap().unwrap();
    let (module, report) = (&made.module, made.report);
    CompiledPolicy::compile(host, module, report, schema, tables, rounding, BUDGET).unwrap()
}

/// Which branches the cases of a release reached, over all sites in the order of the program.
fn reached(policy: &CompiledPolicy, release: &Release) -> Vec<bool> {
    let mut all = Vec::new();
    for file in release.source().cases().unwrap() {
        let Ok(case) = release.admit(&file.to_json()) else {
            continue;
        };
        if !release.covers(case.envelope.incident_date) {
            continue;
        }
        let (_, reached) = policy.propose_reached(&case.facts, &file.standing.warnings);
        all.resize(reached.branches.len(), false);
        for (all, branch) in all.iter_mut().zip(reached.branches) {
            *all |= branch;
        }
    }
    all
}

/// What the report says of each `if`, `switch` and `??`, by where probes would look for it.
fn told_by_report(program: &Program, reached: &[bool]) -> BTreeMap<(u32, u32), Vec<bool>> {
    let mut reached = reached.iter().copied();
    let mut told = BTreeMap::new();
    for site in &program.sites {
        let branches: Vec<bool> = reached.by_ref().take(site.branches.len()).collect();
        if let Some(at) = place(site) {
            told.insert(at, branches);
        }
    }
    assert_eq!(reached.next(), None);
    told
}

fn place(site: &Site) -> Option<(u32, u32)> {
    let at = match site.kind {
        SiteKind::If | SiteKind::Switch => site.decides_on,
        SiteKind::Coalesce => site.span,
        SiteKind::Condition => return None,
    };
    Some((at.start().into(), at.end().into()))
}

fn told_by_probes(script: &ScriptCover) -> BTreeMap<(u32, u32), Vec<bool>> {
    let told = script.branches.iter().map(|site| {
        let ways = site.ways.iter().map(|way| way.taken > 0).collect();
        ((site.at.start().into(), site.at.end().into()), ways)
    });
    told.collect()
}

#[test]
fn probes_and_the_compiled_script_tell_of_the_same_branches() {
    let engine = Engine::new(EngineLimits::STANDARD);
    let host = WasmHost::new(HostLimits::STANDARD).unwrap();
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let mut compared = 0;
    for folder in find_releases(&policies).unwrap() {
        let release = engine.load(&folder).unwrap();
        let checked = ScriptCheck::of(release.source(), BUDGET).unwrap();
        let policy = compiled(&host, &release, &checked);
        let program = checked.program.as_ref().unwrap();
        let report = told_by_report(program, &reached(&policy, &release));
        let coverage = measure(&release, |_| true).unwrap();
        let probes = told_by_probes(&coverage.script.unwrap());
        for (at, branches) in report {
            let lines = checked.lines.text();
            let words = &lines[at.0 as usize..at.1 as usize];
            assert_eq!(
                probes.get(&at),
                Some(&branches),
                "{} {words}",
                coverage.release
            );
            compared += branches.len();
        }
    }
    assert!(compared >= 500, "{compared} branches compared");
}
