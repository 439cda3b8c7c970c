/* Flight disruption, the same policy as policy.rhai in C.
 *
 * Facts are read in the order in which the script reads them, so that both forms hold a
 * case for the same unknown fact.
 */
#include "redress_policy.h"

static int64_t wait_percent(int64_t minutes) {
    if (minutes < 60) {
        return 2;
    }
    if (minutes < 120) {
        return 5;
    }
    return minutes < 180 ? 10 : 15;
}

static rd_text tier(int64_t percent) {
    if (percent <= 10) {
        return RD_TEXT("level_1");
    }
    return percent <= 25 ? RD_TEXT("level_2") : RD_TEXT("level_3");
}

static rd_verdict *remedy(rd_facts facts) {
    const rd_row_compensation *row = rd_table_compensation(
        RD(facts, event), RD(facts, distance_km), RD(facts, delay_minutes));
    bool excused = RD(facts, extraordinary) && RD(facts, event) != RD_NAME_denied_boarding;
    rd_text ground = excused ? RD_TEXT("extraordinary_circumstances") : row->reason;
    rd_remedies given = {0};
    int64_t percent = wait_percent(RD(facts, delay_minutes));
    percent += RD(facts, overnight) ? 10 : 0;
    percent += RD(facts, missed_connection) ? 10 : 0;

    rd_remedy *comfort = rd_cash(rd_percent(RD(facts, ticket_price), percent));
    if (excused || rd_is_zero(row->amount)) {
        rd_because(comfort, ground);
    } else {
        rd_remedy *owed = rd_cash(rd_times(row->amount, RD(facts, passengers)));
        rd_give(&given, rd_because(rd_statutory(owed, "air_compensation"), ground));
    }

    rd_because_with(comfort, "long_wait", rd_int(RD(facts, delay_minutes)));
    if (RD(facts, overnight)) {
        rd_because(comfort, "overnight");
    }
    if (RD(facts, missed_connection)) {
        rd_because(comfort, "missed_connection");
    }
    rd_give(&given, comfort);

    if (!RD(facts, care_given)) {
        rd_money each = rd_minor(1500, "EUR");
        rd_remedy *care = rd_voucher(rd_times(each, RD(facts, passengers)));
        rd_give(&given, rd_because(care, "care_not_given"));
    }
    return rd_grant_all_in_tier(tier(percent), &given);
}

static rd_route *route(rd_route_facts facts, rd_warnings warnings) {
    (void)facts;
    (void)warnings;
    return rd_new_route();
}
