#!/usr/bin/env bash
# Builds guest/policy.c of a release folder into its policy.wasm.
#
#   host-bindings/guest/build.sh RELEASE_FOLDER [MEMORY_KIB]
#
# MEMORY_KIB is the module's whole memory: stack, tables, facts and answer (default 64).
# A release.toml that names the module gets the SHA-256 of its source; for one that does
# not yet, the keys are printed.
#
# The same source, tables and compiler give the same bytes. The compiler is the one that
# the Python package ziglang 0.17.1 holds, clang 22.1.8, so that everybody has the same:
#
#   python3 -m pip install ziglang==0.17.1
#
# REDRESS names the program whose `bindings` writes the header; by default it is built
# from this repository.
set -euo pipefail

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: build.sh RELEASE_FOLDER [MEMORY_KIB]" >&2
    exit 2
fi
release=$1
memory_bytes=$((${2:-64} * 1024))
if [ ! -f "$release/guest/policy.c" ]; then
    echo "build.sh: there is no $release/guest/policy.c" >&2
    exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=0.17.1
if [ "$(python3 -m ziglang version 2>/dev/null)" != "$version" ]; then
    echo "build.sh needs the compiler of ziglang $version: python3 -m pip install ziglang==$version" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sha256() { python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"; }
source_sha256=$(sha256 "$release/guest/policy.c")
if [ -n "${REDRESS:-}" ]; then
    "$REDRESS" bindings "$release" >"$work/redress_policy.h"
else
    cargo run --quiet --manifest-path "$here/../../Cargo.toml" --package redress-cli -- \
        bindings "$release" >"$work/redress_policy.h"
fi
cp "$release/guest/policy.c" "$here/redress_guest.h" "$work/"

# WebAssembly 1.0, no C library; an overflow, a shift or an index out of range traps.
(
    cd "$work"
    python3 -m ziglang cc -target wasm32-freestanding -mcpu=mvp -std=gnu11 -O2 -g0 \
        -ffreestanding -fno-builtin -nostdlib -Wall -Wextra -Werror \
        -fno-sanitize=all \
        -fsanitize=signed-integer-overflow,integer-divide-by-zero,shift,bounds,return,unreachable \
        -fsanitize-trap=all -c policy.c -o policy.o
    python3 -m ziglang wasm-ld --no-entry --stack-first -z stack-size=16384 \
        --initial-memory="$memory_bytes" --max-memory="$memory_bytes" --strip-all \
        --keep-section=redress.schema --keep-section=redress.tables \
        --keep-section=redress.rounding policy.o -o policy.wasm
)
cp "$work/policy.wasm" "$release/policy.wasm"
python3 -c '
import re, sys
path, digest = sys.argv[1:]
text = open(path, encoding="utf-8", newline="").read()
text = re.sub(r"(?m)^(wasm_source_sha256\s*=\s*\")[^\"]*", lambda key: key[1] + digest, text)
open(path, "w", encoding="utf-8", newline="").write(text)' "$release/release.toml" "$source_sha256"

echo "$release/policy.wasm: $(wc -c <"$release/policy.wasm") bytes, sha256 $(sha256 "$release/policy.wasm")" >&2
if ! grep -q '^wasm_source_sha256' "$release/release.toml"; then
    echo "Under [policy] in $release/release.toml:" >&2
    cat <<TOML
wasm = "policy.wasm"
wasm_source = "guest/policy.c"
wasm_source_sha256 = "$source_sha256"
wasm_rebuild = "host-bindings/guest/build.sh $release${2:+ $2}"
TOML
fi
