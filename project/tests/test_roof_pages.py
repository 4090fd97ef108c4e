"""Pages of the roof: robots.txt, and what only developers and operators may see."""

import re
from datetime import UTC, datetime

import pytest
from django.core.mail import EmailMessage, mailers, send_mail
from django.core.management import call_command

from project import demo, mail


class TestRobots:
    def test_robots_are_told_to_stay_away(self, client):
        answer = client.get("/robots.txt")
        assert answer["Content-Type"].startswith("text/plain")
        assert answer.content.decode() == "User-agent: *\nDisallow: /\n"

    def test_robots_are_let_in_where_the_setting_says_so(self, client, settings):
        settings.ROBOTS_ALLOW = True
        assert client.get("/robots.txt").content.decode() == "User-agent: *\nAllow: /\n"


class TestDevelopmentPages:
    @pytest.mark.parametrize("address", ["/dev/mail/", "/dev/codes/", "/styleguide/"])
    def test_a_stranger_finds_nothing_where_debug_is_off(self, client, db, settings, address):
        settings.DEBUG = False
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize("address", ["/dev/mail/", "/dev/codes/", "/styleguide/"])
    def test_a_learner_finds_nothing_where_debug_is_off(self, signed_in, settings, address):
        settings.DEBUG = False
        assert signed_in.get(address).status_code == 404

    @pytest.mark.parametrize(("address", "status"), [("/dev/mail/", 404), ("/dev/codes/", 404), ("/styleguide/", 200)])
    def test_an_operator_sees_the_styleguide_but_nobodys_mail(self, client, otto, settings, address, status):
        settings.DEBUG = False
        client.force_login(otto)
        assert client.get(address).status_code == status

    @pytest.mark.parametrize("address", ["/dev/mail/", "/dev/codes/", "/styleguide/", "/more/"])
    def test_a_developer_sees_them(self, client, db, settings, tmp_path, address):
        settings.DEBUG, settings.MAIL_DIR = True, tmp_path
        assert client.get(address).status_code == 200


class TestCodes:
    def test_the_code_that_is_shown_is_good_for_signing_in(self, client, db, settings):
        settings.DEBUG = True
        settings.MFA_TOTP_TOLERANCE = 1  # one that changes right now is still good
        call_command("seed_demo")
        page = client.get("/dev/codes/")
        assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
        assert "ben@dojang.example" not in page.text, "who has no second step needs no code"
        digits = re.search(r"\b\d{6}\b", re.search(r"<dl.*</dl>", page.text, re.DOTALL).group()).group()
        client.post("/account/login/", {"login": "otto@dojang.example", "password": demo.PASSWORD})
        assert client.post("/account/second-step/authenticate/", {"code": digits}).status_code == 302
        assert client.get("/admin/").status_code == 200

    @pytest.mark.parametrize(("second", "left"), [(0, 30), (1, 29), (29, 1), (30, 30), (59, 1)])
    def test_it_says_how_long_a_code_is_good(self, second, left):
        (otto,) = [person for person in demo.CAST if person.secret]
        code = otto.code(now=datetime(2026, 11, 21, 9, 0, second, tzinfo=UTC))
        assert code.seconds_left == left
        assert code.digits == otto.code(now=datetime(2026, 11, 21, 9, 0, second // 30 * 30, tzinfo=UTC)).digits


class TestMail:
    @pytest.fixture(autouse=True)
    def _development(self, settings, tmp_path):
        settings.DEBUG, settings.MAIL_DIR = True, tmp_path
        settings.MAILERS = {
            "default": {"BACKEND": "project.mail.DevelopmentBackend", "OPTIONS": {"file_path": str(tmp_path)}}
        }

    def letter(self, subject):
        return EmailMessage(subject, f"Body of {subject}", "hall@dojang.example", ["ben@dojang.example"])

    def test_a_letter_is_printed_and_shown_on_the_mail_page(self, client, db, capsys):
        send_mail("도장에 오신 것을 환영합니다", "Witaj, żółty pasie!", None, ["ben@dojang.example"])
        assert "Mail to ben@dojang.example: 도장에 오신 것을 환영합니다" in capsys.readouterr().out
        shown = client.get("/dev/mail/").content.decode()
        assert "도장에 오신 것을 환영합니다" in shown
        assert "Witaj, żółty pasie!" in shown

    def test_the_newest_letter_comes_first_also_among_those_that_were_sent_together(self, settings, tmp_path):
        mailers["default"].send_messages([self.letter("first"), self.letter("second")])
        self.letter("third").send()
        assert [each.subject for each in mail.sent(tmp_path)] == ["third", "second", "first"]

    def test_where_nothing_was_sent_nothing_is_shown(self, tmp_path):
        assert mail.sent(tmp_path / "nowhere") == []
