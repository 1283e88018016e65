"""`python -m bench`: measure, check, and say which targets are reached and which are missed.

The exit status is 1 if our own router gets something wrong, 2 if it cannot run. A missed target is said, and
is no failure: it depends on the machine, on what else runs there, and on the versions of the others.
"""

import asyncio
import platform
import sys
from argparse import ArgumentParser
from textwrap import fill

try:
    from bench.cost import TARGETS, Sample, measure
    from bench.probes import PROBES, answer
    from bench.routers import CONTESTANTS, versions
except ModuleNotFoundError as error:
    print(f"{error}: what the router is compared with comes with pip install '.[bench]'", file=sys.stderr)
    sys.exit(2)

LEGEND = """\
first, last: of the mounts. miss: none of them. hostile: 64 kB of slashes. state: the last, under a
server that keeps a state for the applications; Router alone gives each of them its own."""


def times(ratio: float) -> str:
    return f"×{ratio:.1f}" if ratio < 10 else f"×{ratio:.0f}"


def costs(rounds: int, turn: float) -> None:
    """Print what the contestants cost, and which targets are reached."""
    added = measure(CONTESTANTS, rounds, turn)
    print("What a router adds to a call: microseconds, and how many times what Router adds.")
    print(f"Python {platform.python_version()}, {versions()}. The fastest of {rounds}.\n")
    router, *others = CONTESTANTS
    print(f"mounts  asked    {router:>6}" + "".join(f"{name:>11}      " for name in others).rstrip())
    for case in dict.fromkeys(sample.case for sample in added):
        ours = added[Sample(case, router)]
        line = f"{case.mounts:6}  {case.asked:7}  {ours / 1000:6.2f}"
        for name in others:
            theirs = added[Sample(case, name)]
            line += f"{theirs / 1000:11.2f} {times(theirs / ours):5}"
        print(line.rstrip())
    print(f"\n{LEGEND}\n")

    print("Targets: ratios of what is added, each where it is worst")
    for target in TARGETS:
        verdict = "reached" if target.is_reached(added) else "missed"
        wanted = f"{target.relation} {target.bound:g}"
        print(f"  {verdict:7} {target.value(added):7.2f}  {wanted:11}  {target.claim}")


async def rights() -> bool:
    """Print what the contestants get right; return whether Router gets everything right."""
    seen = {
        (title, name): await answer(probe, build)
        for title, probe in PROBES.items()
        for name, build in CONTESTANTS.items()
    }
    print("\nWhat they get right\n")
    print(" " * 23 + "".join(f"{name:>12}" for name in CONTESTANTS))
    for title in PROBES:
        cells = ["yes" if seen[title, name] is None else "no" for name in CONTESTANTS]
        print(f"{title:23}" + "".join(f"{cell:>12}" for cell in cells))
    print("\nWhat each row asks, and what was seen where the answer is no\n")
    for title, probe in PROBES.items():
        print(fill(f"{title}: {probe.__doc__}", width=100, subsequent_indent="    "))
        for name in CONTESTANTS:
            if seen[title, name] is not None:
                print(fill(f"  {name}: {seen[title, name]}", width=100, subsequent_indent="    "))
    return all(seen[title, "Router"] is None for title in PROBES)


def main() -> int:
    parser = ArgumentParser(prog="python -m bench", description="What a router costs and what it gets right.")
    parser.add_argument("--quick", action="store_true", help="a few rounds: to see that it runs")
    quick = parser.parse_args().quick
    costs(*((3, 200_000) if quick else (41, 1_000_000)))
    return 0 if asyncio.run(rights()) else 1


if __name__ == "__main__":
    sys.exit(main())
