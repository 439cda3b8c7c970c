#!/usr/bin/env bash
# Puts z3 into a folder, out of the Python package that ships its program, unless it is
# there or cannot be had; proofs then stay unknown, and the tests say so.
set -euo pipefail
folder=${1:?a folder}
if [ -x "$folder/z3" ]; then
    exit 0
fi
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
if ! python3 -m pip install --quiet --no-deps --target "$work" 'z3-solver==5.4.1.0'; then
    echo 'no z3-solver to be had: what needs a solver is skipped'
    exit 0
fi
mkdir -p "$folder"
cp "$work/bin/z3" "$folder/z3"
chmod +x "$folder/z3"
