"""Periodic tasks of a server process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from watchword.domain.errors import Refusal

log = logging.getLogger("watchword.server")

MAINTENANCE_SECONDS: Final = 600


async def periodically(
    tasks: Sequence[Callable[[], object]], every: float = MAINTENANCE_SECONDS
) -> None:
    """Run the tasks one after the other in a thread, again and again, first after `every`."""
    while True:
        await asyncio.sleep(every)
        for task in tasks:
            await asyncio.to_thread(attempt, task)


def attempt(task: Callable[[], object]) -> None:
    """Run a task and log its failure. The next round tries again.

    A failure that ended the rounds would be noticed months later, when the certificate expires.
    """
    try:
        task()
    except Refusal as refusal:
        log.warning("maintenance: %s %s", refusal.code, refusal.facts)
    except Exception:
        log.exception("maintenance")
