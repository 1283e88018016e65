"""What the processes of a server are at a moment, as Linux tells it in /proc."""

import os
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")


class Group(NamedTuple):
    """The processes of a group: how many, the threads in all of them, and the memory they take.

    The memory is what is resident, in bytes; what two of them share is counted for each.
    """

    processes: int = 0
    threads: int = 0
    memory: int = 0

    def peak(self, other: "Group") -> "Group":
        """The greater of each."""
        return Group(*map(max, self, other))


def look(group: int) -> Group:
    """What the processes of this group are now; nothing at all where there is no /proc."""
    processes = threads = memory = 0
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            # A name may have blanks and parentheses in it, and stands before the last one (proc_pid_stat(5)).
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):  # It has ended meanwhile.
            continue
        state, _, owner, *rest = fields
        if int(owner) == group and state != "Z":
            processes += 1
            threads += int(rest[14])
            memory += int(rest[18]) * os.sysconf("SC_PAGE_SIZE")
    return Group(processes, threads, memory)
