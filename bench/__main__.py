"""`python -m bench`: measure, check, and say which targets are reached and which are missed.

`python -m bench router`, `recorder`, `clients`, `middleware`, `threads`, `gateways`, `page` or `servers` does
a part of it; with `--markdown`, `clients` writes the table of docs/testing.md, `middleware` and `threads`
those of docs/django.md, `gateways` that of docs/gateways.md and `servers` those of docs/speed.md, and the
drawings there. The exit status is 1 if our own router or our own client gets something wrong, 2 if it cannot
run. A missed target is said, and is no failure: it depends on the machine, on what else runs there, and on
the versions of the others.
"""

import asyncio
import platform
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from statistics import median
from textwrap import fill
from typing import Any

import bench

try:
    from bench import cost, middleware, recorders, routers, threads, throughput
    from bench import page as watched
    from bench.clients import page, speed
    from bench.clients.contestants import CLIENTS, KINDS, MISSING
    from bench.clients.trial import PROBES as PROBES_OF_CLIENTS
    from bench.clients.trial import outcomes
    from bench.gateways import page as gateways_page
    from bench.gateways import trial
    from bench.probes import PROBES, answer
    from bench.servers import page as servers_page
    from bench.servers import trial as servers_trial
    from bench.turns import Sample, Target
    from servers import NotServingError, OptionsError
except ModuleNotFoundError as error:
    print(f"{error}: what is compared here comes with pip install '.[bench]'", file=sys.stderr)
    sys.exit(2)

MOUNTS = """\
first, last: of the mounts. miss: none of them. hostile: 64 kB of slashes. state: the last, under a
server that keeps a state for the applications; Router alone gives each of them its own."""

LISTENERS = """\
judged: Recorder with record=False. recorded: Recorder with a sink, and the line of source of every
event. Of both nobody asks what was broken, so that scopes with nothing unusual are not looked at.
logged: Recorder as it comes, which asks at the end. no-op: middleware that hands everything on.
uvicorn: what --log-level trace puts around an application, its log going nowhere. asgion: its
Inspector, beside judged; traced: with trace=True, beside recorded. A chunk is a kilobyte."""


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
        line += f"{name:>9}" + " " * 6 * (name in recorders.RIVALS)
    print(line.rstrip())
    for case in recorders.TALKS:
        line = f"{case:24}"
        for name in recorders.CONTESTANTS:
            adds = added[Sample(case, name)]
            line += f"{adds / 1000:9.1f}"
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


def middleware_costs(times: Mapping[Sample[str], float], rounds: int) -> None:
    """Print what a middleware costs, and which targets are reached."""
    print("How many times what a request takes without middleware, in process.")
    print(f"Python {platform.python_version()}, Django {version('django')}. The fastest of {rounds}.\n")
    print(" " * 22 + "".join(f"{view:>12}" for view in middleware.VIEWS))
    for name in middleware.STACKS:
        cells = [middleware.ratio(times, view, name) for view in middleware.VIEWS]
        print(f"{name:22}" + "".join(f"{cell:>12}" for cell in cells))
    print("\nTargets")
    say_targets(middleware.TARGETS, times)


def thread_gains(rates: Mapping[threads.Asked, Sequence[threads.Turn]]) -> None:
    """Print what Django answers with threads made and lent, and which targets are reached."""
    gains = threads.gained(rates)
    print("Requests a second of Django with a thread made for each, and with threads lent.")
    print(f"{threads.versions()};")
    print(f"{throughput.CONNECTIONS} connections, kept alive. The medians of {threads.rounds(rates)}.\n")
    for asked, turns in rates.items():
        made, lent = (median(rate) for rate in zip(*turns, strict=True))
        print(f"{asked!s:24}{made:8.0f}{lent:8.0f}{times(gains[asked]):>8}")
    print("\nTargets")
    say_targets(threads.TARGETS, {**gains, "made": 1})


def gateway_turns(turns: trial.Turns, clients: int) -> None:
    """Print what the gateways answer and take, and which targets are reached."""
    print("What one Django project answers behind each gateway, and what that takes\n")
    widths = (13, 7, 21, 9, 21, 9, 11, 9)
    for row in (gateways_page.HEAD, *((name, *gateways_page.cells(turns, name)) for name in trial.GATEWAYS)):
        cells = [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        print(f"{row[0]:{widths[0]}}" + "".join(cells))
    print(f"\n{fill(gateways_page.conditions(turns, clients), 100)}\n\nTargets")
    say_targets(trial.TARGETS, trial.medians(turns))


def page_costs(rounds: int, requests: int, times_each: int) -> None:
    """Print what the site answers with and without its page, how soon it is seen, and what is reached."""
    rates = watched.rates(rounds, requests)
    kept = watched.kept(rates)
    print(f"Requests a second of {watched.ASKED} on the site under uvicorn, and what part of them is kept.")
    print(f"{throughput.CONNECTIONS} connections, kept alive. The medians of {rounds}.\n")
    for name, turns in rates.items():
        print(f"{name:12}{median(turns):8.0f}{kept[name]:8.2f}")
    print(f"\nSeconds, the medians of {times_each}.\n")
    started, painted = watched.starts(times_each), watched.paints(times_each)
    print(f"{watched.START:38}{median(started):6.2f}")
    if painted:
        print(f"{watched.PAINTED:38}{median(painted):6.2f}")
    else:
        print(f"{watched.PAINTED:38}     – (there is no Chromium here)")
    print("\nTargets")
    say_targets(watched.THROUGHPUT, kept)
    if painted:
        say_targets(watched.PAINT, {"paint": median(painted), "second": 1})


def server_turns(measured: servers_trial.Measured) -> None:
    """Print what the servers answer and take."""
    print("What each server answers, one process each\n")
    for over in servers_page.NAMES:
        head = servers_page.head(over)
        print(f"{head[0]:10}" + "".join(f"{name:>{width_of(name)}}" for name in head[1:]))
        for contestant in servers_trial.CONTESTANTS:
            if contestant.version == over:
                cells = zip(head[1:], servers_page.cells(measured, contestant), strict=True)
                print(
                    f"{contestant.server:10}" + "".join(f"{cell:>{width_of(name)}}" for name, cell in cells)
                )
        print()
    print(fill(servers_page.conditions(measured), 100, break_on_hyphens=False))
    for sentence in servers_page.troubles(measured):
        print(fill(f"  {sentence}", width=100, subsequent_indent="    "))


def width_of(name: str) -> int:
    """How wide a column of the servers is: those with a rate in them are wider."""
    return {"memory": 8, "start": 7}.get(name, max(12, len(name) + 2))


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


def middlewares(asked: Namespace) -> bool:
    rounds, length = (2, 1_000_000) if asked.quick else (301, 4_000_000)
    times = middleware.measure(middleware.STACKS, rounds, length)
    middleware_costs(times, rounds)
    if asked.markdown:
        middleware.write(times)
    return True


def lent_threads(asked: Namespace) -> bool:
    rates = threads.measure(*((2, 80) if asked.quick else (41, 400)))
    thread_gains(rates)
    if asked.markdown:
        threads.write(rates)
    return True


def gateways(asked: Namespace) -> bool:
    clients, seconds, budget = (2, 0.1, 0.0) if asked.quick else (16, 0.6, 45.0)
    turns = trial.measure(clients, seconds, budget)
    gateway_turns(turns, clients)
    if asked.markdown:
        gateways_page.write(turns, clients)
    return True


def the_page(asked: Namespace) -> bool:
    page_costs(*((3, 80, 1) if asked.quick else (61, 400, 5)))
    return True


def every_server(asked: Namespace) -> bool:
    exhibits = ["hello", "WebSocket"] if asked.quick else [*servers_trial.EXHIBITS]
    seconds, budget = (0.1, 0.0) if asked.quick else (0.6, 140.0)
    measured = servers_trial.measure(servers_trial.CONTESTANTS, exhibits, seconds, budget)
    server_turns(measured)
    if asked.markdown:
        servers_page.write(measured)
    return True


PARTS = {
    "router": router,
    "recorder": recorder,
    "clients": clients,
    "middleware": middlewares,
    "threads": lent_threads,
    "gateways": gateways,
    "page": the_page,
    "servers": every_server,
}


def main() -> int:
    parser = ArgumentParser(prog="python -m bench", description=bench.__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="a part of it, and no more")
    parser.add_argument("--quick", action="store_true", help="a few rounds: to see that it runs")
    parser.add_argument("--markdown", action="store_true", help="write the tables into their pages")
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
