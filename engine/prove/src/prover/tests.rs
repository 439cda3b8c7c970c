//! Formulas against the engines: on facts that nobody chose, exactly one way is gone, and
//! it ends as the compiled script does.

use std::collections::BTreeMap;
use std::path::Path;

use redress::{Date, Engine, EngineLimits, Money, Release, Timestamp};
use redress_model::{Basis, FactType, Hold, Slot, Verdict as Given};
use redress_release::find_releases;
use serde_json::Value;

use super::*;
use crate::exec::{End, Verdict};
use crate::prover::sums::face;
use crate::term::{Part, Var};
use crate::world::{self, Chance, Facts};

/// How many cases are tried of each release.
fn cases() -> u64 {
    let asked = std::env::var("PROVE_CASES").ok();
    asked.map_or(150, |text| text.parse().unwrap())
}

fn releases() -> Vec<Release> {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let engine = Engine::new(EngineLimits::STANDARD);
    let folders = find_releases(&policies).unwrap();
    folders
        .iter()
        .map(|folder| engine.load(folder).unwrap())
        .collect()
}

/// The number that stands for a value, and that of its currency.
fn numbers(ty: &FactType, value: &Value, names: &Names) -> (i128, i128) {
    let text = value.as_str().unwrap_or_default();
    match ty {
        FactType::Bool => (i128::from(value.as_bool().unwrap()), 0),
        FactType::Int { .. } => (value.as_i64().unwrap().into(), 0),
        FactType::Enum(values) => {
            let place = values.iter().position(|known| known == text).unwrap();
            (place.try_into().unwrap(), 0)
        }
        FactType::Text { .. } => {
            let known = names.texts().find(|(_, known)| *known == text);
            let number = known.map(|(number, _)| number);
            (
                number.unwrap_or_else(|| text.trim_start_matches('~').parse().unwrap()),
                0,
            )
        }
        FactType::Date => (text.parse::<Date>().unwrap().days().into(), 0),
        FactType::DateTime => (text.parse::<Timestamp>().unwrap().seconds().into(), 0),
        FactType::Money { .. } => {
            let money: Money = text.parse().unwrap();
            let mut names = names.clone();
            (money.minor().into(), names.currency(money.currency()))
        }
        FactType::List { .. } => unreachable!("a list in a list"),
    }
}

fn assigned(prover: &Prover, facts: &Facts) -> BTreeMap<(Slot, Part), i128> {
    let mut all = BTreeMap::new();
    for (slot, value) in facts {
        let ty = &prover.side.world.schema().fact(*slot).unwrap().ty;
        all.insert((*slot, Part::Known), 1);
        match ty {
            FactType::List { item, .. } => {
                let items = value.as_array().unwrap();
                all.insert((*slot, Part::Length), items.len().try_into().unwrap());
                for (at, value) in (0..).zip(items) {
                    let (number, currency) = numbers(item, value, &prover.names);
                    all.insert((*slot, Part::Item(at)), number);
                    all.insert((*slot, Part::ItemCurrency(at)), currency);
                }
            }
            ty => {
                let (number, currency) = numbers(ty, value, &prover.names);
                all.insert((*slot, Part::Value), number);
                all.insert((*slot, Part::Currency), currency);
            }
        }
    }
    all
}

/// Holds one case; says whether it was granted something.
fn hold(prover: &mut Prover, facts: &Facts, title: &str) -> bool {
    let tried = prover.side.world.case(facts).unwrap();
    let run = prover.side.world.run(&tried);
    let values = assigned(prover, facts);
    let of = |var: Var| values.get(&(var.slot, var.part)).copied().unwrap_or(0);
    let meaning = prover.side.meaning.as_ref().unwrap();
    let ways = meaning.ways.iter();
    let gone: Vec<_> = ways
        .filter(|way| prover.terms.value(way.condition, &of) != 0)
        .collect();
    let [way] = gone.as_slice() else {
        panic!("{title}: {} ways for {facts:?}", gone.len());
    };
    let case = world::case_json(prover.side.world.schema(), facts);
    let told = format!("{title}: {run:?}\nfor {case}\nbut {:?}", way.end);
    match (&way.end, &run) {
        (End::Trap(_), Err(_)) => false,
        (End::Unknown(slot), Ok(proposal)) => {
            let waits = Given::Hold(Hold::UnknownFact(*slot));
            assert_eq!(proposal.verdict, waits, "{told}");
            false
        }
        (End::Verdict(verdict), Ok(proposal)) => match (&**verdict, &proposal.verdict) {
            (Verdict::Hold, Given::Hold(Hold::Asked(_))) | (Verdict::Refuse, Given::Refuse(_)) => {
                false
            }
            (Verdict::Grant { tier, remedies }, Given::Grant(given)) => {
                let tier = tier.map(|tier| prover.terms.value(tier, &of));
                let tier = tier.map(|tier| prover.names.text_of(tier).unwrap().as_str());
                // An answer without goodwill names no level.
                let goodwill = |remedy: &redress_model::Remedy| remedy.basis == Basis::Goodwill;
                if given.iter().any(goodwill) {
                    let own = proposal.tier.as_ref();
                    assert_eq!(tier, own.map(|tier| tier.as_str()), "{told}");
                }
                let sums = world::totals(proposal).unwrap();
                for number in 0..i128::try_from(prover.names.currencies()).unwrap() {
                    let currency = prover.names.currency_of(number).unwrap();
                    let terms = &mut prover.terms;
                    let sum = face(terms, remedies, number, &mut |terms, _| terms.bool(true));
                    let expected = sums.get(&currency).copied().unwrap_or(0);
                    assert_eq!(prover.terms.value(sum, &of), expected, "{told}");
                }
                true
            }
            _ => panic!("{told}"),
        },
        // A route that fails makes the whole run fail.
        _ => panic!("{told}"),
    }
}

#[test]
fn formulas_say_what_the_engine_does() {
    let mut granted = 0;
    for release in releases() {
        let title = format!("{} {}", release.id().name, release.id().version);
        let mut prover = Prover::new(&release).unwrap();
        for seed in 0..cases() {
            let facts = prover.any_facts(&mut Chance(seed));
            if prover.side.world.case(&facts).is_some() {
                granted += u64::from(hold(&mut prover, &facts, &title));
            }
        }
    }
    assert!(granted > cases(), "{granted} grants");
}
