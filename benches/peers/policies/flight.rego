# Flight disruption, the whole decision.
package flight

import rego.v1

default excused := false

excused if {
	input.extraordinary
	input.event != "denied_boarding"
}

band_minor := 25000 if {
	input.distance_km <= 1500
} else := 40000 if {
	input.distance_km <= 3500
} else := 60000

row := [0, "below_three_hours"] if {
	input.event == "delay"
	input.delay_minutes < 180
} else := [30000, "late_arrival"] if {
	input.event == "delay"
	input.distance_km > 3500
	input.delay_minutes < 240
} else := [band_minor, "late_arrival"] if {
	input.event == "delay"
} else := [band_minor, "cancelled"] if {
	input.event == "cancellation"
} else := [band_minor, "denied_boarding"]

statutory_minor := 0 if {
	excused
} else := row[0] * input.passengers

ground := "extraordinary_circumstances" if {
	excused
} else := row[1]

wait_percent := 2 if {
	input.delay_minutes < 60
} else := 5 if {
	input.delay_minutes < 120
} else := 10 if {
	input.delay_minutes < 180
} else := 15

overnight_percent := 10 if {
	input.overnight
} else := 0

missed_percent := 10 if {
	input.missed_connection
} else := 0

percent := (wait_percent + overnight_percent) + missed_percent

# Halves away from zero; the remainder is taken off so that the quotient is whole.
percent_of(minor, share) := (rounded - (rounded % 100)) / 100 if {
	rounded := (minor * share) + 50
}

care_minor := 0 if {
	input.care_given
} else := 1500 * input.passengers

tier_percent := 10 if {
	percent <= 10
} else := 25 if {
	percent <= 25
} else := 40

least(left, right) := left if {
	left <= right
} else := right

comfort_minor := percent_of(input.ticket_price_minor, percent)

proposed_minor := comfort_minor + care_minor

goodwill_minor := least(
	least(proposed_minor, percent_of(input.ticket_price_minor, tier_percent)),
	40000 - input.cap_used_minor,
)

required := 0 if {
	goodwill_minor <= 5000
} else := 1 if {
	goodwill_minor <= 15000
} else := 2

outcome := "grant" if {
	required <= input.role
} else := "escalate"

overnight_reason := ["overnight"] if {
	input.overnight
} else := []

missed_reason := ["missed_connection"] if {
	input.missed_connection
} else := []

# Care that is cut away whole takes its reason with it.
care_reason := [] if {
	input.care_given
} else := ["care_not_given"] if {
	goodwill_minor > comfort_minor
} else := []

reasons := array.concat(
	array.concat([ground, "long_wait"], overnight_reason),
	array.concat(missed_reason, care_reason),
)

decision := {
	"statutory_minor": statutory_minor,
	"goodwill_minor": goodwill_minor,
	"outcome": outcome,
	"required": required,
	"reasons": reasons,
}
