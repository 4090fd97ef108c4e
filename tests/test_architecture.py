"""The rules of the house (docs/architecture.md), as checks. Which import may go where is import-linter's business;
here every one of its contracts is shown to bite."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from uuid import UUID

import pytest
from django.urls import URLPattern, get_resolver
from ninja.constants import NOT_SET

from project.api import api

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ("project", "accounts", "learning", "media", "vod", "ops_panel")

ROOMS = {
    "__init__", "models", "rules", "queries", "commands", "forms", "views", "api", "consumers", "tasks", "admin",
    "apps", "urls", "migrations", "tests", "management", "templatetags",
}  # fmt: skip
ROOMS_OF_THEIR_OWN = {
    # what allauth and Django ask for by name; doors (access, limits, tokens, sealing of secrets); what is told and
    # drawn; and other people's protocols
    "accounts": {
        "access",
        "adapter",
        "certificates",
        "entitlement_tokens",
        "hashers",
        "limits",
        "middleware",
        "passwords",
        "revenuecat",
        "sealing",
        "social",
        "stripe",
        "telling",
        "tokens",
        "webpush",
    },
    "ops_panel.console": {"feeds"},  # what open pages are told
    "learning.practice": {"anki", "ical", "picture"},  # files and calendars of other programs, and what is drawn
    "learning.handbook": {"content", "meilisearch", "picture", "sheets", "shelf", "sitemaps"},
}
"""A further room is a decision: it is named for what it knows, and written down here."""

NEVER_A_ROOM = {"utils", "util", "helpers", "helper", "services", "service", "common", "misc", "signals"}


def modules():
    return [
        file
        for room in HOUSE
        for file in sorted((ROOT / room).rglob("*.py"))
        if "tests" not in file.parts and "migrations" not in file.parts
    ]


def named(file):
    return str(file.relative_to(ROOT))


class TestRooms:
    def test_nothing_is_called_by_a_name_that_says_nothing(self):
        everything = [each for room in HOUSE for each in (ROOT / room).rglob("*") if each.suffix in {"", ".py"}]
        assert [named(each) for each in everything if each.stem in NEVER_A_ROOM] == []

    def test_every_app_has_only_the_rooms_of_the_house(self):
        strangers = {}
        for marker in [file for file in modules() if file.name == "apps.py" and "project" not in file.parts]:
            app = ".".join(marker.parent.relative_to(ROOT).parts)
            rooms = {each.stem for each in marker.parent.iterdir() if each.suffix == ".py" or each.is_dir()}
            if unknown := rooms - ROOMS - ROOMS_OF_THEIR_OWN.get(app, set()) - {"__pycache__"}:
                strangers[app] = unknown
        assert strangers == {}

    def test_no_room_has_grown_too_large(self):
        """Past 400 lines a module becomes a package of the same name, split by subject."""
        lines = {named(file): file.read_text().count("\n") for file in modules() if file.name != "settings.py"}
        assert {name: count for name, count in lines.items() if count > 400} == {}


class TestViews:
    def test_a_view_parses_asks_once_and_renders_in_at_most_25_lines(self):
        views = [file for file in modules() if file.name == "views.py" or file.parent.name == "views"]
        assert views
        long = {
            f"{named(file)}:{function.name}": function.end_lineno - function.lineno + 1
            for file in views
            for function in ast.walk(ast.parse(file.read_text()))
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert {name: count for name, count in long.items() if count > 25} == {}


# --- Rules are pure -------------------------------------------------------------------------------

CLOCK_AND_WORLD = re.compile(
    r"""
    \.(now|utcnow|today|localtime|gmtime|monotonic|perf_counter)$   # the clock
    | ^time\.
    | \.(uuid1|uuid4|uuid7|urandom)$ | ^(random|secrets)\.          # chance
    | ^(open|input|print|exec|eval|__import__)$                         # the world
    | (^|\.)(Path|read_text|read_bytes|write_text|write_bytes|urlopen|getenv)$ | ^os\.
    """,
    re.VERBOSE,
)


def impure(source):
    """What a pure module must not call or read, by name."""
    tree = ast.parse(source)
    real = {}  # what a name stands for: `from random import shuffle as mix` makes mix → random.shuffle
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            real |= {each.asname or each.name: f"{node.module or ''}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Import):
            real |= {each.asname: each.name for each in node.names if each.asname}

    def dotted(node):
        match node:
            case ast.Name(name):
                return real.get(name, name)
            case ast.Attribute(value, name):
                return f"{dotted(value)}.{name}"
            case _:
                return "…"

    used = {dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)}
    return sorted(name for name in used if CLOCK_AND_WORLD.search(name))


class TestRules:
    PURE = [
        file
        for file in modules()
        if file.name == "rules.py"
        or file.parent.name == "rules"
        or named(file).startswith(("project/foundation/belts.py", "project/foundation/texts.py"))
    ]

    @pytest.mark.parametrize("file", PURE, ids=named)
    def test_a_rule_asks_no_clock_rolls_no_dice_and_opens_no_file(self, file):
        assert impure(file.read_text()) == []

    def test_there_are_rules(self):
        assert len(self.PURE) > 2

    @pytest.mark.parametrize(
        "line",
        [
            "from datetime import datetime; datetime.now()",
            "import datetime; datetime.datetime.now(tz=None)",
            "from datetime import date as day; day.today()",
            "from django.utils import timezone; timezone.now()",
            "import time; time.time()",
            "from time import time as clock; clock()",
            "import random; random.shuffle([])",
            "from random import shuffle as mix; mix([])",
            "import secrets; secrets.token_hex()",
            "import uuid; uuid.uuid4()",
            "open('belts.yaml')",
            "from pathlib import Path; Path('belts.yaml').read_text()",
            "import os; os.environ['HOME']",
            "field(default_factory=datetime.now)",
        ],
    )
    def test_this_check_notices(self, line):
        assert impure(line)

    @pytest.mark.parametrize(
        "line",
        ["due <= now", "def due(*, now): return now", "date.fromisoformat(day)", "times = 3", "opened = card.open"],
    )
    def test_this_check_lets_pass(self, line):
        assert impure(line) == []


# --- Templates ------------------------------------------------------------------------------------

FORBIDDEN_IN_TEMPLATES = {
    "an inline style": re.compile(r"\sstyle\s*=|<style\b", re.IGNORECASE),
    "an inline handler": re.compile(r"""[\s"']on[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "a handler of htmx": re.compile(r"hx-on\b", re.IGNORECASE),
    "a script as an address": re.compile(r"javascript:", re.IGNORECASE),
    "a script without a file and a nonce": re.compile(
        r"""<script\b(?!(?=[^>]*\ssrc=)(?=[^>]*\snonce="\{\{\scsp_nonce\s\}\}"))""", re.IGNORECASE
    ),
}


def refused(template):
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", template, flags=re.DOTALL)
    return [what for what, pattern in FORBIDDEN_IN_TEMPLATES.items() if pattern.search(text)]


class TestTemplates:
    TEMPLATES = [
        file
        for folder in ("templates", *HOUSE)
        for file in sorted((ROOT / folder).rglob("*.html"))
        if "email" not in file.parts  # mail programs read no style sheets, and no policy guards them
    ]

    def test_no_template_needs_what_the_content_security_policy_refuses(self):
        assert len(self.TEMPLATES) > 30
        found = {named(file): what for file in self.TEMPLATES if (what := refused(file.read_text()))}
        assert found == {}

    @pytest.mark.parametrize(
        "line",
        [
            '<p style="color: red">',
            "<style>p {}</style>",
            '<button class="btn" onclick="go()">',
            "<img src=x\nonerror='go()'>",
            '<form hx-on:click="go()">',
            '<a href="javascript:go()">',
            "<script>go()</script>",
            '<script src="{% static \'js/main.js\' %}" type="module"></script>',
            '<script nonce="{{ csp_nonce }}">go()</script>',
        ],
    )
    def test_this_check_notices(self, line):
        assert refused(line)

    @pytest.mark.parametrize(
        "line",
        [
            '<script src="{% static \'js/main.js\' %}" nonce="{{ csp_nonce }}" type="module"></script>',
            '<script nonce="{{ csp_nonce }}" src="{% static \'js/main.js\' %}"></script>',
            '{{ steps|json_script:"steps" }}',
            '<link rel="stylesheet" href="x.css">',
            '<option value="on" selected>',
            "{% comment %}never style=, never <script>{% endcomment %}",
            '<p data-tone="calm" data-on="7">',
        ],
    )
    def test_this_check_lets_pass(self, line):
        assert refused(line) == []


# --- Who may see what -----------------------------------------------------------------------------


def routes(patterns=None, before="", spaces=()):
    """Every route with its namespaces, and a made-up address that leads there."""
    made_up = {"int": "7", "slug": "x", "str": "x", "path": "x", "uuid": str(UUID(int=7)), "uuidstr": str(UUID(int=7))}
    for each in get_resolver().url_patterns if patterns is None else patterns:
        here = re.sub(r"<(\w+):\w+>", lambda found: made_up[found[1]], str(each.pattern))
        if isinstance(each, URLPattern):
            yield before + here, spaces, each.callback
        else:
            yield from routes(each.url_patterns, before + here, (*spaces, *filter(None, [each.namespace])))


def is_ours(view):
    return view.__module__.partition(".")[0] in HOUSE


class TestAccess:
    def test_every_page_of_ours_is_opened_to_everybody_or_asks_a_stranger_to_sign_in(self, client, db):
        pages = [(address, view) for address, spaces, view in routes() if is_ours(view) and "api" not in spaces]
        assert len(pages) > 10
        assert any(getattr(view, "login_required", True) for _, view in pages), "no page asks for a sign-in"
        undecided = {}
        for address, view in pages:
            if getattr(view, "login_required", True):
                for method in ("get", "post"):
                    answer = getattr(client, method)(f"/{address}")
                    if (answer.status_code, answer.headers.get("Location", "")[:16]) != (302, "/account/login/?"):
                        undecided[f"{method} /{address}"] = answer.status_code
        assert undecided == {}

    def test_the_operators_room_is_closed_to_strangers(self, client, db):
        rooms = [
            address
            for address, spaces, view in routes()
            if "admin" in spaces and "^" not in address and "(?P" not in address
            if getattr(view, "login_required", True)
        ]
        assert len(rooms) > 3
        answers = {address: client.get(f"/{address}") for address in rooms}
        assert {
            address: answer.status_code
            for address, answer in answers.items()
            if answer.status_code != 302 or "/login/?next=" not in answer["Location"]
        } == {}

    def test_every_operation_of_the_api_says_who_may_ask(self):
        """`auth=None` says: everybody. Saying nothing is no decision."""
        assert get_resolver().url_patterns  # which puts the routers of the apps into one list
        operations = [
            (f"{'/'.join(operation.methods)} {prefix}{path}", operation.auth_param)
            for prefix, router in api._routers
            for path, view in router.path_operations.items()
            for operation in view.operations
        ]
        assert operations
        assert [name for name, auth in operations if auth is NOT_SET] == []


# --- Every contract bites -------------------------------------------------------------------------

WRONG = [
    ("pure-rules", "learning/handbook/rules/floor.py", "import django.utils.timezone"),
    ("pure-rules", "project/foundation/belts.py", "import random"),
    ("floors", "learning/handbook/queries/reading.py", "import vod"),
    ("floors", "project/foundation/audit/queries.py", "from accounts import queries"),
    ("floors", "accounts/commands.py", "from learning.handbook import queries"),
    ("floors", "accounts/apps.py", "from project import views"),
    (
        "accounts-meets-others-by-queries-and-commands",
        "learning/handbook/views/reading.py",
        "from accounts import models",
    ),
    (
        "handbook-meets-others-by-queries-and-commands",
        "ops_panel/console/queries.py",
        "from learning.handbook import models",
    ),
    ("rooms", "learning/handbook/models/tuls.py", "from learning.handbook import views"),
    ("rooms", "learning/handbook/queries.py", "from . import views"),
    ("rooms", "accounts/models.py", "from . import commands"),
    ("foundation-rooms", "project/foundation/jobs/models.py", "from . import commands"),
    ("foundation-rooms", "project/foundation/audit/models.py", "from . import queries"),
    ("foundation-rooms", "project/foundation/outbound/exchange.py", "from . import client"),
    ("pure-rules", "project/foundation/outbound/addresses.py", "import socket"),
    ("floors-of-learning", "learning/handbook/queries/reading.py", "from learning.practice import queries as above"),
    (
        "practice-meets-others-by-queries-and-commands",
        "ops_panel/console/queries.py",
        "from learning.practice import models",
    ),
]


class TestContracts:
    @pytest.fixture
    def copy(self, tmp_path):
        """Our sources without their tests, to be spoiled."""
        for room in HOUSE:
            for file in (each for each in modules() if each.is_relative_to(ROOT / room)):
                there = tmp_path / file.relative_to(ROOT)
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, there)
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
        return tmp_path

    @staticmethod
    def lint(copy):
        linter = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
        return subprocess.run(linter, cwd=copy, capture_output=True, text=True, check=False)

    def test_the_house_keeps_them_all(self, copy):
        linted = self.lint(copy)
        assert (linted.returncode, linted.stdout if linted.returncode else "") == (0, "")

    @pytest.mark.parametrize(("contract", "module", "wrong"), WRONG)
    def test_a_wrong_import_breaks_its_contract(self, copy, contract, module, wrong):
        with (copy / module).open("a") as file:
            file.write(f"\n{wrong}\n")
        linted = self.lint(copy)
        # Names are wrapped at the width of a terminal.
        broken = " ".join(linted.stdout.partition("Broken contracts")[2].split())
        assert linted.returncode == 1
        assert self.contracts()[contract] in broken
        assert module.removesuffix(".py").replace("/", ".") in broken

    def test_every_contract_is_tried(self):
        assert {contract for contract, _, _ in WRONG} == set(self.contracts())

    @staticmethod
    def contracts():
        configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
        return {contract["id"]: contract["name"] for contract in configured}
