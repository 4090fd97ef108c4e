"""No sentence is left in another language, and none is broken by its translation."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CATALOGUES = {code: Path(settings.LOCALE_PATHS[0], code, "LC_MESSAGES", "django.po") for code in ("pl", "ko")}


def entries(code: str) -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(str(CATALOGUES[code])) if not entry.obsolete]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|%s|\{\w+\}|<[^>]+>", text))


@pytest.mark.parametrize("code", CATALOGUES)
def test_every_sentence_is_translated(code):
    missing = [entry.msgid for entry in entries(code) if not entry.translated()]
    assert missing == []


@pytest.mark.parametrize("code", CATALOGUES)
def test_translations_keep_placeholders_and_tags(code):
    for entry in entries(code):
        for text in [entry.msgstr] if not entry.msgid_plural else entry.msgstr_plural.values():
            wanted = placeholders(entry.msgid) | placeholders(entry.msgid_plural or "")
            assert placeholders(text) <= wanted, entry.msgid
            if not entry.msgid_plural:
                assert placeholders(text) == wanted, entry.msgid


def test_the_catalogues_of_all_languages_hold_the_same_sentences():
    sentences = {code: {entry.msgid for entry in entries(code)} for code in CATALOGUES}
    assert sentences["pl"] == sentences["ko"]


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext, which .ci/run installs")
def test_no_sentence_of_the_code_is_missing_from_the_catalogues(tmp_path):
    for name in ("accounts", "learning", "locale", "media", "ops_panel", "project", "templates", "vod", "manage.py"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(
                source, tmp_path / name, ignore=shutil.ignore_patterns("tests", "*.mo", "__pycache__", "content")
            )
        else:
            shutil.copy(source, tmp_path)
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--locale=pl", "--no-obsolete", "--no-location"],
        cwd=tmp_path, env=os.environ | {"VAR_DIR": str(tmp_path / "var")}, check=True, capture_output=True,
    )  # fmt: skip
    found = {entry.msgid for entry in polib.pofile(str(tmp_path / "locale" / "pl" / "LC_MESSAGES" / "django.po"))}
    known = {entry.msgid for entry in entries("pl")}
    assert found == known, "run `make messages` and translate what is new"
