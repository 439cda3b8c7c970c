/* Guaranteed standard GS1 with the sums of 2022, the same policy as policy.rhai in C.
 *
 * Facts are read in the order in which the script reads them, so that both forms hold a
 * case for the same unknown fact.
 */
#include "redress_policy.h"

/* GS1 pays for each complete period of 24 hours. */
static const int64_t period_minutes = 1440;

static rd_verdict *remedy(rd_facts facts) {
    if (RD(facts, standard) != RD_NAME_gs1) {
        return rd_hold("sum_not_on_file");
    }
    if (RD_OR(facts, exempt, false)) {
        return rd_refuse("exempt");
    }
    int64_t periods = rd_div(RD(facts, minutes_off), period_minutes);
    if (periods == 0) {
        return rd_refuse("restored_in_time");
    }
    const rd_row_sums *row = rd_table_sums(RD(facts, domestic));
    rd_remedy *owed = rd_statutory(rd_cash(rd_times(row->sum, periods)), row->claim);
    return rd_grant(rd_because_with(owed, "restored_late", rd_int(periods), rd_sum(row->sum)));
}

static rd_route *route(rd_route_facts facts, rd_warnings warnings) {
    (void)facts;
    (void)warnings;
    /* GS12: through the customer's supplier, within twenty working days. */
    rd_route *way = rd_queue(rd_new_route(), "standards_payments");
    return rd_within_working_days(rd_oblige(way, "pay_through_the_supplier"), 20);
}
