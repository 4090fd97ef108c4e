"""Settings come from the environment, and whoever gets one wrong reads one sentence about it."""

import ast
import os
import re
import subprocess
import sys

import pytest

from project import settings
from project.environment import Environment, Misconfigured
from tests.programs import ROOT, bare_environment, manage, read_settings


@pytest.fixture
def env(tmp_path, monkeypatch):
    """An environment with nothing in it but what the test sets."""
    monkeypatch.delenv("SPEED", raising=False)
    return Environment(str(tmp_path / ".env"))


class TestReading:
    @pytest.mark.parametrize(
        ("kind", "written", "read"),
        [
            ("str", "fast", "fast"),
            ("int", "8000", 8000),
            ("bool", "true", True),
            ("bool", "0", False),
            ("list", "a.example,b.example", ["a.example", "b.example"]),
        ],
    )
    def test_a_value_is_read_as_its_kind(self, env, monkeypatch, kind, written, read):
        monkeypatch.setenv("SPEED", written)
        assert env(kind, "SPEED", help="How fast.") == read

    def test_a_variable_that_is_not_set_has_its_default(self, env):
        assert env("int", "SPEED", 7, help="How fast.") == 7

    def test_an_empty_variable_counts_as_not_set(self, env, monkeypatch):
        monkeypatch.setenv("SPEED", "")
        assert env("int", "SPEED", 7, help="How fast.") == 7
        assert "SPEED" not in os.environ

    def test_a_file_beside_the_program_is_read_and_the_environment_has_the_last_word(self, tmp_path, monkeypatch):
        monkeypatch.setenv("APP_ENV", "development")
        monkeypatch.setenv("SPEED", "1")
        monkeypatch.setenv("HEIGHT", "")
        monkeypatch.delenv("HEIGHT")  # remembered, so that it is gone again after the test
        (tmp_path / ".env").write_text("SPEED=2\nHEIGHT=3\n")
        env = Environment(str(tmp_path / ".env"))
        assert (env("int", "SPEED", help="How fast."), env("int", "HEIGHT", help="How high.")) == (1, 3)

    def test_a_test_run_does_not_read_the_file_of_this_machine(self, tmp_path):
        (tmp_path / ".env").write_text("SPEED=2\n")
        assert Environment(str(tmp_path / ".env"))("int", "SPEED", 7, help="How fast.") == 7


class TestMistakes:
    def refusal(self, env, *declared):
        with pytest.raises(Misconfigured) as refused:
            env(*declared, help="How fast the hall turns.")
        return str(refused.value)

    @pytest.mark.parametrize("value", [None, ""])
    def test_a_variable_without_a_default_must_be_set(self, env, monkeypatch, value):
        if value is not None:
            monkeypatch.setenv("SPEED", value)
        assert self.refusal(env, "str", "SPEED") == "SPEED: is not set. How fast the hall turns."

    @pytest.mark.parametrize(
        ("kind", "value"),
        [("int", "fast"), ("int", "not set"), ("bool", "maybe"), ("dj_db_url", "nonsense"), ("dj_email_url", "no://")],
    )
    def test_a_value_that_cannot_be_read_is_said_in_one_sentence_without_the_value(self, env, monkeypatch, kind, value):
        monkeypatch.setenv("SPEED", value)
        said = self.refusal(env, kind, "SPEED")
        assert said == "SPEED: has a value that cannot be read. How fast the hall turns."

    @pytest.mark.parametrize(
        ("variable", "value", "said"),
        [
            ("PORT", "eight", "PORT: has a value that cannot be read."),
            ("DATABASE_URL", "nonsense", "DATABASE_URL: has a value that cannot be read."),
            ("EMAIL_URL", "post://mail.example", "EMAIL_URL: has a value that cannot be read."),
            ("APP_ENV", "staging", "APP_ENV: must be development, test or production, not 'staging'."),
        ],
    )
    def test_settings_that_cannot_be_used_are_said_in_one_sentence(self, tmp_path, variable, value, said):
        refused = read_settings(bare_environment(VAR_DIR=str(tmp_path), APP_ENV="test") | {variable: value})
        assert refused.returncode == 1
        assert refused.stdout.startswith(said)
        assert refused.stdout.count("\n") == 1

    def test_make_run_ends_with_that_sentence_and_no_traceback(self, tmp_path):
        refused = manage("up", env=bare_environment(VAR_DIR=str(tmp_path), APP_ENV="test", PORT="eight"))
        assert refused.returncode == 1
        assert refused.stdout.startswith("PORT: has a value that cannot be read. ")
        assert refused.stdout.count("\n") == 1


class TestExample:
    def test_every_setting_is_shown_with_its_meaning_under_its_section(self, env):
        env.section("The hall")
        env("int", "SPEED", 7, help="How fast.")
        env("bool", "LIGHT", True, help="Whether it is lit.")
        env.section("The door")
        env("list", "GUESTS", ["ada", "ben"], help="Who may come in.")
        env("str", "DOOR_KEY", None, help="What opens it.", example=" ")
        assert env.example().split("\n\n")[1:] == [
            "# --- The hall ---",
            "# How fast.\n# SPEED=7",
            "# Whether it is lit.\n# LIGHT=true",
            "# --- The door ---",
            "# Who may come in.\n# GUESTS=ada,ben",
            "# What opens it.\n# DOOR_KEY=\n",
        ]

    def test_the_committed_example_is_what_the_settings_declare(self, tmp_path):
        """When this fails: `make fix`, or `manage.py env_example`."""
        code = "from project.settings import env; print(env.example(), end='')"
        # Named, since a .env of this machine must not show through.
        fresh = bare_environment(VAR_DIR=str(tmp_path), APP_ENV="development", PORT="8000")
        written = subprocess.run([sys.executable, "-c", code], env=fresh, cwd=ROOT, capture_output=True, check=True)
        assert written.stdout.decode() == (ROOT / ".env.example").read_text("utf-8")

    def test_every_value_that_the_example_shows_can_be_read(self, tmp_path):
        shown = re.findall(r"^# ([A-Z][A-Z0-9_]+)=(.+)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)
        asked = bare_environment(**dict(shown) | {"VAR_DIR": str(tmp_path)})
        read = read_settings(asked)
        assert (read.returncode, read.stdout) == (0, "")

    def test_the_example_has_every_variable_that_the_settings_read(self):
        calls = [node for node in ast.walk(ast.parse((ROOT / "project/settings.py").read_text())) if is_env(node)]
        read = {call.args[1].value for call in calls}
        shown = set(re.findall(r"^# ([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
        assert read
        assert shown == read == {declaration.name for declaration in settings.env.declarations}

    def test_every_declaration_says_what_it_is_for(self):
        for declaration in settings.env.declarations:
            assert re.fullmatch(r".{8,}\.", declaration.help), declaration.name
            assert declaration.section, declaration.name

    def test_nothing_but_the_settings_reads_a_variable_of_ours(self):
        """A variable that is read elsewhere would be undocumented and untyped."""
        may = {"project/environment.py", "project/embedded.py", "project/supervisor.py"}
        rooms = ("project", "accounts", "learning", "media", "vod", "ops_panel")
        reading = {
            str(file.relative_to(ROOT))
            for room in rooms
            for file in (ROOT / room).rglob("*.py")
            if "tests" not in file.parts and re.search(r"\bgetenv\b|environ(?!\.setdefault)\b", file.read_text())
        }
        assert reading - may == set()


def is_env(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "env"
