"""The results as a page: one file, that opens without a server and can be read without scripts.

The table is HTML. With scripts it is filtered, and a cell opens what was seen: the evidence stands at the end
of the file, packed, since it is ten times as long as all the rest.
"""

import base64
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from asgiscope.contract import CLAUSES

from ..case import Verdict
from ..cases import CASES
from ..inprocess import TRANSPORTS
from ..targets import TARGETS
from .changes import Changes, changes
from .mistakes import mistakes

Row = Mapping[str, Any]  # one result, as JSON has it

STATIC = files("lab.report") / "static"
HOUSE = files("asgiscope") / "page" / "static" / "page.css"  # the palette and the type of the site
SCRIPTS = ("filter.js", "evidence.js", "report.js")  # in one scope, one after the other

SIGNS = {
    Verdict.KEEPS: "✓",
    Verdict.BREAKS: "✗",
    Verdict.DIFFERS: "≈",
    Verdict.UNSUPPORTED: "–",
    Verdict.BROKEN_OFF: "!",
    Verdict.FLAKY: "?",
}
MEANS = {
    Verdict.KEEPS: "the clause",
    Verdict.BREAKS: "it",
    Verdict.DIFFERS: "as it may, which is worth knowing",
    Verdict.UNSUPPORTED: "by what it says itself",
    Verdict.BROKEN_OFF: "by a crash, a hang, a time-out",
    Verdict.FLAKY: "for it has shown two things",
}


def html(data: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> str:
    """The page of results as JSON has them, and of what is otherwise than in an earlier run."""
    results = data["results"]
    wrong = data.get("wrong", [])
    order = [*TARGETS, *TRANSPORTS, *data["targets"]]
    targets = {name: data["targets"][name] for name in order if name in data["targets"]}
    found = changes(data, before) if before and before["made"] != data["made"] else None
    styles = HOUSE.read_text(encoding="utf-8") + (STATIC / "report.css").read_text(encoding="utf-8")
    styles += f":root {{ --servers: {len(targets)} }}\n"
    script = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in SCRIPTS)
    template = (STATIC / "report.html").read_text(encoding="utf-8")
    return template.format(
        styles=styles,
        style_hash=hashed(styles),
        script=script,
        script_hash=hashed(script),
        summary=summary(data),
        legend=legend(results),
        changes=told(found),
        totals="".join(totals(targets, results)),
        heads=heads(targets),
        rows="".join(sections(targets, results, found)),
        mistakes=mistakes(wrong, targets),
        wrong_link=' <a href="#wrong">Wrong applications</a>' if wrong else "",
        index=for_script(index(results, wrong, found)),
        evidence=packed([one.get("evidence") for one in (*results, *wrong)]),
    )


def says(case: str) -> str:
    """What a case is about; of a sensitive one, no more than its clause says."""
    if case in CASES and not CASES[case].sensitive:
        return CASES[case].says
    clause = CLAUSES.get(case.rpartition("/")[0])
    return clause.says if clause else ""


def hashed(text: str) -> str:
    """How a policy names the one script, or the one style, that may be there."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def for_script(data: Any) -> str:
    """JSON that can stand in an element of HTML."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def packed(data: Any) -> str:
    """JSON, compressed, in Base64: letters that need no escape."""
    return base64.b64encode(gzip.compress(json.dumps(data).encode(), mtime=0)).decode("ascii")


def index(results: Sequence[Row], wrong: Sequence[Row], found: Changes | None) -> dict[str, Any]:
    """What the scripts need to know of every row, without the evidence."""
    clauses = dict.fromkeys(clause_of(one) for one in (*results, *wrong))
    known = [CLAUSES[name] for name in clauses if name in CLAUSES]
    was = found.verdicts if found else {}
    return {
        "clauses": {
            clause.id: {
                "level": clause.level,
                "party": clause.party,
                "section": clause.section,
                "says": clause.says,
                "url": clause.url,
                "remedy": clause.remedy,
            }
            for clause in known
        },
        "says": {case: says(case) for case in dict.fromkeys(one["case"] for one in results)},
        "results": [
            {
                **{key: value for key, value in one.items() if key != "evidence"},
                **({"was": was[key]} if (key := key_of(one)) in was else {}),
            }
            for one in results
        ],
        "wrong": [{key: value for key, value in one.items() if key != "evidence"} for one in wrong],
        "signs": {verdict.value: sign for verdict, sign in SIGNS.items()},
    }


def clause_of(one: Row) -> str:
    """The clause that a row is about: of a result, or of a wrong application."""
    return str(one["clause"] if "clause" in one else one["case"].rpartition("/")[0])


def key_of(one: Row) -> tuple[str, str, int]:
    return one["case"], one["target"], one["version"]


def summary(data: Mapping[str, Any]) -> str:
    """How much there is, and when it was seen."""
    cases = len({one["case"] for one in data["results"]})
    return escape(
        f"{cases} cases, held with {len(data['targets'])} configurations of servers on "
        f"{data['made'].partition('T')[0]}, with Python {data['python']}: {len(data['results'])} results."
    )


def mark(verdict: str) -> str:
    """A verdict as a sign, and its name to whoever does not see it."""
    return (
        f'<span class="verdict {style(verdict)}" role="img" aria-label="{escape(verdict)}">'
        f"{SIGNS[Verdict(verdict)]}</span>"
    )


def style(verdict: str) -> str:
    return verdict.replace(" ", "-")


def legend(results: Sequence[Row]) -> str:
    """The signs that occur, and what they mean."""
    there = {one["verdict"] for one in results}
    return "".join(
        f"<li>{mark(verdict)} <b>{verdict}</b> <span>{escape(means)}</span></li>"
        for verdict, means in MEANS.items()
        if verdict in there
    )


def told(found: Changes | None) -> str:
    """What is otherwise than it was, in a paragraph and a list."""
    if found is None:
        return ""
    day = escape(found.since.partition("T")[0])
    counts = {
        "other verdicts": len(found.verdicts),
        "new cases": len(found.new),
        "cases that were not held": len(found.gone),
        "other versions": len(found.versions),
    }
    counted = ", ".join(f"{name}: {count}" for name, count in counts.items() if count) or "all is as it was"
    lines = [
        f'<li><a href="#{escape(case)}">{escape(case)}</a>, {escape(target)} over HTTP/{version}: it was '
        f"<b>{escape(was)}</b></li>"
        for (case, target, version), was in found.verdicts.items()
    ]
    lines += [f"<li>{escape(sentence)}</li>" for sentence in found.versions]
    listed = f"<ul>{''.join(lines)}</ul>" if lines else ""
    return f"<details class='changes'><summary>Since {day}: {counted}.</summary>{listed}</details>"


def totals(targets: Mapping[str, Mapping[str, str]], results: Sequence[Row]) -> Iterator[str]:
    """A row for each server: what it is made of, and how often it has each verdict."""
    there = [verdict for verdict in Verdict if any(one["verdict"] == verdict for one in results)]
    names = "".join(f'<th scope="col">{mark(verdict)} {verdict}</th>' for verdict in there)
    yield f'<thead><tr><th scope="col">server</th><th scope="col">versions</th>{names}</tr></thead><tbody>'
    for target, versions in targets.items():
        counts = Counter(one["verdict"] for one in results if one["target"] == target)
        cells = "".join(
            f'<td><a href="#q={escape(target)}:{style(verdict)}">{counts[verdict]}</a></td>'
            if counts[verdict]
            else '<td class="faint">0</td>'
            for verdict in there
        )
        made_of = ", ".join(f"{package} {version}" for package, version in versions.items())
        made_of = f'<td class="faint made">{escape(made_of)}</td>'
        yield f'<tr><th scope="row">{escape(target)}</th>{made_of}{cells}</tr>'
    yield "</tbody>"


def heads(targets: Mapping[str, Any]) -> str:
    """The heads of the columns: the server, and which configuration of it."""
    found = [target.partition("-")[::2] for target in targets]
    return "".join(
        f'<th scope="col" class="{"first" if number == 0 or found[number - 1][0] != server else "more"}">'
        f"<span><b>{escape(server)}</b> {escape(variant)}</span></th>"
        for number, (server, variant) in enumerate(found)
    )


def sections(targets: Mapping[str, Any], results: Sequence[Row], found: Changes | None) -> Iterator[str]:
    """The table, section by section in the order of the specification; where servers differ comes first."""
    numbers: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, one in enumerate(results):
        numbers[one["case"]][one["target"]].append(number)
    places = {clause.section: place for place, clause in reversed([*enumerate(CLAUSES.values())])}
    by_section: dict[str, list[str]] = defaultdict(list)
    for case in numbers:
        clause = CLAUSES.get(case.rpartition("/")[0])
        by_section[clause.section if clause else ""].append(case)

    def is_split(case: str) -> bool:
        return len({results[n]["verdict"] for held in numbers[case].values() for n in held}) > 1

    for section in sorted(by_section, key=lambda one: places.get(one, len(places))):
        document, _, title = section.partition(": ")
        yield (
            f'<tbody><tr class="section"><th scope="rowgroup" colspan="{1 + len(targets)}"><span>'
            f'{escape(title or document)} <span class="faint">{escape(document) if title else ""}</span>'
            "</span></th></tr>\n"
        )
        for case in sorted(by_section[section], key=lambda one: not is_split(one)):
            cells = "".join(cell(numbers[case].get(target, []), results, found) for target in targets)
            yield (
                f'<tr class="case{" same" * (not is_split(case))}" id="{escape(case)}">'
                f"{name(case, [results[n] for held in numbers[case].values() for n in held])}{cells}</tr>\n"
            )
        yield "</tbody>"


def name(case: str, held: Sequence[Row]) -> str:
    """The clause of a case; behind that, what the case is, and the reasons for what is not simply kept."""
    clause = CLAUSES.get(case.rpartition("/")[0])
    level = f'<span class="mark {clause.level}">{clause.level}</span> ' if clause else ""
    reasons = "".join(
        f"<li>{mark(one['verdict'])} <b>{escape(one['target'])}</b> over HTTP/{one['version']}: "
        f"{escape(one['why'] or one['verdict'])}</li>"
        for one in held
        if one["verdict"] != Verdict.KEEPS
    )
    headline = clause.says if clause else case
    about = f"<p>{escape(says(case))}</p>" if says(case) != headline else ""
    return (
        f'<th scope="row"><details><summary>{escape(headline)}<span class="which">{level}'
        f"<code>{escape(case)}</code></span></summary>{about}<ul>{reasons}</ul></details></th>"
    )


def cell(numbers: Sequence[int], results: Sequence[Row], found: Changes | None) -> str:
    """The verdicts on one server: one sign if all versions of HTTP have the same, or else one for each."""
    if not numbers:
        return "<td></td>"
    held = [results[number] for number in numbers]
    shown = numbers if len({one["verdict"] for one in held}) > 1 else numbers[:1]
    buttons = []
    for number in shown:
        verdict, over = results[number]["verdict"], results[number]["version"]
        about = numbers if len(shown) == 1 else [number]
        is_other = found is not None and any(key_of(results[n]) in found.verdicts for n in about)
        spoken = [
            verdict,
            *([f"over HTTP/{over}"] if len(shown) > 1 else []),
            *(["changed"] if is_other else []),
        ]
        buttons.append(
            f'<button type="button" class="{style(verdict)}{" changed" if is_other else ""}" '
            f'data-n="{number}" aria-label="{", ".join(filter(None, spoken))}">'
            f"{f'<small>{over}</small>' if len(shown) > 1 else ''}{SIGNS[Verdict(verdict)]}</button>"
        )
    return f"<td>{''.join(buttons)}</td>"
