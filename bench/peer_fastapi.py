"""A peer: FastAPI with HTTP Basic, as its tutorial shows it: one account, its password in the code.

Run by the Python of the peers.
"""

from __future__ import annotations

import os
import secrets
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.security import HTTPBasic, HTTPBasicCredentials

NAME, PASSWORD = "alice", os.environ["BENCH_PASSWORD"]
app = FastAPI()
security = HTTPBasic()
Given = Annotated[HTTPBasicCredentials, Depends(security)]


async def current(given: Given) -> str:
    is_name = secrets.compare_digest(given.username.encode(), NAME.encode())
    is_password = secrets.compare_digest(given.password.encode(), PASSWORD.encode())
    if not (is_name and is_password):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, headers={"WWW-Authenticate": "Basic"})
    return str(given.username)


@app.get("/basic")  # type: ignore[untyped-decorator]
async def whoami(name: Annotated[str, Depends(current)]) -> dict[str, str]:
    return {"username": name}
