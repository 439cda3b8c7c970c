#!/usr/bin/env bash
# A PostgreSQL server of the tests' own: on a private socket, in a folder that can be thrown
# away. As root it runs as the user `postgres`, since the server refuses to run as root; that
# user must be able to enter the folder that FOLDER stands in.
#
#   server.sh install        installs Debian's server unless there is one; fails if it cannot
#   server.sh place          prints where clusters are fastest: in memory if a gigabyte is free
#   server.sh start FOLDER   makes a cluster in the folder unless there is one, starts it and
#                            prints its address; fails with 69 where there is no PostgreSQL
#   server.sh kill FOLDER    stops it as a loss of power would, but for the disk's own cache
#   server.sh stop FOLDER    the same, and removes the folder
set -euo pipefail

binaries() {
    if command -v pg_ctl >/dev/null; then
        dirname "$(readlink -f "$(command -v pg_ctl)")"
        return
    fi
    # Debian keeps each version's programs in a folder of its own.
    local found
    found=$(find /usr/lib/postgresql -maxdepth 3 -path '*/bin/pg_ctl' 2>/dev/null | sort -V | tail -n 1)
    [ -n "$found" ] && dirname "$found"
}

as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

install() {
    binaries >/dev/null && return
    apt-get install -y --no-install-recommends postgresql ||
        { apt-get update && apt-get install -y --no-install-recommends postgresql; }
    binaries >/dev/null
}

place() {
    local free
    free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
    if [ "${free:-0}" -gt 1048576 ] && [ -w /dev/shm ]; then
        echo /dev/shm
    else
        echo "${TMPDIR:-/tmp}"
    fi
}

start() {
    local folder=$1 bin
    bin=$(binaries) || { echo 'there is no PostgreSQL server here' >&2; exit 69; }
    mkdir -p "$folder"
    chmod 700 "$folder"
    [ "$(id -u)" -ne 0 ] || chown postgres "$folder"
    if [ ! -e "$folder/data/PG_VERSION" ]; then
        as_server "$bin/initdb" -D "$folder/data" -U redress --no-sync --auth=trust --encoding=UTF8 \
            --locale=C >"$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
        rm "$folder.log"
        printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$folder'" \
            'max_connections = 200' 'shared_buffers = 64MB' >>"$folder/data/postgresql.conf"
    fi
    as_server "$bin/pg_ctl" -D "$folder/data" -w -t 120 -l "$folder/log" start >/dev/null </dev/null ||
        { cat "$folder/log" >&2; exit 1; }
    echo "postgres://redress@${folder//\//%2F}/postgres"
}

kill_server() {
    local folder=$1 bin
    bin=$(binaries)
    [ ! -e "$folder/data/postmaster.pid" ] ||
        as_server "$bin/pg_ctl" -D "$folder/data" -w -t 120 -m immediate stop >/dev/null
}

case "${1:-}" in
install) install ;;
place) place ;;
start) start "$2" ;;
kill) kill_server "$2" ;;
stop)
    kill_server "$2"
    rm -rf "$2"
    ;;
*)
    sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac
