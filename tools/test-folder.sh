#!/bin/sh
# Prints where the tests keep their files: in memory where there is room and programs may run
# there, as they commit to databases all the time; else where everybody keeps such files.
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
