"""Ridding a text of secrets: what of an error may be shown. Pure."""

import re
from collections.abc import Iterable

HIDDEN = "***"


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """Returns a text with every secret hidden that stands in it as words of its own."""
    for secret in sorted(filter(None, set(secrets)), key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?![A-Za-z0-9])", HIDDEN, text)
    return text
