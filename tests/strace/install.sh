#!/usr/bin/env bash
# Installs Debian's strace, which kills a writer at a system call, unless there is one or
# nobody may install packages; the test then names itself as skipped.
set -euo pipefail
if command -v strace >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo 'no strace, and no way to install it: the test that needs it is skipped'
    exit 0
fi
apt-get install -y --no-install-recommends strace ||
    { apt-get update && apt-get install -y --no-install-recommends strace; }
