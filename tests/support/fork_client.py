"""The command `watchword` of a shell that runs under `fork_server.py`.

It requests a fork with the streams, environment and folder of this process, and exits with its
code.

    python -I -S fork_client.py INTERFACE ARGUMENTS...
"""

import json
import os
import socket
import sys


def main() -> None:
    ended, end = os.pipe()
    asked = {"arguments": sys.argv[2:], "environ": dict(os.environ), "folder": os.getcwd()}  # noqa: PTH109
    # Not closed as a socket: the shell uses it too.
    interface = socket.socket(fileno=int(sys.argv[1]))
    socket.send_fds(interface, [json.dumps(asked).encode()], [0, 1, 2, end])
    interface.detach()
    os.close(end)
    os.read(ended, 16)  # the fork's process id
    code = int(os.read(ended, 16) or b"255")
    sys.exit(code if code >= 0 else 128 - code)


main()
