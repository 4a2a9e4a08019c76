"""Reading an answer's body: whole, not too large, and in time."""

from __future__ import annotations

import requests

from tradecredit_sdk._http.deadline import Deadline
from tradecredit_sdk.errors import ResponseFormatError

_PIECE_BYTES = 16 * 1024  # a piece of gzip unpacks to at most a thousand times its size


def read(response: requests.Response, most_bytes: int, deadline: Deadline) -> bytes:
    """The unpacked body. ResponseFormatError if it is too large or packed twice; what the library raises if it breaks.

    The size is measured after unpacking, so that a small answer cannot become a huge one.
    """
    if "," in response.headers.get("Content-Encoding", ""):
        raise ResponseFormatError("the answer is packed more than once")
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > most_bytes:
        raise _too_large(most_bytes)
    pieces, size = [], 0
    for piece in response.iter_content(_PIECE_BYTES):
        size += len(piece)
        if size > most_bytes:
            raise _too_large(most_bytes)
        if deadline.left() <= 0:
            raise TimeoutError("the total time is over")
        pieces.append(piece)
    _check_whole(response, declared)
    return b"".join(pieces)


def _check_whole(response: requests.Response, declared: str) -> None:
    """urllib3 before version 2 takes a body that ends too early for a whole one."""
    received = getattr(response.raw, "tell", None)
    if declared.isdecimal() and received and response.request.method != "HEAD" and received() < int(declared):
        raise ConnectionError("the answer ended too early")


def _too_large(most_bytes: int) -> ResponseFormatError:
    return ResponseFormatError(f"the answer is larger than {most_bytes} bytes")
