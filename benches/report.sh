#!/usr/bin/env bash
# Prints the ratios of the README as one Markdown table, with its targets.
#
#   benches/report.sh [--smoke] [--peers]
#
# --smoke runs everything once and measures nothing; --peers adds the other engines.
set -euo pipefail
cd "$(dirname "$0")/.."

effort=()
peers=no
for argument in "$@"; do
    case "$argument" in
        --smoke) effort=(--smoke) ;;
        --peers) peers=yes ;;
        *) echo "usage: benches/report.sh [--smoke] [--peers]" >&2; exit 2 ;;
    esac
done

cargo run --quiet --release -p redress-benches --bin ratios -- "${effort[@]}"
if [ "$peers" = yes ]; then
    # Its rows without the heading, which is the same.
    cargo run --quiet --release --manifest-path benches/peers/Cargo.toml --bin peers-ratios -- "${effort[@]}" \
        | tail -n +3
fi
