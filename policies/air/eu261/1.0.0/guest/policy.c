/* Regulation (EC) No 261/2004, the same policy as policy.rhai in C.
 *
 * Facts are read in the order in which the script reads them, so that both forms hold a
 * case for the same unknown fact.
 */
#include "redress_policy.h"

/* Art 7 as read in Sturgeon (C-402/07, para 61): three hours or more. */
static const int64_t long_delay_minutes = 180;
/* Art 6(1)(iii): after five hours at the airport the passenger may give up the journey. */
static const int64_t refund_delay_minutes = 300;
/* Art 5(1)(c)(i) and (ii). */
static const int64_t early_notice_days = 14;
static const int64_t late_notice_days = 7;

/* A reason, or 0 where there is none. */
typedef const char *reason_code;

static int64_t passengers(rd_facts facts) {
    return RD_OR(facts, passengers, 1);
}

static rd_name denial(rd_facts facts) {
    return RD_OR(facts, denial, RD_NAME_involuntary);
}

/* What the courts have found inherent in the business of a carrier. */
static bool is_ordinary(rd_name cause) {
    return cause == RD_NAME_technical_defect    /* C-549/07 Wallentin-Hermann, C-257/14 van der Lans */
           || cause == RD_NAME_own_staff_strike /* C-195/17 Kruesemann, C-28/20 Airhelp */
           || cause == RD_NAME_crew_illness;    /* C-156/22 TAP Portugal; Lipton [2024] UKSC 24 */
}

/* Art 5(3): the carrier must prove it, so what is unknown counts against it. */
static reason_code excuse(rd_facts facts) {
    bool proven = RD_OR(facts, extraordinary_circumstances_proven, false);
    if (proven && !is_ordinary(RD_OR(facts, cause, RD_NAME_unknown))) {
        return "extraordinary_circumstances";
    }
    return 0;
}

/* Art 4: extraordinary circumstances are no excuse for leaving somebody behind. */
static reason_code why_denial_is_free(rd_facts facts) {
    switch (denial(facts)) {
    case RD_NAME_volunteer:
        return "gave_up_the_seat";
    case RD_NAME_reasonable_grounds:
        return "denied_on_reasonable_grounds";
    default:
        return 0;
    }
}

/* Art 5(1)(c)(ii): no more than two hours before, less than four after;
 * (iii): no more than one hour before, less than two after. */
static bool is_nearly_as_planned(rd_facts facts) {
    bool early = RD(facts, notice_days) >= late_notice_days;
    return RD(facts, reroute__departs_before_minutes) <= (early ? 120 : 60) &&
           RD(facts, reroute__arrives_after_minutes) < (early ? 240 : 120);
}

/* Art 5(1)(c): told early enough, or brought there nearly as planned. */
static reason_code why_cancellation_is_free(rd_facts facts) {
    if (RD(facts, notice_days) >= early_notice_days) {
        return "told_two_weeks_before";
    }
    if (RD(facts, reroute__offered) && is_nearly_as_planned(facts)) {
        return "rerouted_nearly_as_planned";
    }
    return excuse(facts);
}

/* The reason for which compensation is not owed, or 0 when it is. A diverted flight
 * counts by the hour at which its passengers reach their destination. */
static reason_code why_no_compensation(rd_facts facts) {
    switch (RD(facts, event)) {
    case RD_NAME_denied_boarding:
        return why_denial_is_free(facts);
    case RD_NAME_cancellation:
        return why_cancellation_is_free(facts);
    default:
        if (RD(facts, arrival_delay_minutes) < long_delay_minutes) {
            return "delay_below_three_hours";
        }
        return excuse(facts);
    }
}

/* Within the Union, (b) has no upper end, so above 3,500 km it matters where the flight
 * went, and below it does not. */
static bool intra_union_where_it_matters(rd_facts facts) {
    return RD(facts, distance_km) > 3500 && RD(facts, intra_union);
}

/* Art 7(2): re-routed to arrive no later than the band allows ("does not exceed").
 * For a delay, Sturgeon para 63: the longest band, below four hours. */
static bool is_halved(rd_facts facts, const rd_row_bands *band) {
    rd_name event = RD(facts, event);
    if (event == RD_NAME_cancellation || event == RD_NAME_denied_boarding) {
        return RD(facts, reroute__offered) &&
               RD(facts, reroute__arrives_after_minutes) <= band->reroute_minutes;
    }
    return RD(facts, arrival_delay_minutes) < band->delay_halved_below_minutes;
}

static rd_remedy *grounded(rd_remedy *remedy, rd_facts facts) {
    switch (RD(facts, event)) {
    case RD_NAME_denied_boarding:
        return rd_because(remedy, "denied_boarding");
    case RD_NAME_cancellation:
        return rd_because_with(remedy, "cancelled", rd_int(RD(facts, notice_days)));
    default:
        return rd_because_with(remedy, "delay_of_three_hours",
                               rd_int(RD(facts, arrival_delay_minutes)));
    }
}

/* Art 7: so much for each passenger, or half of it. */
static rd_remedy *compensation(rd_facts facts) {
    const rd_row_bands *band =
        rd_table_bands(RD(facts, distance_km), intra_union_where_it_matters(facts));
    int64_t persons = passengers(facts);
    if (is_halved(facts, band)) {
        rd_remedy *half = rd_statutory(rd_cash(rd_times(band->halved_amount, persons)),
                                       band->halved_claim);
        return rd_because(grounded(half, facts), "halved");
    }
    return grounded(rd_statutory(rd_cash(rd_times(band->amount, persons)), band->claim), facts);
}

/* Art 8(1)(a) for volunteers too (Art 4(1)), and after a long wait (Art 6(1)(iii)). */
static bool wants_refund(rd_facts facts) {
    if (!RD_OR(facts, refund_chosen, false)) {
        return false;
    }
    switch (RD(facts, event)) {
    case RD_NAME_denied_boarding:
        return denial(facts) != RD_NAME_reasonable_grounds;
    case RD_NAME_cancellation:
        return true;
    default:
        return RD(facts, departure_delay_minutes) >= refund_delay_minutes;
    }
}

static rd_remedy *refund(rd_facts facts) {
    rd_money sum = rd_times(RD(facts, ticket_price), passengers(facts));
    return rd_because(rd_statutory(rd_cash(sum), "eu261_art8_1_a"), "price_back");
}

/* Art 10(2). */
static rd_remedy *downgrade(rd_facts facts) {
    const rd_row_downgrade *row =
        rd_table_downgrade(RD(facts, distance_km), intra_union_where_it_matters(facts));
    rd_money share = rd_percent(RD(facts, ticket_price), row->percent);
    rd_money sum = rd_times(share, passengers(facts));
    return rd_because_with(rd_statutory(rd_cash(sum), row->claim), "downgraded",
                           rd_int(row->percent));
}

/* What else is granted still says why there is no compensation. */
static rd_remedy *explained(rd_remedy *remedy, reason_code why_not) {
    return why_not ? rd_because(remedy, why_not) : remedy;
}

static rd_verdict *remedy(rd_facts facts) {
    reason_code why_not = why_no_compensation(facts);
    rd_remedies given = {0};
    if (!why_not) {
        rd_give(&given, compensation(facts));
    }
    if (wants_refund(facts)) {
        rd_give(&given, explained(refund(facts), why_not));
    }
    if (RD_OR(facts, downgraded, false)) {
        rd_give(&given, explained(downgrade(facts), why_not));
    }
    return given.count == 0 ? rd_refuse(why_not) : rd_grant_all(&given);
}

/* Art 6(1): two hours, three or four; nobody waits for less than two. Where it is not
 * known whether the flight stays within the Union, the shorter wait counts. */
static bool is_long_wait(rd_facts facts) {
    int64_t waited = RD_OR(facts, departure_delay_minutes, 0);
    return waited >= 120 &&
           waited >= rd_table_bands(RD(facts, distance_km), RD_OR(facts, intra_union, true))
                         ->care_minutes;
}

/* Art 4(3), Art 5(1)(b) and Art 6(1): care does not depend on fault. */
static bool owes_care(rd_facts facts) {
    switch (RD(facts, event)) {
    case RD_NAME_denied_boarding:
        return denial(facts) == RD_NAME_involuntary;
    case RD_NAME_cancellation:
        return RD_OR(facts, notice_days, 0) == 0;
    default:
        return is_long_wait(facts);
    }
}

static rd_route *route(rd_route_facts all, rd_warnings warnings) {
    (void)warnings;
    rd_facts facts = rd_merits(all);
    /* Art 14(2): in writing, whatever the outcome. */
    rd_route *way = rd_oblige(rd_queue(rd_new_route(), "air_claims"), "notice_of_rights");
    if (owes_care(facts)) {
        rd_oblige(way, "meals_and_calls");
        if (RD_OR(facts, night_away, false)) {
            rd_oblige(way, "hotel_and_transfer");
        }
    }
    /* Art 8(1)(a) and Art 10(2): the price, or its share, within seven days. */
    if (RD_OR(facts, refund_chosen, false) || RD_OR(facts, downgraded, false)) {
        rd_within_days(way, 7);
    }
    return way;
}
