#!/usr/bin/env bash
# Installs Debian's lcov, which the tests have read a tracefile, unless there is one or
# nobody may install packages; the test then names itself as skipped.
set -euo pipefail
if command -v lcov >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo 'no lcov, and no way to install it: the test that needs it is skipped'
    exit 0
fi
apt-get install -y --no-install-recommends lcov ||
    { apt-get update && apt-get install -y --no-install-recommends lcov; }
