"""Counts in memory that the processes of a server share.

Each process changes only its own row, so no lock is needed between processes. The sum is that of all
rows. A worker that replaces another one takes over its row, so that a counter never goes back.
"""

from __future__ import annotations

import mmap
from collections.abc import Hashable, Iterable, Iterator
from typing import Final, Generic, Self, TypeVar

from msgspec import Struct

Name = TypeVar("Name", bound=Hashable)
_BYTES: Final = 8


class Share(Struct):
    """This process among the processes of a server. Number 0 is the one that was started."""

    processes: int = 1
    number: int = 0

    @classmethod
    def of(cls, workers: int) -> Self:
        """Return the share of a process that will start so many workers; a single one is itself."""
        return cls(workers + 1 if workers > 1 else 1)


class Numbers(Generic[Name]):
    """Counts with fixed names. They are 0 at first."""

    def __init__(self, names: Iterable[Name], share: Share) -> None:
        self._columns = {name: number for number, name in enumerate(names)}
        self._share = share
        memory = mmap.mmap(-1, _BYTES * len(self._columns) * share.processes)
        self._memory = memoryview(memory).cast("Q")

    def __iter__(self) -> Iterator[Name]:
        return iter(self._columns)

    def add(self, name: Name) -> None:
        """Add one to the count of this process."""
        self._memory[self._share.number * len(self._columns) + self._columns[name]] += 1

    def set(self, name: Name, count: int) -> None:
        """Set the count of this process."""
        self._memory[self._share.number * len(self._columns) + self._columns[name]] = count

    def total(self, name: Name) -> int:
        """Return the sum of all processes."""
        return sum(self._memory[self._columns[name] :: len(self._columns)])
