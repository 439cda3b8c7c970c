#!/usr/bin/env bash
# Installs Debian's packages for a program that tests need, unless the program is there or
# nobody may install packages; the tests then name themselves as skipped.
#
#   tests/debian.sh chromium fonts-noto-cjk   the review page is looked at in it
#   tests/debian.sh lcov                      reads a tracefile of coverage
#   tests/debian.sh strace                    kills a writer at a system call
#
# The program has the name of the first package.
set -euo pipefail
program=${1:?usage: tests/debian.sh PACKAGE...}
if command -v "$program" >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "no $program, and no way to install it: the tests that need it are skipped"
    exit 0
fi
apt-get install -y --no-install-recommends "$@" ||
    { apt-get update && apt-get install -y --no-install-recommends "$@"; }
