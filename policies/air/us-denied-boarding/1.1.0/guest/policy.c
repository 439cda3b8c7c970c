/* 14 CFR Part 250, the same policy as policy.rhai in C.
 *
 * Facts are read in the order in which the script reads them, so that both forms hold a
 * case for the same unknown fact.
 */
#include "redress_policy.h"

static rd_name exception(rd_facts facts) {
    return RD_OR(facts, exception, RD_NAME_none);
}

/* 250.6, 250.2b, and what Part 250 does not cover. */
static const char *refusal(rd_name exception) {
    switch (exception) {
    case RD_NAME_volunteer:
        return "volunteered";
    case RD_NAME_terms_not_met:
        return "terms_not_met";
    case RD_NAME_smaller_aircraft:
        return "smaller_aircraft";
    case RD_NAME_weight_and_balance:
        return "weight_and_balance";
    case RD_NAME_other_cabin:
        return "other_cabin";
    default:
        return "not_covered";
    }
}

/* "if the carrier does not offer alternate transportation that ... is planned to arrive
 * less than" so many hours late: none at all counts as the latest. */
static int64_t minutes_late(rd_facts facts) {
    return RD(facts, alternate__offered) ? RD(facts, alternate__late_minutes) : 20160;
}

/* So many percent of the fare, at most the limit, for each passenger. */
static rd_money owed(rd_facts facts, const rd_row_tariff *row) {
    rd_money one = rd_less_of(rd_percent(RD(facts, fare), row->percent), row->at_most);
    return rd_times(one, RD_OR(facts, passengers, 1));
}

static rd_verdict *remedy(rd_facts facts) {
    rd_name excepted = exception(facts);
    if (excepted != RD_NAME_none) {
        return rd_refuse(refusal(excepted));
    }
    RD_FACT(domestic, facts, domestic);
    const rd_row_tariff *row = rd_table_tariff(domestic, minutes_late(facts));
    if (row->percent == 0) {
        return rd_refuse("within_one_hour");
    }
    return rd_grant(
        rd_because(rd_statutory(rd_cash(owed(facts, row)), row->claim), row->reason));
}

static rd_route *route(rd_route_facts facts, rd_warnings warnings) {
    (void)warnings;
    /* 250.9(a): the written statement, at once and whatever the outcome. */
    rd_route *way = rd_oblige(rd_queue(rd_new_route(), "airport_claims"), "written_statement");
    if (exception(rd_merits(facts)) == RD_NAME_none) {
        /* 250.8: on the day and at the place, or within 24 hours. */
        rd_within_hours(rd_oblige(way, "pay_on_the_day"), 24);
    }
    return way;
}
