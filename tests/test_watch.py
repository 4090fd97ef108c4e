"""The dashboard, the alerts and what Prometheus collects fit together and fit the hall."""

import json
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from project.foundation import metrics
from project.foundation.http import metering
from project.foundation.jobs.tests.factories import JobFactory

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
DASHBOARD = json.loads((DEPLOY / "grafana/dashboard.json").read_text())
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
COLLECTED = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]] + [rule["expr"] for rule in RULES]

TOKEN = re.compile(
    r"""
    \s* (?: (?P<number>\d+(?:\.\d+)?) (?![\w.])
          | (?P<text>"[^"\\]*")
          | \[ (?P<range>\d+[smhd]|\$__rate_interval) \]
          | (?P<word>[a-zA-Z_:][\w:]*)
          | (?P<sign>=~|!~|!=|==|<=|>=|[-+*/<>=(){},]) )
    """,
    re.VERBOSE,
)
AGGREGATIONS = {"sum", "max", "count", "topk"}
FUNCTIONS = {"rate": 1, "histogram_quantile": 2, "absent": 1, "time": 0, "vector": 1}
"""Those of PromQL that are used, with how many arguments they take."""


class Promql:
    """As much of the grammar of PromQL as is used here. Raises AssertionError where a text is not of it."""

    def __init__(self, text):
        self.names, self.labels, self._tokens, at = set(), set(), [], 0
        text = text.strip()
        while at < len(text):
            found = TOKEN.match(text, at)
            assert found, f"at {text[at:]!r}"
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self._expression()
        assert not self._tokens, f"left over: {self._tokens}"

    def _next(self):
        return self._tokens[0][1] if self._tokens else ""

    def _take(self, *wanted, kind=""):
        assert self._tokens, "it breaks off"
        its, value = self._tokens.pop(0)
        assert not wanted or value in wanted, f"{value!r} instead of {wanted}"
        assert not kind or its == kind, f"{value!r} is no {kind}"
        return value

    def _expression(self):
        self._operand()
        while self._next() in {"+", "-", "*", "/", "==", "!=", "<", ">", "<=", ">=", "or", "and", "unless"}:
            self._take()
            self._operand()

    def _operand(self):
        if self._next() == "(":
            self._take("(")
            self._expression()
            self._take(")")
        elif self._tokens and self._tokens[0][0] == "number":
            self._take()
        else:
            self._named(self._take(kind="word"))

    def _named(self, word):
        if word in AGGREGATIONS:
            if self._next() == "by":
                self._take("by")
                self.labels |= set(self._list(lambda: self._take(kind="word"), "(", ")"))
            assert len(self._list(self._expression, "(", ")")) == (2 if word == "topk" else 1), word
        elif self._next() == "(":
            assert len(self._list(self._expression, "(", ")")) == FUNCTIONS[word], word
        else:
            self.names.add(word)
            if self._next() == "{":
                self.labels |= set(self._list(self._matcher, "{", "}"))
            if self._tokens and self._tokens[0][0] == "range":
                self._take()

    def _matcher(self):
        label = self._take(kind="word")
        self._take("=", "!=", "=~", "!~")
        self._take(kind="text")
        return label

    def _list(self, each, begin, end):
        self._take(begin)
        found = []
        while self._next() != end:
            found.append(each())
            if self._next() != end:
                self._take(",")
        self._take(end)
        return found


@pytest.fixture
def told(db):
    """name → labels, of all that a process tells after a request and a job."""
    JobFactory()
    metering.REQUESTS.labels("GET", "/", "2xx").inc()
    metering.SECONDS.labels("/").observe(0.1)
    metering.QUERIES.labels("/").inc()
    metering.QUERY_SECONDS.labels("/").inc()
    text = metrics.rendered().decode()
    names = dict.fromkeys(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE), frozenset())
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            names[each.name] = frozenset(each.labels)
    return {name: labels for name, labels in names.items() if not name.endswith("_created")}


class TestExpressions:
    @pytest.mark.parametrize("text", EXPRESSIONS)
    def test_it_can_be_read(self, text):
        assert Promql(text).names

    @pytest.mark.parametrize(
        "wrong",
        [
            "sum(", "sum(a))", "rate(a[5m)", "rate(a[5])", "a{b=c}", "a b", "> 3", "sum by queue (a)",
            "histogram_quantile(a)", "rate a",
        ],
    )  # fmt: skip
    def test_this_check_notices(self, wrong):
        with pytest.raises((AssertionError, KeyError)):
            Promql(wrong)

    def test_what_they_name_is_told_by_the_hall_and_what_it_tells_is_looked_at(self, told):
        named = {name for text in EXPRESSIONS for name in Promql(text).names} - {"up"}
        assert named - set(told) == set()
        families = {re.sub(r"_(total|bucket|count|sum|created)$", "", name) for name in told}
        assert families - {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in named} == set()
        assert all(name.startswith("dojang_") for name in told)

    def test_labels_that_they_name_are_there(self, told):
        known = {"job", "le", "service", "outcome"}  # of Prometheus, and of what nothing is told of yet
        for text in EXPRESSIONS:
            read = Promql(text)
            assert read.labels <= known.union(*(told.get(name, ()) for name in read.names)), text


class TestDashboard:
    def test_its_panels_lie_beside_and_below_each_other_and_say_what_they_show(self):
        taken = set()
        for panel in DASHBOARD["panels"]:
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not cells & taken, panel["title"]
            assert place["x"] + place["w"] <= 24
            taken |= cells
        assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
        assert len({panel["title"] for panel in PANELS}) == len(PANELS) > 12
        assert all(panel["fieldConfig"]["defaults"]["unit"] for panel in PANELS)

    def test_its_source_is_chosen_where_it_is_opened(self):
        (variable,) = DASHBOARD["templating"]["list"]
        assert (variable["name"], variable["type"], variable["query"]) == ("datasource", "datasource", "prometheus")
        sources = {target["datasource"]["uid"] for panel in PANELS for target in panel["targets"]}
        assert sources | {panel["datasource"]["uid"] for panel in PANELS} == {"${datasource}"}


class TestAlerts:
    def test_each_says_how_bad_it_is_how_long_it_lasts_and_what_to_look_at(self):
        assert len({rule["alert"] for rule in RULES}) == len(RULES)
        for rule in RULES:
            assert rule["labels"]["severity"] in {"critical", "warning"}
            assert re.fullmatch(r"\d+m", rule["for"])
            assert rule["annotations"]["summary"].endswith(".")

    def test_what_must_not_be_overlooked_has_one(self):
        assert {"JobsWait", "NoWorker", "SchedulerSilent", "ErrorsAnswered", "AuditNotSealed"} <= {
            rule["alert"] for rule in RULES
        }


class TestCollecting:
    def test_every_web_container_is_asked_where_it_listens(self):
        (job,) = COLLECTED["scrape_configs"]
        (found,) = job["dns_sd_configs"]
        assert (found["names"], found["port"]) == (["web"], 8000)
        assert job["metrics_path"] == metering.PATH
        assert set(SERVICES["prometheus"]["networks"]) & set(SERVICES["web"]["networks"])

    def test_the_token_is_where_compose_puts_it(self):
        (job,) = COLLECTED["scrape_configs"]
        assert SERVICES["prometheus"]["secrets"] == [Path(job["authorization"]["credentials_file"]).name]

    @pytest.mark.parametrize("name", ["prometheus", "grafana"])
    def test_what_is_mounted_exists_and_images_are_pinned(self, name):
        service = SERVICES[name]
        files = [word.split(":")[0] for word in service["volumes"] if word.startswith("./")]
        assert files
        assert [file for file in files if not (ROOT / file).is_file()] == []
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"])
        assert service["profiles"] == ["watch"]

    def test_prometheus_reads_the_alerts_and_grafana_asks_prometheus(self):
        targets = [word.split(":")[1] for word in SERVICES["prometheus"]["volumes"]]
        assert set(COLLECTED["rule_files"]) <= set(targets)
        (source,) = yaml.safe_load((DEPLOY / "grafana/datasources.yml").read_text())["datasources"]
        assert source["url"] == "http://prometheus:9090"
        assert set(SERVICES["grafana"]["networks"]) & set(SERVICES["prometheus"]["networks"])
        (provider,) = yaml.safe_load((DEPLOY / "grafana/dashboards.yml").read_text())["providers"]
        mounted = [word.split(":")[1] for word in SERVICES["grafana"]["volumes"]]
        assert any(Path(target).parent == Path(provider["options"]["path"]) for target in mounted)
