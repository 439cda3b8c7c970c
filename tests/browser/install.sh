#!/usr/bin/env bash
# Installs Debian's Chromium, in which the tests look at the review page, unless there is
# one or nobody may install packages; the tests then name themselves as skipped.
set -euo pipefail
if command -v chromium >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo 'no Chromium, and no way to install it: the tests in a browser are skipped'
    exit 0
fi
apt-get install -y --no-install-recommends chromium fonts-noto-cjk ||
    { apt-get update && apt-get install -y --no-install-recommends chromium fonts-noto-cjk; }
