/* Redress guest SDK: policies in C over guest ABI v1.
 *
 * A policy includes the header that `redress bindings RELEASE_FOLDER` generates,
 * which includes this one, and defines two functions:
 *
 *     static rd_verdict *remedy(rd_facts facts);
 *     static rd_route *route(rd_route_facts facts, rd_warnings warnings);
 *
 * There is no C library, no floating point and no state between two cases.
 *
 * Reading facts, NAME being the fact's name (`reroute.offered` is `reroute__offered`):
 *
 *     RD(facts, NAME)              the value; if it is unknown, the case is held for it
 *     RD_FACT(VARIABLE, facts, NAME)  declares VARIABLE; if unknown, returns 0 at once
 *     RD_OR(facts, NAME, DEFAULT)  the value, or DEFAULT if it is unknown
 *     RD_KNOWN(facts, NAME)        whether it is known
 *     RD_COUNT(facts, NAME)        the number of items of a list
 *     RD_ITEM(facts, NAME, INDEX)  one item of a list, from 0
 *
 * The first unknown fact that RD, RD_FACT, RD_COUNT or RD_ITEM reads decides: the
 * policy's answer becomes a hold for it, whatever the policy returns afterwards.
 * Until then RD gives zero, and what would stop the policy (an overflow in rd_add, a
 * table without such a row) gives zero as well.
 * RD_FACT works in functions that return a pointer, a number or a boolean.
 *
 * A fact of class `route` can only be read from rd_route_facts; reading one from
 * rd_facts does not compile. rd_merits(facts) gives the part of a route's facts that
 * `remedy` sees too, for functions that both share.
 *
 * Arithmetic stops the policy on overflow; a stopped policy pays nothing and a person
 * decides. Plain + - * on signed numbers are checked by build.sh's compiler options.
 */
#ifndef REDRESS_GUEST_H
#define REDRESS_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#ifndef RD_ROUNDING
#error "include the header that `redress bindings` generates for the release, not this one"
#endif

/* Functions of this header: small ones to be inlined, and larger ones. */
#define RD_API static inline __attribute__((unused))
#define RD_CALL static __attribute__((unused, noinline))

/* Room for the remedies, reasons and bytes of one answer. */
#ifndef RD_ARENA_BYTES
#define RD_ARENA_BYTES 16384
#endif

/* ---- Values ------------------------------------------------------------- */

/* Bytes of UTF-8. Texts of tables and of the program end in a zero byte, those of
 * facts do not. */
typedef struct {
    const char *at;
    uint32_t length;
} rd_text;

/* Whole minor units of one currency. */
typedef struct {
    int64_t minor;
    uint32_t currency;
} rd_money;

/* A value of an enum, the same number for the same name in every fact and table:
 * RD_NAME_cancellation. 0 is no name. */
typedef uint16_t rd_name;

/* Days since 1970-01-01, and seconds since 1970-01-01T00:00:00Z. */
typedef int64_t rd_date;
typedef int64_t rd_instant;

/* Early-warning counters: they may move a route and never an amount. */
typedef struct {
    int64_t repeats;
    int64_t like_cases;
    int64_t burst;
} rd_warnings;

/* What `remedy` sees, and what `route` sees. */
typedef struct {
    const unsigned char *record;
} rd_facts;
typedef struct {
    const unsigned char *record;
    const unsigned char *seen_by_route_only;
} rd_route_facts;

typedef struct rd_remedy rd_remedy;
typedef struct rd_verdict rd_verdict;
typedef struct rd_route rd_route;

RD_API rd_facts rd_merits(rd_route_facts facts) {
    return (rd_facts){facts.record};
}

/* ---- Stopping ----------------------------------------------------------- */

/* The slot of the first unknown fact that was read, or -1. */
static int32_t rd_held = -1;

/* Ends the policy with a fault, unless it waits for a fact anyway. */
RD_API void rd_stop(void) {
    if (rd_held < 0) {
        __builtin_trap();
    }
}

/* ---- Whole numbers ------------------------------------------------------ */

RD_API int64_t rd_add(int64_t a, int64_t b) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        rd_stop();
        return 0;
    }
    return sum;
}

RD_API int64_t rd_sub(int64_t a, int64_t b) {
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference)) {
        rd_stop();
        return 0;
    }
    return difference;
}

RD_API int64_t rd_mul(int64_t a, int64_t b) {
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product)) {
        rd_stop();
        return 0;
    }
    return product;
}

/* Towards zero. */
RD_API int64_t rd_div(int64_t a, int64_t b) {
    if (b == 0 || (a == INT64_MIN && b == -1)) {
        rd_stop();
        return 0;
    }
    return a / b;
}

RD_API int64_t rd_min(int64_t a, int64_t b) {
    return b < a ? b : a;
}

RD_API int64_t rd_max(int64_t a, int64_t b) {
    return b > a ? b : a;
}

typedef struct {
    uint64_t low;
    uint64_t high;
} rd_wide;

RD_CALL rd_wide rd_product(uint64_t a, uint64_t b) {
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0;
    uint64_t middle = a1 * b0 + (low >> 32);
    uint64_t carry = a0 * b1 + (uint32_t)middle;
    return (rd_wide){(carry << 32) | (uint32_t)low, a1 * b1 + (middle >> 32) + (carry >> 32)};
}

/* The compiler calls this to multiply with a check; it is not for policies. */
__attribute__((visibility("hidden"))) rd_wide __multi3(uint64_t a_low, uint64_t a_high,
                                                       uint64_t b_low, uint64_t b_high);
__attribute__((visibility("hidden"))) rd_wide __multi3(uint64_t a_low, uint64_t a_high,
                                                       uint64_t b_low, uint64_t b_high) {
    rd_wide product = rd_product(a_low, b_low);
    product.high += a_high * b_low + a_low * b_high;
    return product;
}

/* ---- Money -------------------------------------------------------------- */

/* Three letters as one number: RD_CURRENCY("EUR"). */
#define RD_CURRENCY(letters)                                                       \
    ((uint32_t)(letters)[0] | (uint32_t)(letters)[1] << 8 | (uint32_t)(letters)[2] << 16)

/* So many minor units: rd_minor(25000, "EUR") is 250.00 EUR. */
#define rd_minor(units, letters) ((rd_money){(units), RD_CURRENCY(letters)})

RD_API void rd_same_currency(rd_money a, rd_money b) {
    if (a.currency != b.currency) {
        rd_stop();
    }
}

RD_API rd_money rd_plus(rd_money a, rd_money b) {
    rd_same_currency(a, b);
    return (rd_money){rd_add(a.minor, b.minor), a.currency};
}

RD_API rd_money rd_minus(rd_money a, rd_money b) {
    rd_same_currency(a, b);
    return (rd_money){rd_sub(a.minor, b.minor), a.currency};
}

RD_API rd_money rd_times(rd_money a, int64_t factor) {
    return (rd_money){rd_mul(a.minor, factor), a.currency};
}

/* Negative, zero or positive as a is less than, equal to or more than b. */
RD_API int rd_compare(rd_money a, rd_money b) {
    rd_same_currency(a, b);
    return (a.minor > b.minor) - (a.minor < b.minor);
}

RD_API rd_money rd_less_of(rd_money a, rd_money b) {
    return rd_compare(a, b) > 0 ? b : a;
}

RD_API rd_money rd_more_of(rd_money a, rd_money b) {
    return rd_compare(a, b) < 0 ? b : a;
}

RD_API bool rd_is_zero(rd_money a) {
    return a.minor == 0;
}

RD_API bool rd_is_negative(rd_money a) {
    return a.minor < 0;
}

/* How a quotient becomes whole minor units: halves away from zero, halves to the even
 * neighbour, towards zero, away from zero. */
typedef enum { RD_HALF_UP, RD_HALF_EVEN, RD_DOWN, RD_UP } rd_rounding;

RD_API uint64_t rd_magnitude(int64_t number) {
    return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

/* numerator / denominator of the amount, rounded as named. */
RD_CALL rd_money rd_ratio_rounded(rd_money a, int64_t numerator, int64_t denominator,
                                 rd_rounding rounding) {
    rd_money nothing = {0, a.currency};
    uint64_t divisor = rd_magnitude(denominator);
    rd_wide dividend = rd_product(rd_magnitude(a.minor), rd_magnitude(numerator));
    if (dividend.high >= divisor) { /* A division by zero, or a quotient of 65 bits. */
        rd_stop();
        return nothing;
    }
    uint64_t quotient, rest;
    if (dividend.high == 0) {
        quotient = dividend.low / divisor;
        rest = dividend.low % divisor;
    } else {
        quotient = 0;
        rest = dividend.high;
        for (int bit = 63; bit >= 0; bit--) {
            bool carry = rest >> 63;
            rest = rest << 1 | (dividend.low >> bit & 1);
            quotient <<= 1;
            if (carry || rest >= divisor) {
                rest -= divisor;
                quotient |= 1;
            }
        }
    }
    bool away = false;
    if (rest != 0) {
        uint64_t missing = divisor - rest;
        away = rounding == RD_UP || (rounding == RD_HALF_UP && rest >= missing) ||
               (rounding == RD_HALF_EVEN &&
                (rest > missing || (rest == missing && (quotient & 1))));
    }
    bool negative = (a.minor < 0) != (numerator < 0) != (denominator < 0);
    uint64_t most = (uint64_t)INT64_MAX + negative;
    if (quotient > most || (quotient == most && away)) {
        rd_stop();
        return nothing;
    }
    quotient += away;
    return (rd_money){(int64_t)(negative ? 0 - quotient : quotient), a.currency};
}

/* The same, rounded as the release says. */
RD_API rd_money rd_ratio(rd_money a, int64_t numerator, int64_t denominator) {
    return rd_ratio_rounded(a, numerator, denominator, RD_ROUNDING);
}

RD_API rd_money rd_percent(rd_money a, int64_t percent) {
    return rd_ratio(a, percent, 100);
}

RD_API rd_money rd_basis_points(rd_money a, int64_t points) {
    return rd_ratio(a, points, 10000);
}

/* ---- Dates and texts ---------------------------------------------------- */

/* Days since 1970-01-01 of a date of the Gregorian calendar that exists. */
RD_API rd_date rd_day_of(int64_t year, int64_t month, int64_t day) {
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t year_of_era = shifted - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* Between instants, towards zero: from a to b. Dates are days: b - a. */
RD_API int64_t rd_minutes_between(rd_instant a, rd_instant b) {
    return (b - a) / 60;
}

RD_API int64_t rd_hours_between(rd_instant a, rd_instant b) {
    return (b - a) / 3600;
}

RD_API int64_t rd_days_between(rd_instant a, rd_instant b) {
    return (b - a) / 86400;
}

/* The compiler knows the length of a literal; this is for characters of other origin. */
__attribute__((visibility("hidden"))) __SIZE_TYPE__ strlen(const char *chars);
__attribute__((visibility("hidden"), no_builtin)) __SIZE_TYPE__ strlen(const char *chars) {
    __SIZE_TYPE__ length = 0;
    while (chars[length] != 0) {
        length++;
    }
    return length;
}

RD_API rd_text rd_text_of_chars(const char *chars) {
    return (rd_text){chars, __builtin_strlen(chars)};
}

/* The date so many days later; outside the years 1 to 9999 it stops the policy. */
RD_API rd_date rd_plus_days(rd_date date, int64_t days) {
    rd_date later = rd_add(date, days);
    if (later < -719162 || later > 2932896) {
        rd_stop();
        return 0;
    }
    return later;
}

RD_API rd_text rd_text_itself(rd_text text) {
    return text;
}

/* A text from a text or from the program's own characters. */
#define RD_TEXT(text)                                                              \
    _Generic((text), rd_text: rd_text_itself, default: rd_text_of_chars)(text)

RD_CALL bool rd_equal(rd_text a, rd_text b) {
    if (a.length != b.length) {
        return false;
    }
    for (uint32_t i = 0; i < a.length; i++) {
        if (a.at[i] != b.at[i]) {
            return false;
        }
    }
    return true;
}

/* Whether two texts hold the same bytes: rd_is(RD(facts, brand), "northwind"). */
#define rd_is(a, b) rd_equal(RD_TEXT(a), RD_TEXT(b))

/* Whether a name is one of a list; for lookups in tables. */
RD_CALL bool rd_among(rd_name name, const rd_name *names, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (names[i] == name) {
            return true;
        }
    }
    return false;
}

/* ---- Facts -------------------------------------------------------------- */

typedef int64_t __attribute__((may_alias)) rd_cell;
typedef uint32_t __attribute__((may_alias)) rd_half_cell;

RD_API int64_t rd_load(const unsigned char *at) {
    return *(const rd_cell *)(const void *)at;
}

RD_API uint32_t rd_load_half(const unsigned char *at) {
    return *(const rd_half_cell *)(const void *)at;
}

RD_API rd_money rd_load_money(const unsigned char *at) {
    return (rd_money){rd_load(at), rd_load_half(at + 8)};
}

RD_API rd_text rd_load_text(const unsigned char *record, const unsigned char *at) {
    return (rd_text){(const char *)record + rd_load_half(at), rd_load_half(at + 4)};
}

RD_API bool rd_is_known(const unsigned char *record, uint32_t slot) {
    return record[40 + slot / 8] >> (slot % 8) & 1;
}

/* Notes that a fact was read. */
RD_API void rd_reach(const unsigned char *record, uint32_t slot) {
    if (!rd_is_known(record, slot) && rd_held < 0) {
        rd_held = (int32_t)slot;
    }
}

/* The address of an item of a list whose field is at `field`. */
RD_CALL const unsigned char *rd_item(const unsigned char *record, uint32_t field, int64_t index,
                                    uint32_t size) {
    static const unsigned char nothing[16] __attribute__((aligned(8)));
    if (index < 0 || index >= (int64_t)rd_load_half(record + field + 4)) {
        rd_stop();
        return nothing;
    }
    return record + rd_load_half(record + field) + (uint32_t)index * size;
}

#define RD(facts, name)                                                            \
    (rd_reach(RD_RECORD_##name(facts), RD_SLOT_##name),                            \
     rd_read_##name(RD_RECORD_##name(facts)))

#define RD_KNOWN(facts, name) rd_is_known(RD_RECORD_##name(facts), RD_SLOT_##name)

#define RD_OR(facts, name, otherwise)                                              \
    (RD_KNOWN(facts, name) ? rd_read_##name(RD_RECORD_##name(facts)) : (otherwise))

#define RD_FACT(variable, facts, name)                                             \
    rd_reach(RD_RECORD_##name(facts), RD_SLOT_##name);                             \
    if (!RD_KNOWN(facts, name)) {                                                  \
        return 0;                                                                  \
    }                                                                              \
    const __auto_type variable = rd_read_##name(RD_RECORD_##name(facts))

#define RD_COUNT(facts, name)                                                      \
    (rd_reach(RD_RECORD_##name(facts), RD_SLOT_##name),                            \
     (int64_t)rd_load_half(RD_RECORD_##name(facts) + RD_FIELD_##name + 4))

#define RD_ITEM(facts, name, index)                                                \
    (rd_reach(RD_RECORD_##name(facts), RD_SLOT_##name),                            \
     rd_item_##name(RD_RECORD_##name(facts), (index)))

/* ---- Memory for one answer ---------------------------------------------- */

static unsigned char rd_arena[RD_ARENA_BYTES] __attribute__((aligned(8)));
static uint32_t rd_arena_used;

RD_CALL void *rd_take(uint32_t bytes) {
    uint32_t size = (bytes + 7) & ~7u;
    if (size > RD_ARENA_BYTES - rd_arena_used) {
        __builtin_trap();
    }
    void *taken = rd_arena + rd_arena_used;
    rd_arena_used += size;
    return taken;
}

/* The compiler calls these for large copies; they are not for policies. */
__attribute__((visibility("hidden"))) void *memcpy(void *to, const void *from, __SIZE_TYPE__ bytes);
__attribute__((visibility("hidden"))) void *memset(void *to, int byte, __SIZE_TYPE__ bytes);
__attribute__((visibility("hidden"), no_builtin)) void *memcpy(void *to, const void *from,
                                                                __SIZE_TYPE__ bytes) {
    for (__SIZE_TYPE__ i = 0; i < bytes; i++) {
        ((unsigned char *)to)[i] = ((const unsigned char *)from)[i];
    }
    return to;
}
__attribute__((visibility("hidden"), no_builtin)) void *memset(void *to, int byte,
                                                                __SIZE_TYPE__ bytes) {
    for (__SIZE_TYPE__ i = 0; i < bytes; i++) {
        ((unsigned char *)to)[i] = (unsigned char)byte;
    }
    return to;
}

/* ---- Reasons ------------------------------------------------------------ */

typedef struct {
    uint8_t tag;
    uint32_t currency;
    int64_t number;
    rd_text text;
} rd_arg;

/* Values inside a reason: a number, a sum, a date, a short text, the name of an enum. */
RD_API rd_arg rd_int(int64_t number) {
    return (rd_arg){.tag = 1, .number = number};
}

RD_API rd_arg rd_sum(rd_money sum) {
    return (rd_arg){.tag = 2, .number = sum.minor, .currency = sum.currency};
}

RD_API rd_arg rd_day(rd_date day) {
    return (rd_arg){.tag = 3, .number = day};
}

RD_API rd_arg rd_words_of(rd_text text) {
    return (rd_arg){.tag = 4, .text = text};
}

#define rd_words(text) rd_words_of(RD_TEXT(text))

typedef struct rd_reason rd_reason;
struct rd_reason {
    rd_text code;
    const rd_arg *args;
    uint32_t count;
    rd_reason *next;
};

RD_CALL rd_reason *rd_new_reason(rd_text code, const rd_arg *args, uint32_t count) {
    rd_arg *kept = rd_take(count * (uint32_t)sizeof(rd_arg));
    for (uint32_t i = 0; i < count; i++) {
        kept[i] = args[i];
    }
    rd_reason *reason = rd_take(sizeof(rd_reason));
    *reason = (rd_reason){code, kept, count, 0};
    return reason;
}

/* ---- Remedies ----------------------------------------------------------- */

enum { RD_STATUTORY = 1, RD_CONTRACTUAL = 2, RD_GOODWILL = 3 };

struct rd_remedy {
    rd_text kind;
    bool counted;
    uint8_t basis;
    rd_money sum;
    int64_t count;
    rd_text claim;
    rd_reason *first;
    rd_reason *last;
    uint32_t reasons;
};

RD_CALL rd_remedy *rd_new_remedy(rd_remedy filled) {
    rd_remedy *remedy = rd_take(sizeof(rd_remedy));
    *remedy = filled;
    remedy->basis = RD_GOODWILL;
    return remedy;
}

RD_API rd_remedy *rd_gift_of(rd_text kind, rd_money sum) {
    return rd_new_remedy((rd_remedy){.kind = kind, .sum = sum});
}

RD_API rd_remedy *rd_units_of(rd_text kind, int64_t count) {
    return rd_new_remedy((rd_remedy){.kind = kind, .counted = true, .count = count});
}

RD_API rd_remedy *rd_on_ground(rd_remedy *remedy, uint8_t basis, rd_text claim) {
    remedy->basis = basis;
    remedy->claim = claim;
    return remedy;
}

RD_CALL rd_remedy *rd_because_of(rd_remedy *remedy, rd_reason *reason) {
    if (remedy->last) {
        remedy->last->next = reason;
    } else {
        remedy->first = reason;
    }
    remedy->last = reason;
    remedy->reasons++;
    return remedy;
}

/* Things to give: a sum in cash, as a voucher, as credit, as any other kind; counted
 * units; one service. Each is goodwill until it is put on another ground. */
#define rd_cash(sum) rd_gift("cash", sum)
#define rd_voucher(sum) rd_gift("voucher", sum)
#define rd_credit(sum) rd_gift("balance_credit", sum)
#define rd_gift(kind, sum) rd_gift_of(RD_TEXT(kind), sum)
#define rd_units(kind, count) rd_units_of(RD_TEXT(kind), count)
#define rd_service(kind) rd_units_of(RD_TEXT(kind), 1)

/* These change the remedy and return it. Reasons keep their order. */
#define rd_statutory(remedy, claim) rd_on_ground(remedy, RD_STATUTORY, RD_TEXT(claim))
#define rd_contractual(remedy, claim) rd_on_ground(remedy, RD_CONTRACTUAL, RD_TEXT(claim))
#define rd_because(remedy, code) rd_because_of(remedy, rd_new_reason(RD_TEXT(code), 0, 0))
#define rd_because_with(remedy, code, ...)                                         \
    rd_because_of(remedy, rd_new_reason(RD_TEXT(code), (rd_arg[]){__VA_ARGS__},    \
                                        sizeof((rd_arg[]){__VA_ARGS__}) / sizeof(rd_arg)))

/* Remedies that a policy gathers one by one: rd_remedies given = {0}; rd_give(&given, r). */
typedef struct {
    rd_remedy *items[64];
    uint32_t count;
} rd_remedies;

RD_API void rd_give(rd_remedies *given, rd_remedy *remedy) {
    if (given->count == 64) {
        rd_stop();
        return;
    }
    given->items[given->count++] = remedy;
}

/* ---- Writing an answer -------------------------------------------------- */

struct rd_verdict {
    unsigned char *bytes;
    uint32_t length;
};

struct rd_route {
    rd_text queue;
    int64_t priority;
    int64_t count;
    uint8_t unit;
    int32_t since;
    rd_reason *first;
    rd_reason *last;
    uint32_t obligations;
};

/* An answer is written behind everything else in the arena. */
RD_CALL rd_verdict *rd_begin(uint8_t tag) {
    rd_verdict *answer = rd_take(sizeof(rd_verdict));
    *answer = (rd_verdict){rd_arena + rd_arena_used, 0};
    unsigned char *head = rd_take(8);
    head[0] = 1;
    head[1] = tag;
    answer->length = 2;
    return answer;
}

/* Numbers at addresses that are no multiple of their size. */
typedef struct {
    uint64_t bits;
} __attribute__((packed, may_alias)) rd_loose_64;
typedef struct {
    uint32_t bits;
} __attribute__((packed, may_alias)) rd_loose_32;

RD_API unsigned char *rd_room(rd_verdict *answer, uint32_t bytes) {
    unsigned char *at = answer->bytes + answer->length;
    if (bytes > (uint32_t)(rd_arena + RD_ARENA_BYTES - at)) {
        __builtin_trap();
    }
    answer->length += bytes;
    return at;
}

RD_API void rd_put_8(rd_verdict *answer, int64_t number) {
    *rd_room(answer, 1) = (unsigned char)number;
}

RD_API void rd_put_16(rd_verdict *answer, int32_t number) {
    rd_put_8(answer, number);
    rd_put_8(answer, number >> 8);
}

RD_API void rd_put_32(rd_verdict *answer, int64_t number) {
    ((rd_loose_32 *)(void *)rd_room(answer, 4))->bits = (uint32_t)number;
}

RD_API void rd_put_64(rd_verdict *answer, int64_t number) {
    ((rd_loose_64 *)(void *)rd_room(answer, 8))->bits = (uint64_t)number;
}

/* A count or length that does not fit into its byte; held or not, it cannot be written. */
RD_API void rd_put_count(rd_verdict *answer, uint32_t count) {
    if (count > 255) {
        __builtin_trap();
    }
    rd_put_8(answer, count);
}

RD_CALL void rd_put_text(rd_verdict *answer, rd_text text) {
    rd_put_count(answer, text.length);
    unsigned char *to = rd_room(answer, text.length);
    for (uint32_t i = 0; i < text.length; i++) {
        to[i] = (unsigned char)text.at[i];
    }
}

RD_CALL void rd_put_money(rd_verdict *answer, int64_t minor, uint32_t currency) {
    rd_put_64(answer, minor);
    rd_put_16(answer, (int32_t)(currency & 0xffff));
    rd_put_8(answer, currency >> 16);
}

RD_CALL void rd_put_reason(rd_verdict *answer, const rd_reason *reason) {
    rd_put_text(answer, reason->code);
    rd_put_count(answer, reason->count);
    for (uint32_t i = 0; i < reason->count; i++) {
        rd_arg arg = reason->args[i];
        rd_put_8(answer, arg.tag);
        if (arg.tag == 1) {
            rd_put_64(answer, arg.number);
        } else if (arg.tag == 2) {
            rd_put_money(answer, arg.number, arg.currency);
        } else if (arg.tag == 3) {
            rd_put_32(answer, arg.number);
        } else {
            rd_put_text(answer, arg.text);
        }
    }
}

RD_API void rd_put_reasons(rd_verdict *answer, const rd_reason *first, uint32_t count) {
    rd_put_count(answer, count);
    for (; first; first = first->next) {
        rd_put_reason(answer, first);
    }
}

RD_CALL void rd_put_remedy(rd_verdict *answer, const rd_remedy *remedy) {
    rd_put_text(answer, remedy->kind);
    if (remedy->counted) {
        rd_put_8(answer, 2);
        rd_put_text(answer, remedy->kind);
        rd_put_64(answer, remedy->count);
    } else {
        rd_put_8(answer, 1);
        rd_put_money(answer, remedy->sum.minor, remedy->sum.currency);
    }
    rd_put_8(answer, remedy->basis);
    if (remedy->basis != RD_GOODWILL) {
        rd_put_text(answer, remedy->claim);
    }
    rd_put_reasons(answer, remedy->first, remedy->reasons);
}

/* ---- Verdicts ----------------------------------------------------------- */

RD_CALL rd_verdict *rd_grant_items(rd_text tier, rd_remedy *const *items, uint32_t count) {
    rd_verdict *answer = rd_begin(1);
    rd_put_text(answer, tier);
    rd_put_count(answer, count);
    for (uint32_t i = 0; i < count; i++) {
        rd_put_remedy(answer, items[i]);
    }
    return answer;
}

RD_CALL rd_verdict *rd_refuse_codes(const rd_text *codes, uint32_t count) {
    rd_verdict *answer = rd_begin(2);
    rd_put_count(answer, count);
    for (uint32_t i = 0; i < count; i++) {
        rd_put_text(answer, codes[i]);
        rd_put_count(answer, 0);
    }
    return answer;
}

RD_CALL rd_verdict *rd_hold_code(rd_text code) {
    rd_verdict *answer = rd_begin(3);
    rd_put_text(answer, code);
    rd_put_count(answer, 0);
    return answer;
}

RD_CALL rd_verdict *rd_hold_for_fact(int32_t slot) {
    rd_verdict *answer = rd_begin(4);
    rd_put_16(answer, slot);
    return answer;
}

#define RD_REMEDIES(...) (rd_remedy *const[]){__VA_ARGS__}
#define RD_REMEDY_COUNT(...) (sizeof(RD_REMEDIES(__VA_ARGS__)) / sizeof(rd_remedy *))

/* rd_grant(a, b): these remedies, in the order of their importance. */
#define rd_grant(...)                                                              \
    rd_grant_items((rd_text){0}, RD_REMEDIES(__VA_ARGS__), RD_REMEDY_COUNT(__VA_ARGS__))
#define rd_grant_in_tier(tier, ...)                                                \
    rd_grant_items(RD_TEXT(tier), RD_REMEDIES(__VA_ARGS__), RD_REMEDY_COUNT(__VA_ARGS__))
/* What rd_give gathered. */
#define rd_grant_all(given) rd_grant_items((rd_text){0}, (given)->items, (given)->count)
#define rd_grant_all_in_tier(tier, given)                                          \
    rd_grant_items(RD_TEXT(tier), (given)->items, (given)->count)
/* rd_refuse("late"), rd_refuse_all(RD_TEXT("late"), RD_TEXT("no_loss")). */
#define rd_refuse(code) rd_refuse_codes((rd_text[]){RD_TEXT(code)}, 1)
#define rd_refuse_all(...)                                                         \
    rd_refuse_codes((rd_text[]){__VA_ARGS__}, sizeof((rd_text[]){__VA_ARGS__}) / sizeof(rd_text))
/* Waits, with a code that the guardrails explain. */
#define rd_hold(code) rd_hold_code(RD_TEXT(code))

/* ---- Routes ------------------------------------------------------------- */

RD_API rd_route *rd_new_route(void) {
    rd_route *route = rd_take(sizeof(rd_route));
    *route = (rd_route){.since = -1};
    return route;
}

RD_API rd_route *rd_in_queue(rd_route *route, rd_text queue) {
    route->queue = queue;
    return route;
}

/* What is out of range is written so that the host refuses it. */
RD_API rd_route *rd_priority(rd_route *route, int64_t priority) {
    route->priority = priority >= 1 && priority <= 9 ? priority : 255;
    return route;
}

RD_API rd_route *rd_within(rd_route *route, uint8_t unit, int64_t count) {
    route->unit = unit;
    route->count = count >= 0 && count <= 10000 ? count : UINT32_MAX;
    return route;
}

RD_API rd_route *rd_since_slot(rd_route *route, int32_t slot) {
    route->since = slot;
    return route;
}

RD_CALL rd_route *rd_oblige_code(rd_route *route, rd_text code) {
    rd_reason *duty = rd_new_reason(code, 0, 0);
    if (route->last) {
        route->last->next = duty;
    } else {
        route->first = duty;
    }
    route->last = duty;
    route->obligations++;
    return route;
}

/* These change the route and return it. RD_SINCE takes the name of a date fact. */
#define rd_queue(route, code) rd_in_queue(route, RD_TEXT(code))
#define rd_within_minutes(route, count) rd_within(route, 1, count)
#define rd_within_hours(route, count) rd_within(route, 2, count)
#define rd_within_days(route, count) rd_within(route, 3, count)
#define rd_within_working_days(route, count) rd_within(route, 4, count)
#define RD_SINCE(route, name) rd_since_slot(route, RD_DATE_SLOT_##name)
#define rd_oblige(route, code) rd_oblige_code(route, RD_TEXT(code))

RD_CALL rd_verdict *rd_routed(const rd_route *route) {
    rd_verdict *answer = rd_begin(5);
    rd_put_text(answer, route->queue);
    rd_put_8(answer, route->priority);
    rd_put_8(answer, route->unit);
    if (route->unit) {
        rd_put_32(answer, route->count);
        rd_put_8(answer, route->since < 0 ? 1 : 2);
        if (route->since >= 0) {
            rd_put_16(answer, route->since);
        }
    } else if (route->since >= 0) {
        rd_stop(); /* A start without a span. */
    }
    rd_put_count(answer, route->obligations);
    for (const rd_reason *duty = route->first; duty; duty = duty->next) {
        rd_put_text(answer, duty->code);
    }
    return answer;
}

/* ---- The exports of guest ABI v1 ---------------------------------------- */

static rd_verdict *remedy(rd_facts facts);
static rd_route *route(rd_route_facts facts, rd_warnings warnings);

extern unsigned char __heap_base;
static uint32_t rd_records_used;

RD_API int64_t rd_finish(const rd_verdict *answer) {
    if (rd_held >= 0) {
        rd_arena_used = 0;
        answer = rd_hold_for_fact(rd_held);
    }
    if (!answer) {
        __builtin_trap();
    }
    return (int64_t)((uint64_t)(uintptr_t)answer->bytes << 32 | answer->length);
}

__attribute__((export_name("abi_version"))) int32_t rd_export_abi_version(void);
__attribute__((export_name("abi_version"))) int32_t rd_export_abi_version(void) {
    return 1;
}

__attribute__((export_name("alloc"))) void *rd_export_alloc(uint32_t bytes);
__attribute__((export_name("alloc"))) void *rd_export_alloc(uint32_t bytes) {
    uint64_t base = ((uintptr_t)&__heap_base + 7u) & ~(uint64_t)7u;
    uint64_t at = base + rd_records_used;
    uint64_t end = at + (((uint64_t)bytes + 7) & ~(uint64_t)7);
    if (end > (uint64_t)__builtin_wasm_memory_size(0) * 65536) {
        return 0;
    }
    rd_records_used = (uint32_t)(end - base);
    return (void *)(uintptr_t)at;
}

__attribute__((export_name("remedy"))) int64_t rd_export_remedy(const unsigned char *record,
                                                                uint32_t length);
__attribute__((export_name("remedy"))) int64_t rd_export_remedy(const unsigned char *record,
                                                                uint32_t length) {
    (void)length;
    return rd_finish(remedy((rd_facts){record}));
}

__attribute__((export_name("route"))) int64_t rd_export_route(const unsigned char *record,
                                                              uint32_t length);
__attribute__((export_name("route"))) int64_t rd_export_route(const unsigned char *record,
                                                              uint32_t length) {
    (void)length;
    rd_warnings warnings = {rd_load(record + 16), rd_load(record + 24), rd_load(record + 32)};
    rd_route *found = route((rd_route_facts){record, record}, warnings);
    return rd_finish(found ? rd_routed(found) : 0);
}

#endif
