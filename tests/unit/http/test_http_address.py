"""Where a call may go."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk._http.address import Address, quote_segment
from tradecredit_sdk.errors import ConfigError, InvalidInputError, ResponseFormatError

INSURER = Address.of("https://api.insurer.test/v1")


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.insurer.test",
        "https://api.insurer.test/v1/",
        "http://127.0.0.1:8585/open/v1",
        "http://localhost:1",
        "http://[::1]:8585/x",
        "HTTPS://API.insurer.test/v1",
    ],
)
def test_https_or_loopback(base_url: str) -> None:
    assert Address.of(base_url).url(("a",), {}).endswith("/a")


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "api.insurer.test/v1",
        "http://api.insurer.test/v1",
        "http://127.0.0.1.evil.test/",
        "http://127.0.0.1@evil.test/",
        "http://localhost.evil.test",
        "http://2130706433/",
        "http://0.0.0.0:80",
        "ftp://127.0.0.1/",
        "https://user:password@api.insurer.test/v1",
        "https://@api.insurer.test/v1",
        "https://api.insurer.test/v1?key=1",
        "https://api.insurer.test/v1?",
        "https://api.insurer.test/v1#x",
        "https://api.insurer.test/a/../b",
        "https://api.insurer.test/a/%2e%2e/b",
        "https://api.insurer.test\\@evil.test/",
        "https://api.insurer.test:port/",
        "https://api.insurer.test:99999/",
        "https://api.insur\ter.test/",
        "https://[::1/",
        "https:///v1",
        "https://-insurer.test",
        None,
    ],
)
def test_other_base_urls_are_refused(base_url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Address.of(base_url)
    assert "password" not in str(caught.value).replace("user, password", "")


def test_path_and_query() -> None:
    url = INSURER.url(("policies", "DE/12 34", "Ümlaut?#"), {"buyer_id": "00 1", "none": None, "all": True, "n": 5})
    assert url == "https://api.insurer.test/v1/policies/DE%2F12%2034/%C3%9Cmlaut%3F%23?buyer_id=00%201&all=true&n=5"


@pytest.mark.parametrize(
    "segment",
    [
        "",
        " ",
        ".",
        "..",
        "%2e%2e",
        "%2E.",
        "%252e%252e",
        "a/../b",
        "..\\b",
        "%2e%2e%2fadmin",
        "a\nb",
        "a\x00",
        "\ud800",
        7,
    ],
)
def test_segments_that_would_change_the_path(segment: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        INSURER.url(("buyers", segment), {})
    assert "identifier" in str(caught.value)


@given(st.text(min_size=1, max_size=30))
def test_a_segment_stays_one_segment(segment: str) -> None:
    try:
        quoted = quote_segment(segment)
    except InvalidInputError:
        return
    assert unquote(quoted) == segment
    assert set(quoted).isdisjoint("/?#\\ ")
    assert quoted not in {"", ".", ".."}


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://api.insurer.test/riskinfo/covers/7?x=1", "https://api.insurer.test/riskinfo/covers/7?x=1&page=2"),
        ("https://API.insurer.test:443/c", "https://api.insurer.test/c?page=2"),
        ("/covers/7", "https://api.insurer.test/covers/7?page=2"),
        ("covers/7", "https://api.insurer.test/v1/covers/7?page=2"),
        (
            "/covers/7?back=https://api.insurer.test",
            "https://api.insurer.test/covers/7?back=https://api.insurer.test&page=2",
        ),
    ],
)
def test_links_of_the_insurer(link: str, url: str) -> None:
    assert INSURER.follow(link, {"page": 2}) == url


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/covers/7",
        "http://api.insurer.test/covers/7",
        "https://api.insurer.test:8443/covers/7",
        "https://api.insurer.test@evil.test/",
        "https://api.insurer.test:443@evil.test/",
        "https://user@api.insurer.test/c",
        "https://api.insurer.test.evil.test/",
        "https://evil.test\\.api.insurer.test/",
        "//evil.test/covers",
        "/\\evil.test",
        "///evil.test",
        "javascript:alert(1)://x",
        "https://api.insurer.test/a/../../b",
        "/a/%2e%2e/b",
        "../policies",
        "https://api.insurer.test/a b",
        "https://api.insurer.test/a\r\nHost: evil.test",
        "https://api.insurer.test/#f",
        "",
        None,
        7,
    ],
)
def test_links_to_elsewhere_are_refused(link: str) -> None:
    with pytest.raises(ResponseFormatError) as caught:
        INSURER.follow(link, {})
    assert "nothing was sent" in str(caught.value)


@given(st.text(alphabet="htps:/.@\\[]?#%2e1abinsurer-evil\t ", max_size=40))
def test_no_link_leaves_the_origin(tail: str) -> None:
    for link in (tail, "https://" + tail, "https://api.insurer.test" + tail):
        try:
            url = INSURER.follow(link, {})
        except ResponseFormatError:
            continue
        assert url.startswith("https://api.insurer.test/")
        assert urlsplit(url).netloc == "api.insurer.test"
