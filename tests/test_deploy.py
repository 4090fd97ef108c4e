"""The container delivery, as far as it can be checked without an engine.

The image is laid out in a folder: what .dockerignore lets through, and the Dockerfile's own RUN line on top.
"""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from project.foundation.http import middleware
from project.foundation.jobs import keeper
from project.foundation.jobs import queries as jobs
from project.settings import env as settings_env
from tests.programs import database_url, eventually

ROOT = Path(settings.BASE_DIR)
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
LONG_RUNNING = [name for name in OURS if name != "migrate"]

DECLARED = {declaration.name for declaration in settings_env.declarations}
OF_OUR_LIBRARIES = {"Q_CLUSTER_NAME", "DJANGO_SETTINGS_MODULE"}
OF_POSTGRES = {"POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"}
OF_MEILISEARCH = {"MEILI_ENV", "MEILI_MASTER_KEY", "MEILI_NO_ANALYTICS"}
OF_GRAFANA = {"GF_SECURITY_ADMIN_PASSWORD", "GF_ANALYTICS_REPORTING_ENABLED", "GF_ANALYTICS_CHECK_FOR_UPDATES"}
OF_COMPOSE_ALONE = {"POSTGRES_PASSWORD", "DOJANG_IMAGE", "TLS_DIR", "GRAFANA_PASSWORD"}
"""In .env for compose.yaml, not for the settings; docs/deploy.md must name them."""

DOTENV = {
    "DJANGO_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-",
    "DJANGO_ALLOWED_HOSTS": "dojang.example",
    "PUBLIC_URL": "https://dojang.example",
    "POSTGRES_PASSWORD": "of-this-test",
    "EMAIL_URL": "submission://hall:of-this-test@mail.example:587",
    "PORT": "",
}


# --- Reading the files ----------------------------------------------------------------------------


def interpolated(text: str, variables: dict[str, str]) -> str:
    """The part of compose's interpolation that compose.yaml uses, innermost first. Raises KeyError."""

    def value(found: re.Match[str]) -> str:
        name, operator, word = found.groups()
        given = variables.get(name)
        match operator:
            case ":-" if not given:
                return word
            case "-" if given is None:
                return word
            case ":?" if not given:
                raise KeyError(name)
        return variables[name]

    while (changed := re.sub(r"\$\{(\w+)(?:(:-|-|:\?)([^{}]*))?\}", value, text)) != text:
        text = changed
    return text


def environment(service: str, **changes: str) -> dict[str, str]:
    """What compose gives to a process of ours."""
    assert SERVICES[service]["env_file"] == ".env"
    return (
        DOTENV | {name: interpolated(word, DOTENV) for name, word in SERVICES[service]["environment"].items()} | changes
    )


def instructions(stage: int) -> list[tuple[str, str]]:
    """(keyword, rest) of every instruction in one stage of the Dockerfile."""
    text = (ROOT / "deploy/Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    found = [(line.split()[0].upper(), line.split(maxsplit=1)[1]) for line in joined]
    starts = [number for number, (keyword, _) in enumerate(found) if keyword == "FROM"]
    return [found[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)][stage]


def the_only(keyword: str, *, stage: int, having: str = "") -> str:
    (rest,) = [rest for each, rest in instructions(stage) if each == keyword and having in rest]
    return rest


def is_sent_to_the_builder(path: str) -> bool:
    """.dockerignore as Docker reads it: the last pattern that matches the path or a folder above it decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(f"{pattern}(?:/.*)?", path):
            sent = line.startswith("!")
    return sent


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder /app of the image."""
    app = tmp_path_factory.mktemp("image") / "app"
    top = {path.name for path in ROOT.iterdir() if is_sent_to_the_builder(path.name)}

    def unsent(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if not is_sent_to_the_builder(str(Path(folder, name).relative_to(ROOT)))]

    for name in top:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, app / name, ignore=unsent)
        else:
            app.mkdir(exist_ok=True)
            shutil.copy2(ROOT / name, app / name)
    line = the_only("RUN", stage=0, having="collectstatic")
    line = line.replace("/opt/venv/bin/python", shlex.quote(sys.executable)).replace(
        "/tmp/var", str(app.parent / "var")
    )
    done = subprocess.run(["sh", "-ec", line], cwd=app, env=bare(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return app


def bare(**more: str) -> dict[str, str]:
    """Nothing of this test run's environment but where programs are."""
    return {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"} | more


def manage(image: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    variables |= {"VAR_DIR": str(image.parent / "var")}
    argv = [sys.executable, "manage.py", *words]
    return subprocess.run(argv, cwd=image, env=bare(**variables), capture_output=True, text=True, check=False)


@contextmanager
def running(argv: list[str], image: Path, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    argv = [str(Path(sys.executable).with_name(argv[0])), *argv[1:]]
    process = subprocess.Popen(argv, cwd=image, env=bare(**variables), stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def on_the_services_of_this_run(variables: dict[str, str], image: Path) -> dict[str, str]:
    """The test database instead of compose's; asked for together with the mark `django_db`."""
    var = str(image.parent / "var")
    return variables | {"DATABASE_URL": database_url(), "REDIS_URL": os.environ["REDIS_URL"], "VAR_DIR": var}


def succeeds(check: list[str], *, cwd: Path | None = None, **variables: str) -> bool:
    assert check[0] == "python"
    done = subprocess.run(
        [sys.executable, *check[1:]], cwd=cwd, env=bare(**variables), capture_output=True, check=False
    )
    return done.returncode == 0


# --- compose.yaml ---------------------------------------------------------------------------------


@pytest.mark.parametrize("service", OURS)
def test_our_services_are_given_declared_settings_only(service: str) -> None:
    assert set(SERVICES[service]["environment"]) - DECLARED - OF_OUR_LIBRARIES == set()


def test_foreign_services_are_given_their_own_variables_only() -> None:
    foreign = {name: set(each.get("environment", ())) for name, each in SERVICES.items() if name not in OURS}
    assert foreign == {
        "postgres": OF_POSTGRES, "valkey": set(), "nginx": set(), "meilisearch": OF_MEILISEARCH,
        "prometheus": set(), "grafana": OF_GRAFANA,
    }  # fmt: skip


def test_every_variable_that_compose_reads_is_a_setting_or_in_the_guide() -> None:
    read = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    assert read - DECLARED == OF_COMPOSE_ALONE
    guide = (ROOT / "docs/deploy.md").read_text()
    assert {name for name in read if f"`{name}`" not in guide and f"{name}=" not in guide} == set()


@pytest.mark.parametrize("secret", ["DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS", "POSTGRES_PASSWORD"])
def test_compose_does_not_start_without_what_only_the_operator_knows(secret: str) -> None:
    poorer = {name: value for name, value in DOTENV.items() if name != secret}
    words = [word for each in SERVICES.values() for word in each.get("environment", {}).values()]
    with pytest.raises(KeyError, match=secret):
        [interpolated(word, poorer) for word in words]


def test_secrets_come_from_the_environment() -> None:
    secret = re.compile("SECRET|PASSWORD|_KEY|_URL")
    words = {
        (name, word)
        for each in SERVICES.values()
        for name, word in each.get("environment", {}).items()
        if secret.search(name)
    }
    ours = {"DJANGO_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "POSTGRES_PASSWORD", "MEILI_MASTER_KEY"}
    assert {name for name, _ in words} == ours | {"GF_SECURITY_ADMIN_PASSWORD"}
    assert COMPOSE["secrets"] == {"metrics_token": {"environment": "METRICS_TOKEN"}}
    assert [name for name, word in words if not word.startswith("${")] == []
    assert "${POSTGRES_PASSWORD:?" in dict(words)["DATABASE_URL"]


def test_every_queue_has_its_workers() -> None:
    queues = [each["environment"].get("Q_CLUSTER_NAME") for name, each in SERVICES.items() if name in LONG_RUNNING]
    assert sorted(filter(None, queues)) == sorted(settings.JOB_QUEUES)


def test_only_the_web_pools_connections() -> None:
    """A pool does not survive the forks of the workers."""
    pools = {name: environment(name)["DATABASE_POOL"] for name in OURS}
    assert pools == dict.fromkeys(OURS, "false") | {"web": "true"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_asked_for_its_health_or_says_why_not(name: str) -> None:
    service = SERVICES[name]
    if service.get("healthcheck", {}).get("disable"):
        assert len(service["labels"]["dojang.no-healthcheck"]) > 20
    elif "healthcheck" not in service:
        assert "build" in service, "has no image of ours to take the check from"
        assert "command" not in service, "the image asks the web server, and this is none"
    else:
        assert service["healthcheck"]["test"]


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_nothing_of_ours_starts_before_the_migrations_are_done(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert "migrate" not in str(SERVICES[name].get("command"))


@pytest.mark.parametrize("name", SERVICES)
def test_services_come_back_after_a_restart_of_the_machine(name: str) -> None:
    assert SERVICES[name]["restart"] == ("no" if name == "migrate" else "unless-stopped")


def test_only_nginx_is_open_to_the_network() -> None:
    published = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    assert published.pop("nginx") == ["80:80", "443:443"]
    assert SERVICES["nginx"]["profiles"] == ["production"]
    assert published.pop("grafana") == ["127.0.0.1:3000:3000"]
    (port,) = published.pop("web")
    assert interpolated(port, {}) == "127.0.0.1:8000:8000"
    assert interpolated(port, DOTENV) == "127.0.0.1::8000"  # a free port for each of N
    assert published == {}


# --- The image ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".venv/bin/python",
        "var/secret_key",
        "staticfiles/staticfiles.json",
        "accounts/tests/factories.py",
        "accounts/__pycache__/models.pyc",
        "compose.yaml",
        "dump.sql",
    ],
)
def test_the_builder_is_not_sent(path: str) -> None:
    assert not is_sent_to_the_builder(path)


def test_what_is_copied_exists_and_is_sent() -> None:
    copied = [rest.split()[:-1] for keyword, rest in instructions(0) if keyword in {"COPY", "ADD"}]
    sources = [source for words in copied for source in words if not source.startswith("--")]
    assert sources == ["requirements.lock", "."]
    assert [each for each in sources if not (ROOT / each).exists()] == []
    assert is_sent_to_the_builder("requirements.lock")


def test_the_last_stage_copies_from_the_stage_before_only() -> None:
    copied = [rest for keyword, rest in instructions(1) if keyword in {"COPY", "ADD"}]
    assert copied == ["--from=build /opt/venv /opt/venv", "--from=build /app /app"]
    assert the_only("FROM", stage=0).endswith(" AS build")


def test_the_image_does_not_run_as_root() -> None:
    steps = instructions(-1)
    users = [number for number, (keyword, _) in enumerate(steps) if keyword == "USER"]
    user, _, group = steps[users[-1]][1].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert {keyword for keyword, _ in steps[users[-1] + 1 :]} <= {"EXPOSE", "HEALTHCHECK", "CMD"}


def test_the_image_keeps_nothing_of_the_build_environment() -> None:
    words = [rest for stage in (0, 1) for keyword, rest in instructions(stage) if keyword in {"ENV", "ARG"}]
    names = set(re.findall(r"(\w+)=", " ".join(words)))
    assert names & DECLARED == {"APP_ENV", "VAR_DIR"}
    assert not re.search("SECRET|PASSWORD|URL|HOSTS", " ".join(words))


def test_the_image_has_all_content_templates_and_translations(image: Path) -> None:
    for kind in ("learning/**/content/**/*.yaml", "templates/**/*.html", "locale/**/*.po"):
        wanted = {str(file.relative_to(ROOT)) for file in ROOT.glob(kind)}
        assert wanted
        assert {name for name in wanted if not (image / name).is_file()} == set()
    assert all(file.with_suffix(".mo").is_file() for file in image.glob("locale/**/*.po"))


@pytest.mark.parametrize("service", ["web", "worker-default"])
def test_nothing_is_wrong_with_the_production_settings(image: Path, service: str) -> None:
    done = manage(image, "check", "--deploy", "--fail-level=WARNING", **environment(service))
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_check_sees_an_address_without_tls(image: Path) -> None:
    done = manage(
        image, "check", "--deploy", "--fail-level=WARNING", **environment("web", PUBLIC_URL="http://dojang.example")
    )
    assert done.returncode != 0
    assert "security.W008" in done.stderr


@pytest.mark.parametrize("name", ["DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS"])
def test_the_image_does_not_start_without(image: Path, name: str) -> None:
    done = manage(image, "check", **environment("web", **{name: ""}))
    assert done.returncode != 0
    assert done.stderr.startswith(f"{name}: is not set.")


# --- Collected files ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def names(image: Path) -> dict[str, str]:
    """As written → as collected."""
    return json.loads((image / "staticfiles/staticfiles.json").read_text())["paths"]


def ours(suffix: str) -> list[str]:
    return [str(path.relative_to(ROOT / "static")) for path in (ROOT / "static").rglob(f"*{suffix}")]


def test_every_file_of_ours_is_collected_under_a_name_of_its_content(names: dict[str, str], image: Path) -> None:
    written = ours("")
    files = [name for name in written if (ROOT / "static" / name).is_file()]
    assert len(files) > 20
    for name in files:
        stem, _, suffix = name.rpartition(".")
        assert re.fullmatch(rf"{re.escape(stem)}\.[0-9a-f]{{12}}\.{suffix}", names[name])
        assert (image / "staticfiles" / names[name]).is_file()


def test_imports_between_modules_name_the_collected_files(names: dict[str, str], image: Path) -> None:
    seen = 0
    for name in ours(".js"):
        source, collected = (ROOT / "static" / name).read_text(), (image / "staticfiles" / names[name]).read_text()
        imports = re.compile(r"""^\s*(?:import|export)\b[^;"']*["'](\.[^"']+)["']""", re.MULTILINE)
        written, rewritten = imports.findall(source), imports.findall(collected)
        folder = Path(name).parent
        wanted = [os.path.relpath(names[os.path.normpath(folder / each)], folder) for each in written]
        assert [os.path.normpath(each) for each in rewritten] == wanted
        seen += len(written)
    assert seen >= 10


def test_addresses_in_styles_name_the_collected_files(names: dict[str, str], image: Path) -> None:
    collected = set(names.values())
    seen = 0
    for name in (each for each in names if each.endswith(".css")):
        text = re.sub(r"/\*.*?\*/", "", (image / "staticfiles" / names[name]).read_text(), flags=re.DOTALL)
        found = re.findall(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""", text)
        for address in (first or second for first, second in found):
            if not address.startswith(("data:", "#", "http:", "https:")):
                assert os.path.normpath(Path(name).parent / urlsplit(address).path) in collected
                seen += 1
    assert seen >= 10  # those of Django's admin, at least


def test_styles_and_scripts_are_compressed_once_at_build(names: dict[str, str], image: Path) -> None:
    for name in [*ours(".css"), *ours(".js")]:
        plain = image / "staticfiles" / names[name]
        if plain.stat().st_size > 1000:
            assert plain.with_name(f"{plain.name}.gz").is_file()


# --- It opens -------------------------------------------------------------------------------------


def ask(port: int, path: str, **headers: str) -> tuple[int, HTTPMessage, bytes]:
    """As a proxy would ask after TLS, unless `headers` say otherwise."""
    sent = {"Host": "dojang.example", "X-Forwarded-Proto": "https"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as http:
        http.request("GET", path, headers=sent)
        answer = http.getresponse()
        return answer.status, answer.headers, answer.read()


def health_of_the_image(port: int) -> list[str]:
    command = the_only("HEALTHCHECK", stage=-1).partition(" CMD ")[2]
    assert "127.0.0.1:8000/" in command
    return json.loads(command.replace("127.0.0.1:8000/", f"127.0.0.1:{port}/"))


@pytest.mark.django_db
def test_the_web_server_opens_and_is_healthy(image: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = json.loads(the_only("CMD", stage=-1))
    assert argv[argv.index("--port") + 1] == "8000"
    argv[argv.index("--port") + 1], argv[argv.index("--bind") + 1] = str(port), "127.0.0.1"
    check = health_of_the_image(port)
    hosts = {"DJANGO_ALLOWED_HOSTS": DOTENV["DJANGO_ALLOWED_HOSTS"]}
    assert not succeeds(check, **hosts)

    with running(argv, image, on_the_services_of_this_run(environment("web"), image)) as web:
        eventually(lambda: succeeds(check, **hosts), within=60, what="healthy")
        status, _, page = ask(port, "/")
        assert status == 200
        for address in re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page.decode()):
            status, headers, _ = ask(port, address, Accept_Encoding="gzip")
            assert (status, headers["Content-Encoding"]) == (200, "gzip"), address
            assert "immutable" in headers["Cache-Control"], address
        assert page.count(b"/static/css/") >= 5
        assert ask(port, "/", X_Forwarded_Proto="http")[0] == 301
        assert ask(port, "/", Host="other.example")[0] == 400
        web.send_signal(signal.SIGTERM)
        web.wait(timeout=60)


class _Strict(BaseHTTPRequestHandler):
    """Healthy under one name only, as Django is."""

    def do_GET(self) -> None:
        self.send_response(200 if (self.path, self.headers["Host"]) == ("/health/", "dojang.example") else 400)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("hosts", "is_healthy"),
    [("dojang.example", True), (" .dojang.example,other.example", True), ("other.example,dojang.example", False)],
)
def test_health_is_asked_by_the_first_name_of_the_site(hosts: str, is_healthy: bool) -> None:
    server = HTTPServer(("127.0.0.1", 0), _Strict)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert succeeds(health_of_the_image(server.server_port), DJANGO_ALLOWED_HOSTS=hosts) is is_healthy
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_healthy_while_it_runs_and_stops_when_asked(image: Path) -> None:
    service = SERVICES["worker-media"]
    variables = on_the_services_of_this_run(environment("worker-media"), image)
    check = service["healthcheck"]["test"][1:]
    assert not succeeds(check, cwd=image, **variables)

    with running(service["command"], image, variables) as worker:
        eventually(a_cluster_says_that_it_lives, within=60, what="a sign of life")
        assert succeeds(check, cwd=image, **variables)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0
    eventually(lambda: not a_cluster_says_that_it_lives(), what="silence")
    assert not succeeds(check, cwd=image, **variables)


def a_cluster_says_that_it_lives() -> bool:
    return bool(jobs.clusters(now=timezone.now()))


@pytest.mark.django_db(transaction=True)
def test_a_scheduler_is_healthy_while_it_looks_around_and_stops_when_asked(image: Path) -> None:
    service = SERVICES["scheduler"]
    variables = on_the_services_of_this_run(environment("scheduler"), image)
    check = service["healthcheck"]["test"][1:]
    assert not succeeds(check, cwd=image, **variables)

    with running(service["command"], image, variables) as scheduler:
        eventually(keeper.last_look, within=60, what="a look around")
        assert succeeds(check, cwd=image, **variables)
        scheduler.send_signal(signal.SIGTERM)
        assert scheduler.wait(timeout=60) == 0


# --- nginx.conf -----------------------------------------------------------------------------------

Directive = tuple[list[str], list["Directive"]]


def parse_nginx() -> list[Directive]:
    text = re.sub(r"(?m)(^|\s)#.*$", "", (ROOT / "deploy/nginx.conf").read_text())
    tokens = iter(re.findall(r"""'[^']*'|"[^"]*"|[{};]|[^\s{};"']+""", text))

    def block() -> list[Directive]:
        found: list[Directive] = []
        words: list[str] = []
        for token in tokens:
            if token == "}":
                return found
            if token in {";", "{"}:
                found.append((words, block() if token == "{" else []))
                words = []
            else:
                words.append(token[1:-1] if token[0] in "'\"" else token)
        return found

    return block()


NGINX = parse_nginx()


def nginx(*start: str, inside: list[Directive] | None = None) -> list[Directive]:
    """All directives that start with these words, at any depth."""
    found: list[Directive] = []
    for words, children in NGINX if inside is None else inside:
        if words[: len(start)] == list(start):
            found.append((words, children))
        found += nginx(*start, inside=children) if children else []
    return found


def nginx_map(variable: str) -> dict[str, str]:
    ((_, lines),) = [each for each in nginx("map") if each[0][2] == variable]
    return {words[0]: words[1] for words, _ in lines}


def python_pattern(pattern: str) -> str:
    return pattern.removeprefix("~").replace("(?<", "(?P<")


def test_nginx_asks_the_web_service_where_it_listens() -> None:
    ((words, _),) = nginx("server", "web:8000")
    assert "resolve" in words
    assert "web" in SERVICES
    argv = json.loads(the_only("CMD", stage=-1))
    assert argv[argv.index("--port") + 1] == "8000"
    assert {words[1] for words, _ in nginx("proxy_pass")} == {"http://web"}


def test_nginx_logs_no_query_no_address_and_no_key() -> None:
    ((words, _),) = nginx("log_format", "json")
    used = set(re.findall(r"\$(\w+)", " ".join(words)))
    assert {"path_to_log", "id_of_request", "status"} <= used
    tell_too_much = {"request", "request_uri", "uri", "args", "query_string", "http_referer", "remote_addr", "path"}
    assert used & (tell_too_much | {"http_user_agent", "http_cookie", "document_uri"}) == set()
    assert {tuple(words[1:]) for words, _ in nginx("access_log")} == {("/dev/stdout", "json"), ("off",)}
    ((words, _),) = nginx("error_log")
    assert words[2] == "crit"


def test_nginx_logs_json() -> None:
    ((words, _),) = nginx("log_format", "json")
    assert words[2] == "escape=json"
    line = "".join(words[3:])
    logged = json.loads(re.sub(r"\$\w+", "1", line))
    assert {"timestamp", "level", "logger", "event", "request_id", "method", "path", "status"} <= logged.keys()


def test_nginx_cuts_the_query_off() -> None:
    (pattern,) = nginx_map("$path")
    found = re.match(python_pattern(pattern), "/search/?q=what+somebody+typed")
    assert found is not None
    assert found["before_query"] == "/search/"


@pytest.mark.parametrize(
    "address",
    [
        ("account_reset_password_from_key", {"uidb36": "5", "key": "abc-0123"}),
        ("account_confirm_email", {"key": "abc:0123"}),
    ],
)
def test_nginx_does_not_log_the_keys_of_letters(address: tuple[str, dict[str, str]]) -> None:
    pattern = next(iter(nginx_map("$path_to_log")))
    found = re.match(python_pattern(pattern), reverse(address[0], kwargs=address[1]))
    assert found is not None
    assert not any(value in found["letter"] for value in ("abc", "0123"))


def test_nginx_keeps_the_same_request_ids_as_the_application() -> None:
    (pattern, kept), (default, made) = nginx_map("$id_of_request").items()
    assert pattern == f"~^{middleware._GOOD_REQUEST_ID.pattern}$"
    assert (kept, default, made) == ("$http_x_request_id", "default", "$request_id")


def test_the_request_id_goes_out_once() -> None:
    assert [words for words, _ in nginx("proxy_hide_header")] == [["proxy_hide_header", "X-Request-ID"]]
    for words, children in nginx("server"):
        if children and not nginx("access_log", inside=children):
            assert [words for words, _ in nginx("add_header", inside=children)] == [
                ["add_header", "X-Request-ID", "$id_of_request", "always"]
            ]


def test_what_the_application_believes_is_set_wherever_any_header_is() -> None:
    """nginx forgets the inherited ones where a block sets one of its own."""
    wanted = {
        "Host": "$host",
        "X-Request-ID": "$id_of_request",
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Forwarded-Port": "",
    }

    def levels(block: list[Directive]) -> Iterator[dict[str, str]]:
        yield {words[1]: words[2] for words, _ in block if words[0] == "proxy_set_header"}
        for _, children in block:
            yield from levels(children)

    found = [level for level in levels(NGINX) if level]
    assert len(found) == 2
    assert [wanted.items() - level.items() for level in found] == [set(), set()]
    assert {"Upgrade": "$http_upgrade", "Connection": "upgrade"}.items() <= found[1].items()


def test_nginx_takes_as_much_as_django() -> None:
    (usual, _), (of_files, _) = nginx("client_max_body_size")
    assert int(usual[1].removesuffix("k")) * 1024 == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert int(of_files[1].removesuffix("m")) > 20, "a collection from Anki may have 20 MB"


def test_nginx_is_asked_for_its_health_where_it_answers() -> None:
    (address,) = [word for word in SERVICES["nginx"]["healthcheck"]["test"] if word.startswith("http:")]
    ((_, server),) = [each for each in nginx("server") if nginx("listen", urlsplit(address).netloc, inside=each[1])]
    assert nginx("location", "=", urlsplit(address).path, inside=server)
