"""The documentation is true where a machine can tell. Each check is also shown something wrong, and notices."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import get_commands
from django.db import connection

from project import settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))


# --- Reading Markdown -----------------------------------------------------------------------------

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)


def prose(text):
    """Without code blocks."""
    return FENCE.sub("", text)


def code(text):
    """What stands in backticks and in blocks for a shell, and what an indented block shows."""
    blocks = [block for _, language, block in FENCE.findall(text) if language in {"", "sh"}]
    indented = re.findall(r"(?<=\n\n)(?: {4}.+\n)+", prose(text))
    return [*CODE.findall(prose(text)), *(line for block in [*blocks, *indented] for line in block.splitlines())]


def words(text):
    """The words of all code, without comments of the shell, quotes and the punctuation around them."""
    lines = (re.sub(r"(^|\s)#\s.*", "", piece) for piece in code(text))
    return [word.strip("\"',;:()") for line in lines for word in line.split()]


def anchors(text):
    """The anchors that a renderer makes of the headings."""
    found = set()
    for heading in HEADING.findall(prose(text)):
        plain = re.sub(r"[^\w\- ]", "", LINK.sub(r"\1", heading).replace("`", "").lower()).replace(" ", "-")
        twins = (plain, *(f"{plain}-{number}" for number in range(1, 99)))
        found.add(next(each for each in twins if each not in found))
    return found


# --- What each check says is wrong ----------------------------------------------------------------


def broken_links(text, file):
    links = [link for link in LINK.findall(prose(text)) if not re.match(r"[a-z]+:", link)]
    return [link for link in links if not leads_somewhere(link, text, file)]


def leads_somewhere(link, text, file):
    path, _, anchor = link.partition("#")
    there = (file.parent / path).resolve() if path else file
    if not there.is_relative_to(ROOT) or not there.exists():
        return False
    return not anchor or anchor in anchors(text if there == file else there.read_text("utf-8"))


IGNORED = tuple(
    line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line.startswith("/")
)  # made while running: allowed to be missing
SUFFIXES = "py|md|toml|ya?ml|lock|json|html|css|js|svg|png|po"
NAMED = re.compile(rf"\.(?:{SUFFIXES})$")
PATH = re.compile(rf"[\w.*<>-]+(/[\w.*<>-]+)+/?|[\w.*<>-]+/|[\w.*<>-]*\.(?:{SUFFIXES})|\.env\.\w+")


def missing_paths(text):
    """Words in code that look like a path of this repository and lead nowhere. `*` and `<…>` stand for any name."""
    wrong = []
    for word in words(text):
        path = word.partition("::")[0]
        if PATH.fullmatch(path) and is_of_this_repository(path):
            pattern = re.sub(r"<[^>]+>", "*", path.rstrip("/"))
            if not any(ROOT.glob(pattern) if "/" in path or path.startswith(".") else ours(pattern)):
                wrong.append(path)
    return wrong


def is_of_this_repository(path):
    """By its first folder or by how it ends; `text/html` and `valkey/valkey` are something else."""
    top = path.partition("/")[0]
    if top in IGNORED:
        return False
    return (ROOT / top).exists() or path.count("/") == int(path.endswith("/")) or bool(NAMED.search(path))


def ours(name):
    """Files of that name, wherever in the house; a bare name may stand for a room of every app."""
    tops = [top for top in ROOT.iterdir() if top.name not in IGNORED and not top.name.startswith(".")]
    return [
        *ROOT.glob(name),
        *(file for top in tops if top.is_dir() for file in top.rglob(name)),
        # A room may have grown into a package.
        *(file for top in tops if top.is_dir() for file in top.rglob(name.removesuffix(".py")) if file.is_dir()),
    ]


MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][a-z0-9-]*):", MAKEFILE, re.MULTILINE))
WITH_HELP = set(re.findall(r"^([a-z][a-z0-9-]*):.*?## ", MAKEFILE, re.MULTILINE))


def made(text):
    """Every `make target` that is named in code."""
    return {target for piece in code(text) for target in re.findall(r"\bmake ([a-z][\w-]*)", piece)}


def managed(text):
    """Every `manage.py command` that is named in code."""
    return {command for piece in code(text) for command in re.findall(r"\bmanage\.py ([a-z]\w*)", piece)}


OF_OTHERS = {"DEPTH", "Q_CLUSTER_NAME", "DISABLE_SERVER_SIDE_CURSORS"}  # of conftest.py, django-q2, Django's DATABASES


def unknown_settings(text):
    """Words in code that look like a setting and are none."""
    declared = {declaration.name for declaration in settings.env.declarations}
    names = {
        name
        for word in words(text)
        if (found := re.fullmatch(r"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(=\S*)?|([A-Z]+)=\S*", word))
        for name in found.group(1, 3)
        if name
    }
    return names - declared - OF_OTHERS - constants() - {name for name in dir(configured) if name.isupper()}


@cache
def constants():
    """Names in capitals that our code gives to something, and variables of the containers."""
    code = [file for app in ("project", "accounts", "learning", "tests") for file in (ROOT / app).rglob("*.py")]
    containers = [ROOT / "compose.yaml", *(ROOT / "deploy").iterdir()]
    return {
        name
        for files, pattern in ((code, r"^\s*([A-Z][A-Z0-9_]+) = "), (containers, r"\b[A-Z][A-Z0-9_]+\b"))
        for file in files
        if file.is_file()
        for name in re.findall(pattern, file.read_text(), re.MULTILINE)
    }


MACHINE = re.compile(r"(?<![\w./>-])/(?:work|root|home|tmp|Users|private|mnt)\b[/\w.-]*")
REGISTRY = re.compile(
    r"\b(?:pypi|npm|registry|artifactory|nexus)[\w-]*\.[\w.-]+\.\w+\b|--(?:extra-)?index-url|index-url\s*=",
    re.IGNORECASE,
)


def of_this_machine(text):
    """Paths of a machine and hosts of package registries; neither belongs into a document."""
    return [found.group() for pattern in (MACHINE, REGISTRY) for found in pattern.finditer(text)]


def package(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement).group().lower()


def unexplained(text, wanted):
    """Packages of a table that are not wanted, or wanted and not there exactly once with a reason."""
    rows = re.findall(r"^\| `([^`]+)` \| *(\S.*?) *\|$", text, re.MULTILINE)
    listed = sorted(name for name, _ in rows)
    return {name for name in {*listed, *wanted} if listed.count(name) != 1 or name not in wanted}


def section(text, title):
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE).group(1)


def flaws_of_a_decision(name, text, index):
    number, lines = name[:4], text.splitlines()
    title = lines[0].removeprefix("# ") if lines else ""
    parts = [heading for heading in HEADING.findall(text) if heading in {"Context", "Decision", "Consequences"}]
    return [
        flaw
        for flaw, holds in {
            "its name is not NNNN-words.md": re.fullmatch(r"\d{4}(-[a-z0-9]+)+\.md", name),
            "its first line is not its number and title": re.fullmatch(
                rf"# {number}\. \S.*", lines[0] if lines else ""
            ),
            "it has not context, decision and consequences": parts == ["Context", "Decision", "Consequences"],
            "it has more than 30 lines": len(lines) <= 30,
            "docs/index.md does not list it under its title": f"[{title}](decisions/{name})" in index,
        }.items()
        if not holds
    ]


# --- The documents --------------------------------------------------------------------------------


def read(*parts):
    return ROOT.joinpath(*parts).read_text("utf-8")


class TestEveryDocument:
    @every_document
    def test_links_lead_somewhere(self, document):
        assert broken_links(document.read_text("utf-8"), document) == []

    @every_document
    def test_paths_in_code_exist(self, document):
        assert missing_paths(document.read_text("utf-8")) == []

    @every_document
    def test_make_targets_exist(self, document):
        assert made(document.read_text("utf-8")) - TARGETS == set()

    @every_document
    def test_commands_of_manage_exist(self, document):
        assert managed(document.read_text("utf-8")) - set(get_commands()) == set()

    @every_document
    def test_settings_exist(self, document):
        assert unknown_settings(document.read_text("utf-8")) == set()

    @every_document
    def test_it_names_nothing_of_one_machine(self, document):
        assert of_this_machine(document.read_text("utf-8")) == []

    @every_document
    def test_it_has_one_title_and_it_stands_first(self, document):
        text = document.read_text("utf-8")
        assert text.startswith("# ")
        assert len(re.findall(r"^# ", prose(text), re.MULTILINE)) == 1


class TestWhole:
    def test_every_target_with_a_help_is_in_the_readme_or_in_contributing(self):
        assert WITH_HELP
        assert WITH_HELP - made(read("README.md")) - made(read("CONTRIBUTING.md")) == set()

    def test_the_index_lists_every_document(self):
        listed = {(DOCS / link).resolve() for link in LINK.findall(read("docs", "index.md"))}
        assert [str(file) for file in DOCUMENTS if file.name != "index.md" and file not in listed] == []

    def test_every_direct_dependency_has_its_line(self):
        project, explained = tomllib.loads(read("pyproject.toml")), read("docs", "dependencies.md")
        runtime = {package(each) for each in project["project"]["dependencies"]}
        workshop = {package(each) for each in project["dependency-groups"]["dev"]}
        assert unexplained(section(explained, "Runtime"), runtime) == set()
        assert unexplained(section(explained, "Workshop"), workshop) == set()

    def test_every_setting_is_in_the_example_and_every_line_of_the_example_is_a_setting(self):
        shown = re.findall(r"^# ([A-Z][A-Z0-9_]*)=", read(".env.example"), re.MULTILINE)
        assert sorted(shown) == sorted(declaration.name for declaration in settings.env.declarations)

    def test_every_constraint_that_concurrency_names_is_in_the_database(self, db):
        named = set(
            re.findall(
                r"`([a-z_]+)`", section(read("docs", "concurrency.md"), "Which constraint carries which invariant")
            )
        )
        with connection.cursor() as sql:
            sql.execute(
                "SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes"
                " UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            )
            there = {name for (name,) in sql.fetchall()}
        assert len(named) > 15
        assert named - there == set()

    def test_the_password_of_the_demo_is_not_printed_here(self):
        from project.demo import PASSWORD

        assert [file.name for file in DOCUMENTS if PASSWORD in file.read_text("utf-8")] == []


class TestDecisions:
    @pytest.mark.parametrize("record", DECISIONS, ids=lambda file: file.stem)
    def test_a_record_is_whole_short_and_listed(self, record):
        assert flaws_of_a_decision(record.name, record.read_text("utf-8"), read("docs", "index.md")) == []

    def test_they_are_numbered_without_gaps(self):
        assert DECISIONS
        assert [int(record.name[:4]) for record in DECISIONS] == list(range(1, len(DECISIONS) + 1))


# --- Each check notices ---------------------------------------------------------------------------


class TestTheseChecksNotice:
    @pytest.mark.parametrize(
        "link",
        ["docs/nothing.md", "../outside.md", "#nowhere", "CONTRIBUTING.md#nowhere", "docs/pictures/nothing.png"],
    )
    def test_a_broken_link(self, link):
        assert broken_links(f"# Here\n\n[words]({link}) ![picture]({link})", ROOT / "README.md") == [link, link]

    @pytest.mark.parametrize(
        "link", ["CONTRIBUTING.md", "#here-it-is", "CONTRIBUTING.md#rooms", "http://localhost:8000"]
    )
    def test_and_lets_a_good_one_pass(self, link):
        assert broken_links(f"# Here, `it` is!\n\n[words]({link})", ROOT / "README.md") == []

    def test_anchors_of_twins_and_not_of_comments_in_code(self):
        assert anchors("# A b\n\n## A b\n\n```sh\n# c\n```\n") == {"a-b", "a-b-1"}

    @pytest.mark.parametrize(
        "text",
        [
            "`project/nothing.py`",
            "`project/nothing/`",
            "`nothing.yaml`",
            "`learning/handbook/content/nothing/*.yaml`",
            "`docs/decisions/<number>.txt/`",
            "`nothing/nothing.py`",
            "`nothing/`",
            "`.nothing.yaml`",
            "`.env.nothing`",
            "`python -m pytest tests/test_nothing.py`",
            "```sh\n.venv/bin/python tests/test_nothing.py  # tests/test_docs.py\n```",
        ],
    )
    def test_a_path_that_is_not_there(self, text):
        assert len(missing_paths(text)) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "`project/settings.py`",
            "`learning/handbook/`",
            "`rules.py`",
            "`tests/test_docs.py::TestDecisions`",
            "`learning/handbook/content/tuls/*.yaml`",
            "`learning/handbook/content/tuls/<slug>.yaml`",
            "`var/pictures`",
            "`text/html` `valkey/valkey:9.1`",
            "`.env.example`",
            "`/health/`",
            "`GET /api/v1/tuls`",
            "project/nothing.py",
            "`name` `a.b` `tul.actions` `-m`",
        ],
    )
    def test_and_lets_pass_what_is_there_or_is_no_path(self, text):
        assert missing_paths(text) == []

    def test_targets_commands_and_settings_that_are_not_there(self):
        text = "`make nothing` `manage.py nothing` `NOTHING_AT_ALL` `PORT_OF_CALL=1 make run` `NOBODYS=1`"
        assert made(text) - TARGETS == {"nothing"}
        assert managed(text) - set(get_commands()) == {"nothing"}
        assert unknown_settings(text) == {"NOTHING_AT_ALL", "PORT_OF_CALL", "NOBODYS"}

    def test_and_lets_pass_those_that_are_there(self):
        text = "`make run` to make sure, `manage.py up`, `PORT=8001 make run`, `EMAIL_URL`, `DATABASE_POOL=true`"
        assert made(text) <= TARGETS
        assert managed(text) <= set(get_commands())
        assert unknown_settings(text) == set()

    @pytest.mark.parametrize(
        "text",
        [
            "see /work/notes.md",
            "in `/root/.cache`",
            "(/home/ada)",
            "/tmp",
            "pip install --index-url x",
            "https://pypi.example.org/simple",
            "registry.example.org",
            "npm.mirror.internal",
        ],
    )
    def test_what_belongs_to_one_machine(self, text):
        assert of_this_machine(text)

    @pytest.mark.parametrize("text", ["`var/mail/`", "`/health/`", "at work/rest", "`project/tests/`", "/dev/mail/"])
    def test_and_lets_pass_what_does_not(self, text):
        assert of_this_machine(text) == []

    def test_a_dependency_without_line_without_reason_twice_or_unknown(self):
        rows = ["`good` | a reason", "`silent` | ", "`twice` | one", "`twice` | two", "`stranger` | none asked"]
        table = "".join(f"| {row} |\n" for row in rows)
        assert unexplained(table, {"good", "silent", "twice", "absent"}) == {"silent", "twice", "absent", "stranger"}

    def test_what_a_record_lacks(self):
        good = "# 0007. A title\n\n## Context\n\n## Decision\n\n## Consequences\n"
        index = "- [0007. A title](decisions/0007-a-title.md)"
        assert flaws_of_a_decision("0007-a-title.md", good, index) == []
        for name, text, listed in (
            ("0007_Title.md", good, index.replace("0007-a-title", "0007_Title")),
            ("0008-a-title.md", good, index.replace("0007-a-title", "0008-a-title")),
            ("0007-a-title.md", good.replace("## Decision\n", ""), index),
            ("0007-a-title.md", good + "\n" * 30, index),
            ("0007-a-title.md", good, ""),
        ):
            assert len(flaws_of_a_decision(name, text, listed)) == 1
