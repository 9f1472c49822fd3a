#!/bin/sh
# The command line of the installed service: with its user, its data and its settings.
# Files that a command writes belong to the service's user, which may write to
# /var/backups/watchword.
# Only the terminal and the language of root's environment are passed on: a variable of Python,
# OpenSSL or libpq would change the behaviour of the command.
exec runuser -u watchword -- env -i \
    PATH=/usr/bin:/bin \
    HOME=/var/lib/watchword \
    TERM="${TERM:-dumb}" \
    LANG="${LANG:-C.UTF-8}" \
    WATCHWORD_DATA_DIR=/var/lib/watchword \
    WATCHWORD_CONFIG=/etc/watchword/watchword.toml \
    /opt/watchword/bin/watchword "$@"
