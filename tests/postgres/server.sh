#!/usr/bin/env bash
# A PostgreSQL server of the tests' own: on a private socket, in a folder that can be thrown
# away. As root it runs as the user `postgres`, since the server refuses to run as root; that
# user must be able to enter the folder that FOLDER stands in.
#
#   server.sh install        installs Debian's server unless there is one; fails if it cannot
#   server.sh place          prints where clusters are fastest: in memory if a gigabyte is free
#   server.sh start FOLDER   makes a cluster in the folder unless there is one, starts it and
#                            prints its address; fails with 69 where there is no PostgreSQL
#   server.sh tls FOLDER PORT  makes certificates for the host name `localhost` and starts the server
#                            of the folder anew with them, on that port as well
#   server.sh small FOLDER MIB  mounts a disk of so many MiB of its own at FOLDER/small, with a folder
#                            in it for a tablespace; fails with 77 for whoever may not mount
#   server.sh wal FOLDER MIB mounts such a disk at FOLDER/wal and starts the server anew with its
#                            write-ahead log there
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

encrypt() {
    local folder=$1 port=$2 name
    kill_server "$folder"
    for name in root other; do
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name of a test" \
            -keyout "$folder/$name.key" -out "$folder/$name.crt" 2>/dev/null
    done
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost \
        -keyout "$folder/server.key" -out "$folder/server.csr" 2>/dev/null
    printf 'subjectAltName = DNS:localhost\n' >"$folder/names"
    openssl x509 -req -in "$folder/server.csr" -CA "$folder/root.crt" -CAkey "$folder/root.key" \
        -CAcreateserial -days 2 -extfile "$folder/names" -out "$folder/server.crt" 2>/dev/null
    printf '%s\n' '[ca]' 'default_ca = own' '[own]' "database = $folder/made" \
        "new_certs_dir = $folder" "serial = $folder/number" 'policy = any' 'default_md = sha256' \
        '[any]' 'commonName = supplied' >"$folder/ca.cnf"
    : >"$folder/made"
    echo 01 >"$folder/number"
    openssl ca -batch -notext -config "$folder/ca.cnf" -cert "$folder/root.crt" \
        -keyfile "$folder/root.key" -in "$folder/server.csr" -extfile "$folder/names" \
        -startdate 20200101000000Z -enddate 20200102000000Z -out "$folder/expired.crt" 2>/dev/null
    [ "$(id -u)" -ne 0 ] || chown postgres "$folder"/server.* "$folder/expired.crt"
    chmod 600 "$folder/server.key"
    printf '%s\n' 'ssl = on' "ssl_cert_file = '$folder/server.crt'" \
        "ssl_key_file = '$folder/server.key'" "listen_addresses = '127.0.0.1'" \
        "port = $port" >>"$folder/data/postgresql.conf"
    # Whoever does not encrypt is sent away.
    sed -i 's/^host /hostssl /' "$folder/data/pg_hba.conf"
    start "$folder" >/dev/null
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# A disk of so many MiB.
disk() {
    local place=$1 mib=$2
    mkdir -p "$place"
    as_root mount -t tmpfs -o "size=${mib}m,mode=1777" redress "$place" 2>/dev/null || exit 77
}

small() {
    local folder=$1 mib=$2
    disk "$folder/small" "$mib"
    as_server mkdir -m 700 "$folder/small/space"
}

move_wal() {
    local folder=$1 mib=$2
    kill_server "$folder"
    disk "$folder/wal" "$mib"
    as_server mv "$folder/data/pg_wal" "$folder/wal/pg_wal"
    as_server ln -s "$folder/wal/pg_wal" "$folder/data/pg_wal"
    start "$folder" >/dev/null
}

kill_server() {
    local folder=$1 bin
    bin=$(binaries)
    # One that ended by itself leaves its file behind, and is not there to be stopped.
    ! as_server "$bin/pg_ctl" -D "$folder/data" status >/dev/null 2>&1 ||
        as_server "$bin/pg_ctl" -D "$folder/data" -w -t 120 -m immediate stop >/dev/null
}

case "${1:-}" in
install) install ;;
place) place ;;
start) start "$2" ;;
tls) encrypt "$2" "$3" ;;
small) small "$2" "$3" ;;
wal) move_wal "$2" "$3" ;;
kill) kill_server "$2" ;;
stop)
    kill_server "$2"
    for disk in "$2/small" "$2/wal"; do
        ! mountpoint -q "$disk" || as_root umount "$disk"
    done
    rm -rf "$2"
    ;;
*)
    sed -n '2,19s/^# \{0,1\}//p' "$0" >&2
    exit 64
    ;;
esac
