//! The reason codes that the engine itself gives; a release's messages may word them.

use redress_model::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub static $name: Code = Code::engine($text);)*

        /// Every code that the engine gives.
        pub static ALL: &[Code] = &[$(Code::engine($text)),*];
    };
}

codes! {
    /// A plain read met a fact that the case does not know.
    UNKNOWN_FACT = "unknown_fact";
    /// The policy named a tier that the guardrails lack.
    UNKNOWN_TIER = "unknown_tier";
    /// The policy named a kind of remedy that the guardrails lack.
    UNKNOWN_KIND = "unknown_kind";
    /// A discretionary sum is in a currency in which no limit is given.
    UNKNOWN_CURRENCY_LIMIT = "unknown_currency_limit";
    /// The policy proposed a negative amount.
    AMOUNT_NEGATIVE = "amount_negative";
    /// An amount does not fit, or exceeds the largest sum the kernel handles.
    AMOUNT_OVERFLOW = "amount_overflow";
    /// The policy proposed more than eight remedies.
    TOO_MANY_REMEDIES = "too_many_remedies";
    /// The sum is beyond the actor's limit.
    OVER_AUTHORITY = "over_authority";
    /// No role's limit covers the sum.
    NO_AUTHORITY_ROW = "no_authority_row";
    /// A named approval chain signs before anything is given.
    APPROVAL_CHAIN = "approval_chain";
    /// The guardrails ask for a second pair of eyes on a statutory sum.
    SECOND_LOOK = "second_look";
    /// Somebody offered more than the corridor allows.
    OFFER_ABOVE_CORRIDOR = "offer_above_corridor";
    /// A case that is no worse got more, so a person decides.
    PRECEDENT_PAYS_MORE = "precedent_pays_more";
    /// A linked case got another rate, so a person decides.
    LINKED_RATE_DIFFERS = "linked_rate_differs";
    /// A payment to somebody linked was an error, and an error binds nobody.
    PRIOR_ERROR_NOT_BINDING = "prior_error_not_binding";
    /// A payment to somebody linked departed from the norm, and that binds nobody.
    PRIOR_DEPARTURE_NOT_BINDING = "prior_departure_not_binding";
    /// Somebody else was promised a sum, and a promise binds only towards them.
    PROMISE_BINDS_PROMISEE_ONLY = "promise_binds_promisee_only";
    /// The goodwill is in another currency than the class is compared in.
    FX_MISSING = "fx_missing";
    /// The first case of its class.
    SEED = "seed";
    /// The class has more precedents than were looked at.
    PARTIAL = "partial";
    /// Precedents in another currency were not compared.
    NOT_COMPARED = "not_compared";
    /// A rolling cap has nothing left.
    CAP_SPENT = "cap_spent";
    /// A budget has nothing left.
    BUDGET_SPENT = "budget_spent";
    /// The standing lacks a sum that a limit needs.
    STANDING_INCOMPLETE = "standing_incomplete";
    /// The host has not authenticated the actor.
    ACTOR_UNVERIFIED = "actor_unverified";
    /// The demand or the facts are not on record yet.
    STAGE_NOT_READY = "stage_not_ready";
    /// A person may be in danger.
    SAFETY_CONCERN = "safety_concern";
    /// The entitlement of this event has been paid already.
    ALREADY_PAID = "already_paid";
    /// The customer lost nothing, so no goodwill cash is given.
    NO_LOSS_NO_CASH = "no_loss_no_cash";
    /// Goodwill is off for this claimant; the law stays.
    GOODWILL_OFF = "goodwill_off";
    /// A safety concern was found false, so goodwill falls; the law stays.
    SAFETY_CLEARED = "safety_cleared";
    /// The policy proposed nothing of worth.
    NOTHING_DUE = "nothing_due";
    /// A kind of remedy may not be given in this locale or scene, and nothing took its place;
    /// or what a person gives by hand is not the claim's, or more than the claim gives.
    NOT_ALLOWED_HERE = "not_allowed_here";
    /// The policy used up a budget of the sandbox.
    POLICY_BUDGET_EXCEEDED = "policy_budget_exceeded";
    /// The policy stopped with an error.
    POLICY_FAILED = "policy_failed";
    /// The policy's answer is not one.
    POLICY_ANSWER_INVALID = "policy_answer_invalid";
    /// The policy could not be run.
    POLICY_NOT_RUN = "policy_not_run";
    /// The facts fit another schema than the release's.
    SCHEMA_MISMATCH = "schema_mismatch";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_codes_are_valid() {
        for code in ALL {
            assert_eq!(Code::new(code.as_str()).as_ref(), Ok(code));
        }
    }
}
