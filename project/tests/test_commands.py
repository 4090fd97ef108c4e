"""What `make` asks of manage.py."""

import gettext
import io
import os
import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.utils import timezone

from project import demo
from project.management.commands import up

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "belt"\nmsgstr "{word}"\n'


class TestDemoCast:
    def test_everybody_is_let_in_and_can_sign_in(self, db, client, settings):
        settings.DEBUG = True
        call_command("seed_demo")
        for person in demo.CAST:
            signed_in = client.post("/account/login/", {"login": person.email, "password": demo.PASSWORD})
            assert signed_in.status_code == 302, person
            client.post("/account/logout/")

    def test_only_the_operator_gets_into_the_operators_room(self, db, client, settings):
        settings.DEBUG = True
        settings.MFA_TOTP_TOLERANCE = 1  # a code that changes right now is still good
        call_command("seed_demo")
        inside = []
        for person in demo.CAST:
            client.post("/account/login/", {"login": person.email, "password": demo.PASSWORD})
            if person.secret:
                typed = {"code": person.code(now=timezone.now()).digits}
                client.post("/account/second-step/authenticate/", typed)
            inside += [person.name] if client.get("/admin/").status_code == 200 else []
            client.post("/account/logout/")
        assert inside == ["Otto"]

    def test_letting_them_in_again_changes_nothing(self, db, client, settings, django_user_model):
        settings.DEBUG = True
        call_command("seed_demo")
        before = self.everything(django_user_model)
        call_command("seed_demo")
        assert self.everything(django_user_model) == before
        assert [len(rows) for rows in before] == [len(demo.CAST), 2]

    @staticmethod
    def everything(people):
        return [list(model.objects.order_by("pk").values()) for model in (people, Authenticator)]

    def test_an_operator_from_before_there_were_second_steps_gets_one(self, db, settings):
        settings.DEBUG = True
        call_command("seed_demo")
        Authenticator.objects.all().delete()
        call_command("seed_demo")
        assert Authenticator.objects.get(type="totp").user.email == "otto@dojang.example"

    def test_nobody_is_let_in_with_a_known_password_where_debug_is_off(self, db, settings, django_user_model):
        settings.DEBUG = False
        with pytest.raises(CommandError, match="known password"):
            call_command("seed_demo")
        assert not django_user_model.objects.exists()
        assert not Authenticator.objects.exists()

    def test_the_welcome_names_the_code_of_the_operator_and_nobody_elses(self, settings):
        settings.DEBUG = True
        assert re.search(r"otto@dojang\.example +operator, one-time code \d{6}\n", self.welcome())
        assert len(re.findall(r"one-time code \d", self.welcome())) == 1
        assert "/dev/codes/" in self.welcome()

    def test_the_welcome_names_nobody_where_debug_is_off(self, settings):
        settings.DEBUG = False
        said = self.welcome()
        assert "Dojang is open" in said
        for word in ("code", "dojang.example", demo.PASSWORD):
            assert word not in said

    @staticmethod
    def welcome():
        said = io.StringIO()
        up.Command(stdout=said)._welcome()
        return said.getvalue()


class TestTranslations:
    @pytest.fixture
    def source(self, settings, tmp_path):
        settings.LOCALE_PATHS = [tmp_path]
        file = tmp_path / "pl/LC_MESSAGES/django.po"
        file.parent.mkdir(parents=True)
        file.write_text(PO.format(word="pas"), "utf-8")
        return file

    @staticmethod
    def translated(source):
        with source.with_suffix(".mo").open("rb") as compiled:
            return gettext.GNUTranslations(compiled).gettext("belt")

    def test_they_are_compiled_without_gettext_on_the_machine(self, source, monkeypatch):
        monkeypatch.setenv("PATH", "")
        call_command("compile_translations")
        assert self.translated(source) == "pas"

    def test_those_that_have_not_changed_are_left_alone(self, source):
        call_command("compile_translations")
        source.with_suffix(".mo").write_bytes(b"as it was")
        call_command("compile_translations")
        assert source.with_suffix(".mo").read_bytes() == b"as it was"

    def test_those_that_have_changed_are_compiled_again(self, source):
        call_command("compile_translations")
        source.write_text(PO.format(word="pasek"), "utf-8")
        later = source.with_suffix(".mo").stat().st_mtime + 1
        os.utime(source, (later, later))
        call_command("compile_translations")
        assert self.translated(source) == "pasek"
