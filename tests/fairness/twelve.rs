//! Twelve more stories that a complaints desk knows, each as it is told.

use serde_json::{Value, json};

use super::desk::{Desk, actor, complaint, goodwill, outcome, reasons, stories, with};
use super::stores::Story;

/// All of them.
pub(crate) const TWELVE: &[Story] = &[
    (goodwill, coupon_to_cash_over_a_threshold),
    (goodwill, snow_and_the_hotel),
    (
        stories,
        an_overcharge_of_15_1_a_cubic_metre_for_a_whole_class_of_accounts,
    ),
    (stories, a_flat_of_the_wrong_type_after_a_promise),
    (stories, a_repeat_caller),
    (stories, a_hot_word_switches_the_authority_row_of_an_event),
    (stories, deadlines_of_24_and_48_hours_pay_once_on_breach),
    (goodwill, privacy_goes_to_legal),
    (stories, india_islamic_finance_and_ramadan),
    (goodwill, a_listed_hostile_claimant_keeps_the_floor),
    (
        goodwill,
        a_threat_of_self_harm_overrides_everything_and_is_found_false,
    ),
    (stories, a_care_pack_once_in_thirty_days),
];

/// A case at the desk that was written for these stories.
fn at_desk(id: &str, facts: Value) -> Value {
    json!({
        "id": id,
        "incident_date": "2026-09-12",
        "event": format!("event-{id}"),
        "claimant": { "id": format!("customer-{id}") },
        "stage": "facts_recorded",
        "facts": facts,
    })
}

fn with_facts(mut case: Value, facts: Value) -> Value {
    for (name, value) in facts.as_object().unwrap() {
        case["facts"][name] = value.clone();
    }
    case
}

/// A goodwill coupon stays a coupon up to 500; above, it turns into cash by level, once.
fn coupon_to_cash_over_a_threshold(desk: &mut Desk) {
    let coupon = |id: &str, worth: &str| {
        let facts = json!({
            "scene": "voucher",
            "matter": "voucher_to_cash",
            "cause": "company",
            "conversion_ground": "limited_use",
            "voucher_value": worth,
            "loss": worth,
        });
        with(complaint(id, "0.00"), json!({ "facts": facts }))
    };
    let lead = actor("lead-1", "team_lead");
    let (_, at) = desk.decide_by(&coupon("at", "500.00 CNY"), &lead);
    assert_eq!(outcome(&at), "refuse 0.00");
    assert_eq!(reasons(&at), ["voucher_below_cash_threshold"]);
    let above = coupon("above", "500.01 CNY");
    let (_, first) = desk.decide_by(&above, &lead);
    assert_eq!(outcome(&first), "grant 350.01");
    // Who asks again, with another story, has had it.
    let again = with(above, json!({ "id": "above-2" }));
    let (_, second) = desk.decide_by(&again, &lead);
    assert_eq!(outcome(&second), "refuse 0.00", "{second:#}");
    assert_eq!(desk.paid("order-above"), 35_001);
}

/// Snow keeps guests from the hotel: a bed before money, and the same for the quiet one.
fn snow_and_the_hotel(desk: &mut Desk) {
    let late = |id: &str, rebooking: bool, tone: &str| {
        with_facts(
            complaint(id, "500.00"),
            json!({
                "matter": "late_arrival",
                "cause": "weather",
                "harm": "part_lost",
                "weather_warning": true,
                "rebooking_possible": rebooking,
                "tone": tone,
            }),
        )
    };
    let (_, bed) = desk.decide(&late("bed", true, "calm"));
    assert_eq!(bed["remedies"][0]["kind"], "rebooking");
    assert_eq!(outcome(&bed), "grant 0.00");
    let (_, quiet) = desk.decide(&late("quiet", false, "calm"));
    let (_, loud) = desk.decide(&late("loud", false, "shouting"));
    assert_eq!(outcome(&quiet), "grant 150.00");
    assert_eq!(outcome(&loud), "grant 150.00");
    // Without a warning of the weather service it was a late guest.
    let sunny = with_facts(
        late("sunny", false, "calm"),
        json!({ "weather_warning": false }),
    );
    assert_eq!(outcome(&desk.decide(&sunny).1), "refuse 0.00");
}

/// 15.1 a cubic metre was billed for water that never came: every account gets it back, those
/// who complained and those who did not.
fn an_overcharge_of_15_1_a_cubic_metre_for_a_whole_class_of_accounts(desk: &mut Desk) {
    let machine = actor("batch-1", "agent");
    let account = |number: i64, stage: &str| {
        let litres = 1_000 * number;
        let case = at_desk(
            &format!("account-{number}"),
            json!({
                "scene": "water",
                "matter": "overcharge",
                "overcharged_litres": litres,
                "price_per_cubic_metre": "15.10 CNY",
                "overcharge": format!("{}.{:02} CNY", 1_510 * number / 100, 1_510 * number % 100),
            }),
        );
        with(case, json!({ "stage": stage }))
    };
    let mut total = 0;
    for number in 1..=200 {
        let (_, decision) = desk.decide_by(&account(number, "proactive"), &machine);
        let owed = 1_510 * number;
        let sum = format!("grant {}.{:02}", owed / 100, owed % 100);
        assert_eq!(outcome(&decision), sum);
        assert_eq!(decision["remedies"][0]["basis"], "statutory");
        total += owed;
    }
    let paid: i64 = (1..=200)
        .map(|number| desk.paid(&format!("event-account-{number}")))
        .sum();
    assert_eq!(paid, total);
    // One of them complains on top, and has had it.
    let loud = with(account(7, "facts_recorded"), json!({ "id": "complaint-7" }));
    let (_, decision) = desk.decide(&loud);
    assert_eq!(outcome(&decision), "refuse 0.00");
    assert_eq!(desk.paid("event-account-7"), 10_570);
}

/// The tenant was promised 900 for a flat of the wrong type; the neighbour heard of it.
fn a_flat_of_the_wrong_type_after_a_promise(desk: &mut Desk) {
    let flat = |id: &str| {
        at_desk(
            id,
            json!({ "scene": "flat", "matter": "wrong_type", "loss": "2000.00 CNY" }),
        )
    };
    let supervisor = actor("supervisor-1", "supervisor");
    desk.promise(&flat("tenant"), "900.00");
    let (_, tenant) = desk.decide_by(&flat("tenant"), &supervisor);
    assert_eq!(tenant["adjustments"][0]["rule"], "promise", "{tenant:#}");
    // The tier of the release holds a promise too.
    assert_eq!(outcome(&tenant), "grant 800.00");
    let next = with(
        flat("neighbour"),
        json!({ "event": "event-tenant", "claimant": { "id": "neighbour" } }),
    );
    let (_, next) = desk.decide_by(&next, &supervisor);
    assert_eq!(outcome(&next), "grant 600.00");
    assert!(reasons(&next).contains(&"promise_binds_promisee_only"));
}

/// The third call is answered sooner, and gives what the first one gave.
fn a_repeat_caller(desk: &mut Desk) {
    let call = |number: u32| {
        let facts = json!({ "scene": "parcel", "matter": "late_parcel", "loss": "100.00 CNY" });
        with(
            at_desk(&format!("call-{number}"), facts),
            json!({ "event": "parcel-1", "claimant": { "id": "caller" } }),
        )
    };
    let (_, first) = desk.decide(&call(1));
    assert_eq!(outcome(&first), "grant 30.00");
    assert_eq!(first["queue"], "complaints");
    let mut last = Value::Null;
    for number in 2..=4 {
        last = desk
            .decide(&with_facts(call(number), json!({ "tone": "shouting" })))
            .1;
        assert_eq!(outcome(&last), "refuse 0.00", "call {number}");
    }
    assert_eq!(last["queue"], "repeat_callers");
    assert_eq!(last["priority"], "2");
    assert_eq!(desk.paid("parcel-1"), 3_000);
}

/// While everybody talks of one storm, an agent may settle it; the sum is the same.
fn a_hot_word_switches_the_authority_row_of_an_event(desk: &mut Desk) {
    desk.now = "2026-09-12T08:00:00Z".parse().unwrap();
    let late = |id: &str, scene: &str| {
        let facts = json!({ "scene": scene, "matter": "late_parcel", "loss": "1000.00 CNY" });
        at_desk(id, facts)
    };
    let (_, ordinary) = desk.decide(&late("ordinary", "parcel"));
    assert_eq!(outcome(&ordinary), "escalate 300.00");
    assert_eq!(
        ordinary["authority"]["required"], "supervisor",
        "{ordinary:#}"
    );
    let (_, hot) = desk.decide(&late("hot", "typhoon_mangkhut"));
    assert_eq!(outcome(&hot), "grant 300.00");
    // When nobody talks of it any more, the row is the ordinary one again.
    desk.days_later(30);
    let (_, over) = desk.decide(&late("over", "typhoon_mangkhut"));
    assert_eq!(outcome(&over), "escalate 300.00");
}

/// Promised within 24 and 48 hours: the clock pays by itself, once, and not what was kept.
fn deadlines_of_24_and_48_hours_pay_once_on_breach(desk: &mut Desk) {
    let parcel = |id: &str| {
        let facts = json!({ "scene": "parcel", "matter": "late_parcel", "loss": "100.00 CNY" });
        at_desk(id, facts)
    };
    desk.promise_within(&parcel("day"), "30.00", 24);
    desk.promise_within(&parcel("two-days"), "40.00", 48);
    let kept = desk.promise_within(&parcel("kept"), "50.00", 48);
    desk.keep(kept.answer.timers[0]).unwrap();
    assert_eq!(desk.sweep(), 0, "nothing is due yet");
    desk.now = desk.now.plus_seconds(23 * 3_600).unwrap();
    assert_eq!(desk.sweep(), 0, "nothing is due within the day");
    desk.now = desk.now.plus_seconds(3_600).unwrap();
    assert_eq!((desk.sweep(), desk.sweep()), (1, 0));
    assert_eq!(
        (desk.paid("event-day"), desk.paid("event-two-days")),
        (3_000, 0)
    );
    desk.now = desk.now.plus_seconds(23 * 3_600).unwrap();
    assert_eq!(desk.sweep(), 0, "nothing is due within the second day");
    desk.now = desk.now.plus_seconds(3_600).unwrap();
    assert_eq!((desk.sweep(), desk.sweep()), (1, 0));
    desk.days_later(30);
    assert_eq!(desk.sweep(), 0);
    let paid = ["day", "two-days", "kept"].map(|id| desk.paid(&format!("event-{id}")));
    assert_eq!(paid, [3_000, 4_000, 0]);
}

/// Leaked personal data: no machine settles them, whoever shouts and whatever is offered.
fn privacy_goes_to_legal(desk: &mut Desk) {
    let leak = |id: &str, tone: &str| {
        let facts = json!({
            "scene": "flight",
            "matter": "privacy",
            "cause": "company",
            "received_on": "2026-12-06",
            "tone": tone,
        });
        with(complaint(id, "0.00"), json!({ "facts": facts }))
    };
    for (id, tone, by) in [("calm", "calm", "agent"), ("loud", "shouting", "director")] {
        let (_, decision) = desk.decide_by(&leak(id, tone), &actor("a", by));
        assert_eq!(outcome(&decision), "escalate 0.00");
        assert!(reasons(&decision).contains(&"privacy_to_legal"));
        assert_eq!(decision["escalations"][0]["owner"], "legal", "{decision:#}");
        assert_eq!(desk.paid(&format!("order-{id}")), 0);
    }
}

/// The regime is the contract's, the locale that of the service; a person's faith is nowhere.
fn india_islamic_finance_and_ramadan(desk: &mut Desk) {
    let transfer = |id: &str, regime: &str, religion: &str| {
        at_desk(
            id,
            json!({
                "scene": "bank",
                "matter": "late_transfer",
                "regime": regime,
                "days_late": 7,
                "loss": "100.00 CNY",
                "religion": religion,
            }),
        )
    };
    // 100 for each day by the Reserve Bank; where interest is forbidden, the loss alone.
    for (number, religion) in ["", "islam", "hindu", "none"].into_iter().enumerate() {
        let india = transfer(&format!("in-{number}"), "india", religion);
        assert_eq!(
            outcome(&desk.decide(&india).1),
            "grant 700.00",
            "{religion}"
        );
        let islamic = transfer(&format!("is-{number}"), "islamic_finance", religion);
        assert_eq!(
            outcome(&desk.decide(&islamic).1),
            "grant 30.00",
            "{religion}"
        );
    }
    // Food for the day is not sent where the service speaks Arabic, whatever the customer is.
    let pack = |id: &str, locale: &str, religion: &str| {
        let facts = json!({ "scene": "parcel", "matter": "newborn", "religion": religion });
        let claimant = json!({ "id": format!("customer-{id}"), "locale": locale });
        with(at_desk(id, facts), json!({ "claimant": claimant }))
    };
    let kind = |decision: &Value| decision["remedies"][0]["kind"].as_str().unwrap().to_owned();
    for (id, locale, religion, sent) in [
        ("a", "ar", "none", "voucher"),
        ("b", "ar", "islam", "voucher"),
        ("c", "en", "islam", "care_pack"),
        ("d", "en", "none", "care_pack"),
    ] {
        let (_, decision) = desk.decide(&pack(id, locale, religion));
        assert_eq!(kind(&decision), sent, "{decision:#}");
        assert_eq!(outcome(&decision), "grant 80.00");
    }
}

/// Who is listed for threats gets no goodwill, and every cent of what the law gives.
fn a_listed_hostile_claimant_keeps_the_floor(desk: &mut Desk) {
    let case = |id: &str, listed: bool| {
        with_facts(
            complaint(id, "500.00"),
            json!({
                "matter": "not_delivered",
                "undelivered_price": "300.00 CNY",
                "listed_hostile": listed,
            }),
        )
    };
    let (_, listed) = desk.decide(&case("listed", true));
    let (_, other) = desk.decide(&case("other", false));
    let by_law = |decision: &Value| -> Vec<String> {
        let remedies = decision["remedies"].as_array().unwrap();
        let lawful = remedies
            .iter()
            .filter(|remedy| remedy["basis"] == "statutory");
        lawful.map(|remedy| remedy["worth"].to_string()).collect()
    };
    assert_eq!(by_law(&listed), ["\"300.00 CNY\""]);
    assert_eq!(by_law(&listed), by_law(&other));
    // Nothing is owed for trouble, and a person looks at the refusal.
    let trouble = with_facts(
        complaint("trouble", "500.00"),
        json!({ "listed_hostile": true }),
    );
    let (_, refused) = desk.decide(&trouble);
    assert_eq!(desk.paid("order-trouble"), 0);
    assert_ne!(refused["outcome"], "grant", "{refused:#}");
    // What goodwill lost to the list is no norm for others.
    assert_eq!(
        outcome(&desk.decide(&complaint("next", "500.00")).1),
        "grant 150.00"
    );
}

/// A threat of self-harm is a person's within 15 minutes, whatever the policy says; found
/// false later, goodwill falls and nothing else.
fn a_threat_of_self_harm_overrides_everything_and_is_found_false(desk: &mut Desk) {
    let case = |threat: &str| {
        with_facts(
            complaint("li", "500.00"),
            json!({
                "matter": "not_delivered",
                "undelivered_price": "300.00 CNY",
                "self_harm_threat": threat,
            }),
        )
    };
    let (_, raised) = desk.decide(&case("unverified"));
    assert_eq!(raised["outcome"], "escalate");
    assert!(
        raised["duties"].to_string().contains("call_back_now"),
        "{raised:#}"
    );
    assert_eq!(raised["escalations"][0]["owner"], "safety_officer");
    // The law's money does not wait for it.
    assert_eq!(desk.paid("order-li"), 30_000);
    let (_, cleared) = desk.decide(&with(case("found_false"), json!({ "id": "li-2" })));
    assert_eq!(desk.paid("order-li"), 30_000, "{cleared:#}");
    let (_, never) = Desk::new().decide(&case("none"));
    assert!(outcome(&never).starts_with("grant "), "{never:#}");
}

/// The pack for a newborn comes once in thirty days, however often it is asked for.
fn a_care_pack_once_in_thirty_days(desk: &mut Desk) {
    let ask = |number: u32| {
        let facts = json!({ "scene": "parcel", "matter": "newborn" });
        let case = at_desk(&format!("pack-{number}"), facts);
        with(case, json!({ "claimant": { "id": "mother" } }))
    };
    assert_eq!(outcome(&desk.decide(&ask(1)).1), "grant 80.00");
    desk.days_later(28);
    let (_, second) = desk.decide(&ask(2));
    assert_ne!(outcome(&second), "grant 80.00", "{second:#}");
    assert_eq!(desk.paid("event-pack-2"), 0);
    desk.days_later(3);
    assert_eq!(outcome(&desk.decide(&ask(3)).1), "grant 80.00");
}
