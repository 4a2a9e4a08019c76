"""An address may be shown to anybody, because nothing secret is left in it."""

from __future__ import annotations

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk import ConfigError, Journal, JournalError, Settings
from tradecredit_sdk._shown_url import shown_url

SECRET = "S3CRET"

NAMES = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
SECRETS = st.text(string.ascii_letters + string.digits + "/?#@:&=%+ ;[]é", max_size=8).map(lambda end: SECRET + end)
SCHEMES = st.sampled_from(["https", "http", "postgresql", "postgresql+psycopg"])
HOSTS = st.sampled_from(["host", "db.example.com:5432", "[::1]:5432", "h1:1,h2:2", ""])
PATHS = st.lists(NAMES, max_size=3).map(lambda names: "".join(f"/{name}" for name in names))


@given(
    SCHEMES, HOSTS, PATHS, st.none() | NAMES | SECRETS, st.none() | SECRETS, st.dictionaries(NAMES, SECRETS, max_size=3)
)
def test_scheme_host_and_path_are_shown_and_nothing_secret(
    scheme: str, host: str, path: str, user: str | None, password: str | None, query: dict[str, str]
) -> None:
    """The user info is as people paste it, the query is written as a URL must be."""
    userinfo = "" if user is None else f"{user}@" if password is None else f"{user}:{password}@"
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    masked = "&".join(f"{name}=***" for name in query)
    shown = shown_url(f"{scheme}://{userinfo}{host}{path}{'?' if asked else ''}{asked}")
    assert SECRET not in shown
    clear = not set("?#") & set(userinfo)
    if clear:
        assert shown == f"{scheme}://{'***@' if userinfo else ''}{host}{path}{'?' if masked else ''}{masked}"


@given(st.text("abc:/?#@&=%[];"), st.text("abc:/?#@&=%[];"))
def test_whatever_is_pasted_no_user_info_and_no_query_is_shown(before: str, after: str) -> None:
    assert SECRET not in shown_url(f"https://u:{before.lstrip('/')}{SECRET}{after}@host/path")
    assert SECRET not in shown_url(f"https://host/path?key={before.replace('&', '')}{SECRET}{after}")
    assert SECRET not in shown_url(f"https://host/path#{before}{SECRET}{after}")


@pytest.mark.parametrize(
    ("given_url", "shown"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("https://host/v1/@me", "https://***@me"),
        ("https://host/v1?S3CRET", "https://host/v1?***"),
        ("https://host/v1?UzNDUkVU=", "https://host/v1?***"),
        ("https://host/v1?a=1;password=S3CRET", "https://host/v1?a=***"),
        ("https://host/v1?mail=a@S3CRET", "https://***"),
        ("https://u:S3CRET", "https://***"),
        ("sqlite:////var/me@work/journal.sqlite", "sqlite:////var/me@work/journal.sqlite"),
        ("~/me@work/journal.sqlite", "~/me@work/journal.sqlite"),
        ("C:\\me@work\\journal.sqlite", "C:\\me@work\\journal.sqlite"),
        ("postgresql:/u:S3CRET@host/db", "***"),
    ],
)
def test_what_is_shown(given_url: str, shown: str) -> None:
    assert shown_url(given_url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@127.0.0.1:1/db?password=S3CRET",
        "postgresql://127.0.0.1:1/db?user=u&password=S3CRET&sslpassword=S3CRET",
        "postgresql://u:S3CRET/PW@127.0.0.1:1/db",
        "postgresql://u:S3CRET@127.0.0.1:1/db",
    ],
)
def test_no_password_of_a_journal_is_shown(url: str) -> None:
    settings = Settings(journal_url=url)
    journal = Journal(url)
    assert "127.0.0.1:1/db" in journal.url
    with pytest.raises(JournalError) as caught:
        journal.open()
    journal.close()
    for text in (journal.url, repr(journal), str(caught.value), str(settings.shown("journal_url")), repr(settings)):
        assert SECRET not in text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://S3CRET@host/v1", "https://***@host/v1"),
        ("https://u:S3CRET@host/v1", "https://***@host/v1"),
        ("https://host/v1?key=S3CRET", "https://host/v1?key=***"),
        ("S3CRET", "*** (not a URL)"),
    ],
)
def test_no_key_in_a_base_url_is_shown(url: str, shown: str) -> None:
    settings = Settings(base_url=url)
    assert settings.shown("base_url") == shown
    assert f"base_url='{shown}'" in repr(settings)
    assert SECRET not in repr(settings) + str(settings)


def test_a_journal_url_that_cannot_be_read_is_not_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        Journal("postgresql://u:S3CRET@host:port/db")
    assert SECRET not in str(caught.value)
