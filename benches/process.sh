#!/usr/bin/env bash
# Times `redress` as whole processes: one case each, and the flights.
#
#   benches/process.sh [RUNS]
#
# Medians of RUNS runs (30 by default) in milliseconds, and the largest resident set.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-30}
cargo build --quiet --release -p redress-cli
redress=${CARGO_TARGET_DIR:-target}/release/redress
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

median() {
    local name=$1
    shift
    for _ in $(seq "$runs"); do once "$@"; done | sort -n \
        | awk -v name="$name" '{ us[NR] = $1 } END { printf "| %s | %.1f ms |\n", name, us[int((NR + 1) / 2)] / 1000 }'
}

# The largest resident set of one run, by GNU time where it is installed.
memory() {
    local name=$1
    shift
    if [ -x /usr/bin/time ]; then
        /usr/bin/time -f "| $name, memory | %M KiB |" "$@" 2>&1 > /dev/null | tail -n 1
    else
        echo "| $name, memory | skipped: GNU time is not installed |"
    fi
}

echo '| whole process | median |'
echo '| --- | ---: |'
story=policies/travel/goodwill/story/two-hundred-for-nothing.json
median 'eval, a script alone' "$redress" eval policies/travel/goodwill -i "$story"
median 'eval, a module to compile' "$redress" eval policies/air/eu261 --sandbox wasm -i "$case"
memory 'eval, a module to compile' "$redress" eval policies/air/eu261 --sandbox wasm -i "$case"

runs=3
median 'unzip and split the flights' sh -c "gzip -dc $flights | tr ',' '\n' | wc -l"
median 'backtest of the flights' "$redress" backtest policies/air/eu261 "$flights" \
    --set intra_union=false --set notice_days=0 --set reroute.offered=false
