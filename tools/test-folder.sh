#!/bin/sh
# Prints the folder for the files of the tests: /dev/shm if it has enough space and may run
# programs, because the tests commit to databases all the time; otherwise TMPDIR or /tmp.
set -eu

memory=/dev/shm
needed_kib=6000000
if [ -w "$memory" ] && [ "$(df -Pk "$memory" | awk 'NR == 2 { print $4 }')" -gt "$needed_kib" ]; then
    trial=$(mktemp "$memory/watchword.XXXXXX")
    printf '#!/bin/sh\n' >"$trial"
    chmod 700 "$trial"
    if "$trial" 2>/dev/null; then found=$memory; fi
    rm "$trial"
fi
echo "${found:-${TMPDIR:-/tmp}}"
