from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.foundation.outbound import rules

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("0", 0),
            ("120", 120),
            (" 7 ", 7),
            ("Sat, 21 Nov 2026 09:00:30 GMT", 30),
            ("Sat, 21 Nov 2026 10:00:30 +0100", 30),
            ("Sat, 21 Nov 2026 08:00:00 GMT", 0),
            ("", None),
            ("soon", None),
            ("-5", None),
            ("1.5", None),
            ("9" * 400, None),
            ("٣", None),
        ],
    )
    def test_seconds_or_a_date(self, header, seconds):
        assert rules.wait_asked_for(header, now=NOW) == seconds

    @given(st.integers(-(10**6), 10**6))
    def test_a_date_means_the_seconds_until_then(self, seconds):
        header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
        assert rules.wait_asked_for(header, now=NOW) == max(seconds, 0)

    @given(st.text())
    def test_whatever_it_says_nothing_breaks(self, header):
        found = rules.wait_asked_for(header, now=NOW)
        assert found is None or found >= 0


class TestPatterns:
    @pytest.mark.parametrize(
        ("path", "pattern"),
        [
            ("/indexes/techniques/documents", "/indexes/techniques/documents"),
            ("/title/345534/sources/", "/title/*/sources/"),
            ("/v1/models/x:generate", "/v1/models/x:generate"),
            ("/v2/post/publish/video/init/", "/v2/post/publish/video/init/"),
            ("/find/tt0111161?api_key=secret", "/find/*"),
            ("/find/name#secret", "/find/name"),
            ("/push/gAAAAABqwertyuiopasdfghjklzxcvbnmqwertyui", "/push/*"),
            ("/people/ada@dojang.example", "/people/*"),
            ("/search/Jan%20Kowalski", "/search/*"),
            ("", ""),
        ],
    )
    def test_a_path_without_what_tells_one_thing_from_another(self, path, pattern):
        assert rules.pattern(path) == pattern

    @given(st.text())
    def test_it_fits_and_never_holds_a_query(self, path):
        found = rules.pattern(path)
        assert len(found) <= 200
        assert not set(found) & set("?#")


class TestRedacting:
    def test_longer_pieces_go_first_so_that_nothing_of_them_is_left(self):
        assert rules.redacted("key abcd-efgh!", ["abcd", "abcd-efgh"]) == "key …!"

    def test_short_pieces_stay(self):
        assert rules.redacted("region PL", ["PL"]) == "region PL"

    @given(st.text(min_size=4).filter(lambda each: each.strip()), st.text(), st.text())
    def test_no_secret_is_left(self, secret, before, after):
        assert secret not in rules.redacted(f"{before}{secret}{after}", [secret]) or "…" in secret

    def test_one_line_is_left(self):
        assert rules.redacted("a\n\x00 b\t c", []) == "a b c"


class TestTheBudget:
    @pytest.mark.parametrize(
        ("asked", "repeated", "is_affordable"),
        [(1, 0, True), (1, 9, True), (1, 10, False), (100, 10, False), (1000, 99, True), (1000, 100, False)],
    )
    def test_a_tenth_and_never_less_than_a_few(self, asked, repeated, is_affordable):
        assert rules.is_affordable(asked=asked, repeated=repeated) is is_affordable
