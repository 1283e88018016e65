"""`python -m bench`: measure, check, and say which targets are reached and which are missed.

`python -m bench router`, `recorder` or `clients` does a part of it, and `python -m bench clients --markdown`
writes the table of docs/testing.md. The exit status is 1 if our own router or our own client gets something
wrong, 2 if it cannot run. A missed target is said, and is no failure: it depends on the machine, on what else
runs there, and on the versions of the others.
"""

import asyncio
import platform
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from statistics import median
from textwrap import fill
from typing import Any

import bench

try:
    from bench import cost, recorders, routers, throughput
    from bench.clients import page, speed
    from bench.clients.contestants import CLIENTS, KINDS, MISSING
    from bench.clients.trial import PROBES as PROBES_OF_CLIENTS
    from bench.clients.trial import outcomes
    from bench.probes import PROBES, answer
    from bench.turns import Sample, Target
    from servers import NotServingError, OptionsError
except ModuleNotFoundError as error:
    print(f"{error}: what is compared here comes with pip install '.[bench]'", file=sys.stderr)
    sys.exit(2)

MOUNTS = """\
first, last: of the mounts. miss: none of them. hostile: 64 kB of slashes. state: the last, under a
server that keeps a state for the applications; Router alone gives each of them its own."""

LISTENERS = """\
judged: Recorder with record=False. recorded: Recorder as it comes, with the line of source of every
event. no-op: middleware that hands everything on. uvicorn: what --log-level trace puts around an
application, its log going nowhere. asgion: its Inspector, beside judged; traced: with trace=True,
beside recorded. A chunk is a kilobyte."""


WORDS = """\
by hand: the test spells the events itself. –: the client has nothing for it. hangs: it is given up
after some seconds."""


def times(ratio: float) -> str:
    return f"×{ratio:.1f}" if ratio < 10 else f"×{ratio:.0f}"


def say_targets(targets: Sequence[Target], measured: Mapping[Any, float]) -> None:
    """Print which targets are reached."""
    for target in targets:
        verdict = "reached" if target.is_reached(measured) else "missed"
        wanted = f"{target.relation} {target.bound:g}"
        print(f"  {verdict:7} {target.value(measured):7.2f}  {wanted:13}  {target.claim}")


def router_costs(rounds: int, length: float) -> None:
    """Print what the routers cost, and which targets are reached."""
    added = cost.measure(routers.CONTESTANTS, rounds, length)
    print("What a router adds to a call: microseconds, and how many times what Router adds.")
    print(f"Python {platform.python_version()}, {routers.versions()}. The fastest of {rounds}.\n")
    router, *others = routers.CONTESTANTS
    print(f"mounts  asked    {router:>6}" + "".join(f"{name:>11}      " for name in others).rstrip())
    for case in dict.fromkeys(sample.case for sample in added):
        ours = added[Sample(case, router)]
        line = f"{case.mounts:6}  {case.asked:7}  {ours / 1000:6.2f}"
        for name in others:
            theirs = added[Sample(case, name)]
            line += f"{theirs / 1000:11.2f} {times(theirs / ours):5}"
        print(line.rstrip())
    print(f"\n{MOUNTS}\n\nTargets: ratios of what is added, each where it is worst")
    say_targets(cost.TARGETS, added)


async def rights() -> bool:
    """Print what the routers get right; return whether Router gets everything right."""
    names = routers.CONTESTANTS
    seen = {
        (title, name): await answer(probe, build)
        for title, probe in PROBES.items()
        for name, build in names.items()
    }
    print("\nWhat they get right\n")
    print(" " * 23 + "".join(f"{name:>12}" for name in names))
    for title in PROBES:
        cells = ["yes" if seen[title, name] is None else "no" for name in names]
        print(f"{title:23}" + "".join(f"{cell:>12}" for cell in cells))
    print("\nWhat each row asks, and what was seen where the answer is no\n")
    for title, probe in PROBES.items():
        print(fill(f"{title}: {probe.__doc__}", width=100, subsequent_indent="    "))
        for name in names:
            if seen[title, name] is not None:
                print(fill(f"  {name}: {seen[title, name]}", width=100, subsequent_indent="    "))
    return all(seen[title, "Router"] is None for title in PROBES)


def recorder_costs(rounds: int, length: float) -> None:
    """Print what the recorders cost, and which targets are reached."""
    added = recorders.measure(recorders.CONTESTANTS, rounds, length)
    print("What a recorder adds to a conversation: microseconds, and how many times what ours adds.")
    print(f"Python {platform.python_version()}, {recorders.versions()}. The fastest of {rounds}.\n")
    line = " " * 24
    for name in recorders.CONTESTANTS:
        line += f"{name:>10}" + " " * 6 * (name in recorders.RIVALS)
    print(line.rstrip())
    for case in recorders.TALKS:
        line = f"{case:24}"
        for name in recorders.CONTESTANTS:
            adds = added[Sample(case, name)]
            line += f"{adds / 1000:10.2f}"
            if name in recorders.RIVALS:
                line += f" {times(adds / added[Sample(case, recorders.RIVALS[name])]):5}"
        print(line.rstrip())
    print(f"\n{LISTENERS}\n")
    if recorders.TARGETS:
        print("Targets: ratios of what is added, each where it is worst")
        say_targets(recorders.TARGETS, added)
    else:
        print("asgion needs Python 3.12: it is left out, and the targets with it.")


def throughputs(rounds: int, requests: int) -> None:
    """Print what the recorders leave of the throughput of a server, and whether the target is reached."""
    rates = throughput.measure(throughput.SERVED, rounds, requests)
    kept = throughput.kept(rates)
    print("\nRequests a second of apps/raw_asgi/hello.py under uvicorn, and what part of them is kept.")
    print(f"{throughput.CONNECTIONS} connections, kept alive. The medians of {rounds}.\n")
    for name, turns in rates.items():
        print(f"{name:9}{median(turns):8.0f}{kept[name]:8.2f}")
    print("\nTarget")
    say_targets(throughput.TARGETS, kept)


def client_answers(seen: page.Seen) -> None:
    """Print what the clients can do."""
    print("What clients in process can do")
    print(fill(f"Python {platform.python_version()}, {page.versions()}.", 100, break_on_hyphens=False))
    print()
    print(" " * 23 + "".join(f"{client:>11}" for client in KINDS))
    for title in PROBES_OF_CLIENTS:
        print(f"{title:23}" + "".join(f"{seen[title, client].word:>11}" for client in KINDS))
    print(f"\n{WORDS}\n")
    for client, why in MISSING.items():
        print(fill(f"{CLIENTS[client].name} cannot be imported: {why}", width=100))
    print("What each row asks, and what was seen where the answer is no\n")
    for title, probe in PROBES_OF_CLIENTS.items():
        print(fill(f"{title}: {probe.__doc__}", width=100, subsequent_indent="    "))
        for client in KINDS:
            if seen[title, client].word == "no":
                print(fill(f"  {client}: {seen[title, client].seen}", width=100, subsequent_indent="    "))


def client_speeds(measured: page.Measured, rounds: int) -> None:
    """Print how fast the clients are, and which targets are reached."""
    print(f"\nHow many times what httpx takes. The fastest of {rounds}.\n")
    for case in (*speed.TIMED, speed.MEMORY):
        print(f"{case:23}" + "".join(f"{page.ratio(measured, case, client):>11}" for client in KINDS))
    print("\nTargets")
    say_targets(speed.TARGETS, measured)


def router(asked: Namespace) -> bool:
    router_costs(*((3, 200_000) if asked.quick else (41, 1_000_000)))
    return asyncio.run(rights())


def recorder(asked: Namespace) -> bool:
    recorder_costs(*((3, 200_000) if asked.quick else (101, 1_000_000)))
    throughputs(*((3, 80) if asked.quick else (101, 400)))
    return True


def clients(asked: Namespace) -> bool:
    rounds, length, patience = (2, 2_000_000, 2.0) if asked.quick else (41, 20_000_000, 4.0)
    seen = outcomes(KINDS, PROBES_OF_CLIENTS, patience)
    client_answers(seen)
    measured = speed.measure(KINDS, rounds, length)
    client_speeds(measured, rounds)
    if asked.markdown:
        page.write(seen, measured)
    return all(seen[title, "asgiscope"].word == "yes" for title in PROBES_OF_CLIENTS)


PARTS = {"router": router, "recorder": recorder, "clients": clients}


def main() -> int:
    parser = ArgumentParser(prog="python -m bench", description=bench.__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="a part of it, and no more")
    parser.add_argument("--quick", action="store_true", help="a few rounds: to see that it runs")
    parser.add_argument("--markdown", action="store_true", help="write the table of clients into its page")
    asked = parser.parse_args()
    right = True
    for number, part in enumerate(PARTS if asked.part is None else (asked.part,)):
        if number:
            print()
        try:
            right = PARTS[part](asked) and right
        except (NotServingError, OptionsError) as error:
            print("\n".join([str(error), *getattr(error, "__notes__", [])]), file=sys.stderr)
            return 2
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
