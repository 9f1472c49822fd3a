#!/bin/sh
# Installs or upgrades Watchword as a systemd service, from the source folder. Existing settings and
# data stay. Run it as root.
#
# DESTDIR=DIR installs into another root, to inspect it or to build a package.
set -eu
cd "$(dirname "$0")/../.."
root=${DESTDIR:-}
if [ -z "$root" ] && [ "$(id -u)" != 0 ]; then
    echo "This script installs a service. Run it as root, or set another root (DESTDIR=DIR)." >&2
    exit 1
fi

mkdir -p "$root/opt" "$root/etc"
VENV=$root/opt/watchword tools/venv.sh package

here=packaging/systemd
install -D -m 0644 $here/watchword.service "$root/usr/lib/systemd/system/watchword.service"
install -D -m 0644 $here/watchword.sysusers "$root/usr/lib/sysusers.d/watchword.conf"
install -D -m 0644 $here/watchword.tmpfiles "$root/usr/lib/tmpfiles.d/watchword.conf"
install -D -m 0755 $here/watchword.sh "$root/usr/local/sbin/watchword"
# Existing settings belong to the operator: never overwrite them.
settings=$root/etc/watchword/watchword.toml
[ -e "$settings" ] || install -D -m 0640 $here/watchword.toml "$settings"

systemd-sysusers ${root:+--root="$root"} watchword.conf
systemd-tmpfiles ${root:+--root="$root"} --create watchword.conf
if [ -z "$root" ]; then systemctl daemon-reload; fi
