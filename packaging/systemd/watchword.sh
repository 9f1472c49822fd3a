#!/bin/sh
# The command line of the installed service: as its user, on its data, with its settings.
# A file that a command writes is the service's user's: /var/backups/watchword is a place for it.
# Of root's environment only the terminal and the language reach it: a variable that Python, OpenSSL or
# libpq reads would change what the service's user runs.
exec runuser -u watchword -- env -i \
    PATH=/usr/bin:/bin \
    HOME=/var/lib/watchword \
    TERM="${TERM:-dumb}" \
    LANG="${LANG:-C.UTF-8}" \
    WATCHWORD_DATA_DIR=/var/lib/watchword \
    WATCHWORD_CONFIG=/etc/watchword/watchword.toml \
    /opt/watchword/bin/watchword "$@"
