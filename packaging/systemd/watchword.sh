#!/bin/sh
# The command line of the installed service: as its user, on its data, with its settings.
# A file that a command writes is the service's user's: /var/backups/watchword is a place for it.
exec runuser -u watchword -- env \
    WATCHWORD_DATA_DIR=/var/lib/watchword \
    WATCHWORD_CONFIG=/etc/watchword/watchword.toml \
    /opt/watchword/bin/watchword "$@"
