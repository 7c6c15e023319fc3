#!/bin/sh
# Makes PostgreSQL's server programs available:   install-postgres.sh FOLDER
#
# As root, or where sudo needs no password, it installs Debian's (or Ubuntu's) package. It neither creates nor starts a system
# cluster, because ours is private. Otherwise it unpacks the same packages below FOLDER, which needs no special rights.
# TRUEPRICE_PG_UNPACK=1 requests the unpacked tree even where the package could be installed. Running it twice is harmless.
set -eu
folder=${1:?"usage: install-postgres.sh FOLDER"}
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

command -v apt-get >/dev/null || {
    echo "apt-get is missing: install PostgreSQL 15 or newer, and set TRUEPRICE_PG_BIN to the folder that contains initdb" >&2
    exit 1
}

# $1 is sudo or empty.
install() {
    # Read by the package's own scripts: without it, they create and start a cluster on port 5432.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        $1 mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" | $1 tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    # A package source that is down need not stop us: the packages may already be in the lists.
    $1 apt-get update -q || echo "some package lists could not be refreshed; continuing with the existing ones"
    $1 env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold postgresql
}

# Runs apt with its state below FOLDER, so that it writes nowhere else.
private_apt() {
    tool=$1
    shift
    "$tool" -q -o "Dir::State=$folder/apt/state" -o "Dir::State::status=/var/lib/dpkg/status" \
        -o "Dir::Cache=$folder/apt/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User= "$@"
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

unpack() {
    mkdir -p "$folder/apt/state/lists/partial" "$folder/apt/cache/archives/partial" "$folder/apt/packages"
    folder=$(cd "$folder" && pwd)
    private_apt apt-get update
    server=$(private_apt apt-cache depends postgresql | sed -n 's/^ *Depends: \(postgresql-[0-9][0-9]*\)$/\1/p' | head -n 1)
    [ -n "$server" ] || { echo "no package source offers postgresql" >&2; exit 1; }
    # The server and the libraries that are missing. Not LLVM (100 MB): only the just-in-time compiler uses it, and our settings
    # turn that off. Not the cluster scripts either: we start the server ourselves.
    wanted=$server
    for package in $(private_apt apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
            --no-breaks --no-replaces --no-enhances "$server" | sed -n 's/^\(lib[a-z0-9.+-]*\)$/\1/p' | sort -u); do
        case $package in
            libllvm* | libc6* | *-perl | libperl*) ;;
            *) is_installed "$package" || wanted="$wanted $package" ;;
        esac
    done
    echo "unpacking $wanted"
    cd "$folder/apt/packages"
    # shellcheck disable=SC2086 # a list of names
    private_apt apt-get download $wanted
    for file in ./*.deb; do
        dpkg-deb -x "$file" "$folder"
    done
    rm -rf "$folder/apt"
}

if [ "${TRUEPRICE_PG_UNPACK:-}" = 1 ]; then
    unpack
elif [ "$(id -u)" = 0 ]; then
    install ""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    install sudo
else
    unpack
fi
