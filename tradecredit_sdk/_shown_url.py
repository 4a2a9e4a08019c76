"""How an address is shown to anybody: scheme, host and path; what may be secret is masked."""

from __future__ import annotations

import re

MASK = "***"
_NETLOC = re.compile(r"(?:(?:\[[0-9A-Fa-f:.]+\]|[^\[\]:,]*)(?::\d*)?(?:,|\Z))*\Z")
_FORGOTTEN_SLASH = re.compile(r"[A-Za-z][\w+.\-]+:.*@", re.DOTALL)


def shown_url(url: str) -> str:
    """The URL with its user, password, fragment and every value of its query masked; a file's path as it is.

    It is taken as people paste it, a slash or an @ in the password included. Where it is not clear what is a secret,
    everything after the scheme is masked.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        return MASK if _FORGOTTEN_SLASH.match(url) else url
    place, delimiter, extra = _cut(rest)
    masked = ""
    if not place.startswith("/"):
        if "@" in extra:  # a password with a question mark, or a query with an @
            return f"{scheme}://{MASK}"
        _, at, place = place.rpartition("@")
        masked = MASK + at if at else ""
        if not _NETLOC.match(place.partition("/")[0]):  # a password without its host, such as user:password
            return f"{scheme}://{MASK}"
    return f"{scheme}://{masked}{place}{delimiter}{_query(extra) if delimiter == '?' else MASK if delimiter else ''}"


def _cut(rest: str) -> tuple[str, str, str]:
    """What stands before the first ? or #, that sign, and what stands behind it."""
    found = re.search(r"[?#]", rest)
    return (rest[: found.start()], found.group(), rest[found.end() :]) if found else (rest, "", "")


def _query(query: str) -> str:
    """Names with masked values; a name without a value may be the secret itself."""
    return "&".join(_pair(pair) for pair in query.split("&"))


def _pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}={MASK}" if value.strip("=") else MASK
