/* A sample that uses everything once, the same as policy.rhai: both give the same
 * proposal for every case. It is a test and no tariff. */
#include "redress_policy.h"

static void for_the_season(rd_facts facts, rd_remedies *given) {
    if (RD_OR(facts, ordered_on, rd_day_of(2019, 1, 1)) < rd_day_of(2020, 1, 1)) {
        return;
    }
    const rd_row_seasons *row = rd_table_seasons(RD(facts, ordered_on), RD(facts, insured));
    rd_money sum = row->doubled ? rd_times(row->sum, 2) : row->sum;
    rd_remedy *law = rd_statutory(rd_cash(sum), "season_law");
    rd_give(given, rd_because_with(law, "season", rd_words(row->article), rd_day(row->valid_until),
                                   rd_sum(sum)));
}

static void for_damages(rd_facts facts, rd_remedies *given) {
    rd_money total = rd_minor(0, "EUR");
    if (RD_KNOWN(facts, damages)) {
        for (int64_t i = 0; i < RD_COUNT(facts, damages); i++) {
            total = rd_plus(total, RD_ITEM(facts, damages, i));
        }
    }
    if (!rd_is_zero(total)) {
        rd_give(given, rd_gift("gift_card", total));
    }
}

static void for_wishes(rd_facts facts, rd_remedies *given) {
    if (!RD_KNOWN(facts, wishes)) {
        return;
    }
    for (int64_t i = 0; i < RD_COUNT(facts, wishes); i++) {
        switch (RD_ITEM(facts, wishes, i)) {
        case RD_NAME_points:
            rd_give(given, rd_because(rd_units("points", rd_mul(RD(facts, days_late), 100)),
                                      "points"));
            break;
        case RD_NAME_return_label:
            rd_give(given, rd_service("return_label"));
            break;
        }
    }
}

static rd_verdict *remedy(rd_facts facts) {
    if (RD(facts, cause) == RD_NAME_wrong_address && RD(facts, days_late) < 30) {
        return rd_refuse_all(RD_TEXT("address_was_wrong"), RD_TEXT("customer_at_fault"));
    }
    if (!RD_OR(facts, insured, true) && rd_is(RD(facts, brand), "northwind")) {
        return rd_hold("insurance_papers");
    }
    RD_FACT(days_late, facts, days_late);
    RD_FACT(cause, facts, cause);
    const rd_row_lateness *row = rd_table_lateness(days_late, cause);
    if (row->percent == 0) {
        return rd_refuse("not_late_enough");
    }
    rd_remedies given = {0};
    rd_money share = rd_percent(RD(facts, order_value), row->percent);
    rd_give(&given, rd_because_with(rd_voucher(share), "parcel_late", rd_int(days_late),
                                    rd_words(row->tier), rd_words(rd_name_text(cause))));
    for_the_season(facts, &given);
    for_damages(facts, &given);
    for_wishes(facts, &given);
    if (RD_KNOWN(facts, share_points)) {
        rd_money refund = rd_basis_points(RD(facts, postage), RD(facts, share_points));
        rd_give(&given, rd_contractual(rd_credit(refund), "carrier_refund"));
    }
    if (RD_OR(facts, replacement__sent, false)) {
        int64_t hours = rd_hours_between(RD(facts, promised_at),
                                         RD(facts, replacement__arrived_at));
        rd_money third = rd_ratio(RD(facts, order_value), hours, 3);
        rd_remedy *cash = rd_cash(rd_less_of(third, rd_minor(2500, "EUR")));
        rd_give(&given, rd_because_with(cash, "replacement_late", rd_int(hours), rd_sum(third)));
    }
    return rd_grant_all_in_tier(row->tier, &given);
}

static rd_route *route(rd_route_facts facts, rd_warnings warnings) {
    rd_route *way = rd_queue(rd_new_route(), "parcels");
    if (warnings.repeats > 1 || RD(facts, tone) == RD_NAME_angry) {
        rd_within_hours(rd_priority(way, 2), 24);
    }
    if (warnings.burst + warnings.like_cases >= 10) {
        RD_SINCE(rd_within_working_days(way, 3), complained_on);
        rd_oblige(way, "warn_the_carrier");
    }
    if (RD_OR(rd_merits(facts), insured, false)) {
        rd_oblige(way, "tell_the_insurer");
    }
    return way;
}

/* The engine's tests call these to hold the arithmetic of the SDK against its own. */
__attribute__((export_name("test_ratio"))) int64_t test_ratio(int64_t minor, int64_t numerator,
                                                              int64_t denominator,
                                                              int32_t rounding);
int64_t test_ratio(int64_t minor, int64_t numerator, int64_t denominator, int32_t rounding) {
    rd_money sum = rd_minor(minor, "EUR");
    return rd_ratio_rounded(sum, numerator, denominator, (rd_rounding)rounding).minor;
}

__attribute__((export_name("test_product"))) int64_t test_product(int64_t a, int64_t b);
int64_t test_product(int64_t a, int64_t b) {
    return rd_mul(a, b);
}

__attribute__((export_name("test_plain"))) int64_t test_plain(int64_t a, int64_t b);
int64_t test_plain(int64_t a, int64_t b) {
    return a * b + (a - b);
}

__attribute__((export_name("test_day"))) int64_t test_day(int64_t year, int64_t month,
                                                          int64_t day);
int64_t test_day(int64_t year, int64_t month, int64_t day) {
    return rd_day_of(year, month, day);
}
