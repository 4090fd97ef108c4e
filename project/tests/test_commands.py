"""What `make` asks of manage.py."""

import gettext
import os

import pytest
from django.core.management import CommandError, call_command

from project import demo

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
        call_command("seed_demo")
        inside = []
        for person in demo.CAST:
            client.post("/account/login/", {"login": person.email, "password": demo.PASSWORD})
            inside += [person.name] if client.get("/admin/").status_code == 200 else []
            client.post("/account/logout/")
        assert inside == ["Otto"]

    def test_letting_them_in_again_changes_nothing(self, db, client, settings, django_user_model):
        settings.DEBUG = True
        call_command("seed_demo")
        before = list(django_user_model.objects.order_by("pk").values())
        call_command("seed_demo")
        assert list(django_user_model.objects.order_by("pk").values()) == before
        assert len(before) == len(demo.CAST)

    def test_nobody_is_let_in_with_a_known_password_where_debug_is_off(self, db, settings, django_user_model):
        settings.DEBUG = False
        with pytest.raises(CommandError, match="known password"):
            call_command("seed_demo")
        assert not django_user_model.objects.exists()


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
