"""Where a call goes: the configured origin, and nowhere else.

A bearer token leaves over https only, or to a loopback address; never to another host, whatever a link says. Path
values are quoted one by one, and dot segments are refused because the HTTP library would resolve them silently.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from tradecredit_sdk.errors import ConfigError, InvalidInputError, ResponseFormatError

_URL = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]]+\Z")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])\Z")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """A base URL that was looked at: `origin` is scheme, host and port; `path` begins with a slash or is empty."""

    origin: str
    path: str
    host: str
    is_loopback: bool

    @classmethod
    def of(cls, base_url: str) -> Address:
        """Read a base URL; ConfigError unless it is https, or http to a loopback address."""
        remedy = "write it like https://api.example.com/v1"
        if not isinstance(base_url, str) or not _URL.match(base_url):
            raise ConfigError(f"base_url is empty or has characters that a URL cannot have: {remedy}")
        parts = _split(base_url)
        if parts is None or "?" in base_url:
            raise ConfigError(f"base_url must have a scheme and a host, and no user, password or query: {remedy}")
        path = parts.path.rstrip("/")
        if _has_dots(path):
            raise ConfigError(f"base_url has a dot segment in its path: {remedy}")
        host = parts.hostname or ""
        loopback = _is_loopback(host)
        if parts.scheme != "https" and not loopback:
            raise ConfigError(f"base_url must be https, because the key is sent there; {host} is no loopback address")
        return cls(origin=_origin(parts), path=path, host=parts.netloc.lower(), is_loopback=loopback)

    def url(self, path: tuple[str, ...], query: Mapping[str, str | int | None]) -> str:
        """The URL of path segments and a query below the base URL; InvalidInputError for a segment that is unsafe."""
        below = self.path + "".join("/" + quote_segment(item) for item in path)
        return _with_query(self.origin + (below or "/"), query)

    def follow(self, link: str, query: Mapping[str, str | int | None]) -> str:
        """The URL of a link given by the insurer; ResponseFormatError if it leads away from the configured origin."""
        if not isinstance(link, str) or not _URL.match(link):
            raise _refused_link("the insurer gave a link that is not a URL; nothing was sent")
        if "://" in link.partition("?")[0]:
            parts = _split(link)
            if parts is None or _origin(parts) != self.origin:
                host = parts.hostname if parts else "an address that is not clear"
                raise _refused_link(f"the insurer gave a link to {host}, not to {self.host}; nothing was sent")
            path, given = parts.path or "/", parts.query
        else:
            path, _, given = link.partition("?")
            path = path if path.startswith("/") else f"{self.path}/{path}"
        if _has_dots(path) or path.startswith("//"):
            raise _refused_link("the insurer gave a link with an unclear path; nothing was sent")
        return _with_query(self.origin + path + (f"?{given}" if given else ""), query)


def _refused_link(message: str) -> ResponseFormatError:
    error = ResponseFormatError(message)
    error.may_have_acted = False  # the answer that held the link did arrive; the call along it was not made
    return error


def quote_segment(segment: str) -> str:
    """One path segment, quoted; InvalidInputError for what is empty, a dot segment in any encoding, or unprintable."""
    remedy = "give the identifier exactly as the insurer gave it"
    if not isinstance(segment, str) or not segment.strip():
        raise InvalidInputError(f"an identifier in the path is empty or not a string: {remedy}")
    if not segment.isprintable() or _has_dots(segment):
        raise InvalidInputError(
            f"an identifier in the path has characters or dots that would change the path: {remedy}"
        )
    return quote(segment, safe="")


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) URL without user, fragment or an odd host; None otherwise."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    name = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    return parts if parts.scheme in _PORTS and _HOST.match(name) else None


def _origin(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _has_dots(path: str) -> bool:
    """True for a `.` or `..` between slashes, plain or percent-encoded any number of times."""
    previous = ""
    while path != previous:
        previous, path = path, unquote(path)
    return any(piece in (".", "..") for piece in re.split(r"[/\\]", path))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _with_query(url: str, query: Mapping[str, str | int | None]) -> str:
    given = {name: _text(value) for name, value in query.items() if value is not None}
    if not given:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(given, quote_via=quote, safe='')}"


def _text(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
