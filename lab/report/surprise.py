"""What a run has shown that was not known, or that was known and is mended."""

from collections.abc import Sequence

from ..case import Verdict
from ..known import FAULTS, FLAKY, KNOWN, known
from ..runner import Result


def surprises(results: Sequence[Result]) -> list[str]:
    """A sentence for each."""
    sentences = []
    for one in results:
        verdict = one.conclusion.verdict
        if one.case.id in FLAKY or verdict not in (*FAULTS, Verdict.FLAKY):
            continue
        entry = known(one.target, one.case.id, one.version)
        if entry is None or verdict is Verdict.FLAKY:
            sentences.append(
                f"{one.target} over HTTP/{one.version}, {one.case.id}: {verdict}. {one.conclusion.why} "
                f"See it again: {one.again}"
            )
    for entry in KNOWN:
        about = [one for one in results if entry.is_about(one.target, one.case.id, one.version)]
        mended = [one for one in about if one.conclusion.verdict not in FAULTS and one.case.id not in FLAKY]
        sentences += [
            f"{one.target} over HTTP/{one.version}, {one.case.id}: it is known to be otherwise, and is so no "
            "more: take it out of lab/known/."
            for one in mended
            if one.conclusion.verdict is not Verdict.FLAKY
        ]
    return sentences
