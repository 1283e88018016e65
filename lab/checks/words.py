"""What the sentences of the checks have in common."""

ABSENT = object()
"""Stands for a key that is not there."""


def shown(value: object) -> str:
    """A value as it stands in a sentence: short."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:110]}... ({len(text)} characters)"
