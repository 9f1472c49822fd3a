#!/bin/sh
# Installs the programs that the tests use, as root on Debian or Ubuntu. Otherwise it lists the
# missing packages. `system-packages.sh bench` adds the program for the benchmarks,
# `system-packages.sh pictures` the second text browser.
set -eu

missing=""
need() { # need COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need_if_available() { # the same, for a package that some distributions do not have
    ! apt-cache show "$2" >/dev/null 2>&1 || need "$1" "$2"
}

need chromium chromium
need_if_available chromium-headless-shell chromium-headless-shell # faster: no windows
need oathtool oathtool
need certutil libnss3-tools
need zbarimg zbar-tools
need openssl openssl
need ip iproute2
need prlimit util-linux
need systemd-analyze systemd
need curl curl
need wget wget
need w3m w3m
PATH="$PATH:/usr/sbin" # not on the PATH of every user on Debian
need nginx nginx
need haproxy haproxy
need caddy caddy
need apache2 apache2-bin # without the service
need pgbouncer pgbouncer
need node nodejs
need npm npm
need ansible-playbook ansible-core
need javac default-jdk-headless
for module in httpx aiohttp; do # clients of the API, for the system's Python
    /usr/bin/python3 -c "import $module" 2>/dev/null || missing="$missing python3-$module"
done
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ "${1:-}" != bench ] || need wrk wrk
[ "${1:-}" != pictures ] || need lynx lynx

[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # On a new machine apt-cache has no list of packages before this point.
    need_if_available chromium-headless-shell chromium-headless-shell
    # shellcheck disable=SC2086 - one word per package
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "The tests need these packages; as root: apt install$missing" >&2
    exit 1
fi
