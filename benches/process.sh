#!/usr/bin/env bash
# Times `redress` as whole processes: one case each, the tests of policies, and the flights.
#
#   benches/process.sh [RUNS]
#
# Medians of RUNS runs (30 by default) and the largest resident set, with their targets.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-30}
cargo build --quiet --release -p redress-cli -p redress-benches
bin=${CARGO_TARGET_DIR:-target}/release
redress=$bin/redress
flights=tests/data/nyc-flights-2013/flights.csv.gz
case=$(mktemp)
trap 'rm -f "$case"' EXIT
cat > "$case" <<'CASE'
{"id":"c-1","incident_date":"2026-05-20","event":"e-1","claimant":{"id":"p-1"},"stage":"facts_recorded",
 "facts":{"event":"arrival","distance_km":1800,"arrival_delay_minutes":200}}
CASE

# Milliseconds of one run of a command, its output thrown away.
once() {
    local start end
    start=$(date +%s%N)
    "$@" > /dev/null 2>&1
    end=$(date +%s%N)
    echo $(((end - start) / 1000))
}

# A row of the table: name, what was measured, its unit, and the most that it may be.
row() {
    awk -v name="$1" -v value="$2" -v unit="$3" -v most="$4" \
        'BEGIN { printf "| %s | %s %s | at most %s %s | %s |\n", name, value, unit, most, unit, (value <= most + 0 ? "met" : "not met") }'
}

# The median of a command's runs: name, the most milliseconds it may take, the command.
median() {
    local name=$1 most=$2 value
    shift 2
    value=$(for _ in $(seq "$runs"); do once "$@"; done | sort -n \
        | awk '{ us[NR] = $1 } END { printf "%.1f", us[int((NR + 1) / 2)] / 1000 }')
    row "$name" "$value" ms "$most"
}

# The largest resident set of one run, by GNU time where it is installed.
memory() {
    local name=$1 most=$2
    shift 2
    if [ -x /usr/bin/time ]; then
        row "$name" "$(/usr/bin/time -f %M "$@" 2>&1 > /dev/null | tail -n 1 | awk '{ printf "%.1f", $1 / 1024 }')" MiB "$most"
    else
        echo "| $name | skipped: GNU time is not installed | at most $most MiB | |"
    fi
}

echo '| whole process | measured | target | |'
echo '| --- | ---: | ---: | --- |'
story=policies/travel/goodwill/story/two-hundred-for-nothing.json
median 'eval, a script alone' 15 "$redress" eval policies/travel/goodwill -i "$story"
median 'eval, a module to compile' 60 "$redress" eval policies/air/eu261 --sandbox wasm -i "$case"
memory 'eval, a module to compile, memory' 64 "$redress" eval policies/air/eu261 --sandbox wasm -i "$case"

runs=3
median 'test, every shipped release' 2000 "$redress" test policies
median 'test --mutants, air/eu261' 30000 "$redress" test policies/air/eu261 --mutants

# In turns: the flights unzipped and split, decided in memory on two threads, and the
# backtest, which is held to the slower of the two.
sets=(intra_union=false notice_days=0 reroute.offered=false)
rounds=5
for _ in $(seq "$rounds"); do
    unzip=$(once sh -c "gzip -dc $flights | tr ',' '\n' | wc -l")
    memory=$("$bin/flights" policies/air/eu261 "$flights" "${sets[@]}")
    backtest=$(once "$redress" backtest policies/air/eu261 "$flights" "${sets[@]/#/--set=}")
    echo "$unzip $memory $backtest"
done | awk -v rows="$(gzip -dc "$flights" | tail -n +2 | wc -l)" '
    { unzip[NR] = $1; memory[NR] = $2; backtest[NR] = $3; ratio[NR] = ($1 > $2 ? $1 : $2) / $3 }
    function median(values, n, i, j, swap) {
        for (i = 1; i <= n; i++)
            for (j = i + 1; j <= n; j++)
                if (values[j] < values[i]) { swap = values[i]; values[i] = values[j]; values[j] = swap }
        return values[int((n + 1) / 2)]
    }
    END {
        printf "| the flights unzipped and split | %.0f ms | | |\n", median(unzip, NR) / 1000
        rate = rows / median(memory, NR)
        printf "| the flights decided in memory, two threads, millions a second | %.2f | at least 1 | %s |\n", rate, (rate >= 1 ? "met" : "not met")
        printf "| backtest of the flights | %.0f ms | | |\n", median(backtest, NR) / 1000
        share = median(ratio, NR) * 100
        printf "| backtest, rows a second beside the lower of the two | %.0f %% | at least 70 %% | %s |\n", share, (share >= 70 ? "met" : "not met")
    }'
