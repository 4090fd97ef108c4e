"""What the console shows. Who may come in is decided at the door (accounts.access); the names of schedules, kinds
and errors are for the staff only."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q, QuerySet

from accounts import queries as accounts
from project.foundation import health
from project.foundation.audit import queries as audit
from project.foundation.audit.models import AuditEvent, AuditSeal
from project.foundation.jobs import keeper, registry
from project.foundation.jobs import queries as jobs
from project.foundation.jobs.changes import JobChanged
from project.foundation.jobs.models import ENDED, OPEN, Cluster, Job, State
from project.foundation.jobs.queries import Filter
from project.foundation.outbound.models import IntegrationError

from . import rules

COUNTED_TO = 1000
HEALTH_EVERY = 10
"""Seconds for which what the checks said is shown again: some of them look at many files."""
SCHEDULER_IS_LATE = 10.0
"""Seconds without a look around after which the scheduler is said to be away."""
RELATIVES = 20
CHECK = "audit.verify"
"""The kind of the job that checks the chain of seals."""


class Deed(StrEnum):
    """What can be done to many jobs at once."""

    CANCEL = "cancel"
    RERUN = "rerun"
    CLEAN_UP = "clean_up"


@dataclass(frozen=True)
class Standing:
    """How a job stands, from its row or from what was pushed about it: what its live pieces on a page show."""

    id: str
    state: str
    attempt: int
    progress: int
    progress_text: str
    started_at: datetime | None
    ended_at: datetime | None
    is_set_aside: bool

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(
            str(job.pk), job.state, job.attempt, job.progress, job.progress_text, job.started_at, job.ended_at,
            job.is_set_aside,
        )  # fmt: skip

    @classmethod
    def told(cls, change: JobChanged) -> Self:
        instants = (change.started_at, change.ended_at)
        started_at, ended_at = (datetime.fromisoformat(at) if at else None for at in instants)
        return cls(
            change.key, change.state, change.attempt, change.progress, change.progress_text, started_at, ended_at,
            change.is_set_aside,
        )  # fmt: skip

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def took(self) -> str:
        """From the start of the last attempt to the end; empty while it runs, or when it never ran."""
        if not self.started_at or not self.ended_at:
            return ""
        return rules.clock((self.ended_at - self.started_at).total_seconds())


def may_act(viewer: Any) -> bool:
    """Whether the buttons are shown; the commands decide."""
    return accounts.Role.OPERATOR in accounts.staff_roles(person=viewer)


def may_export(viewer: Any) -> bool:
    """Whether somebody may take the trail along; None is the system itself."""
    wanted = {accounts.Role.OPERATOR, accounts.Role.ANALYST}
    return viewer is None or bool(wanted & accounts.staff_roles(person=viewer))


def has_business(viewer: Any) -> bool:
    """Whether the way to the console is shown. Asks the database for people of the staff only."""
    wanted = {accounts.Role.OPERATOR, accounts.Role.EDITOR, accounts.Role.ANALYST}
    return bool(wanted & accounts.staff_roles(person=viewer))


def names_of(found: Sequence[Job]) -> dict[Any, str]:
    """Who asked for these jobs, in one query; none for those that nobody asked for."""
    return accounts.names_of(actors=actors) if (actors := {job.asked_by for job in found} - {None}) else {}


def kinds() -> list[str]:
    """Every kind of which there is a job, and those that could be asked for."""
    return sorted({kind for kind, _ in jobs.counts_by_kind()} | set(registry.names()))


def newer_than(first: UUID | None, wanted: Filter) -> int:
    """How many jobs of a filter were asked for after this one, or at all when there is none; counted to COUNTED_TO."""
    found = jobs.jobs(wanted)
    if first and (known := Job.objects.filter(pk=first).values_list("queued_at", "pk").first()):
        at, pk = known
        found = found.filter(Q(queued_at__gt=at) | Q(queued_at=at, pk__gt=pk), queued_at__gte=at)
    return found.order_by()[:COUNTED_TO].count()


def rows_of(ids: Sequence[UUID], *, with_log: bool = False) -> list[Job]:
    """Those of these jobs that are there, without what a list does not show."""
    found = Job.objects.filter(pk__in=ids).defer("error", "result", "arguments")
    return list(found if with_log else found.defer("log"))


def candidates(deed: Deed, wanted: Filter) -> QuerySet[Job]:
    """Those jobs of a filter for which this can be done, the oldest first. What was run again already is left out, so
    that doing it twice does not run everything twice."""
    found = jobs.jobs(wanted).order_by("queued_at", "id")
    match deed:
        case Deed.CANCEL:
            return found.filter(state__in=OPEN)
        case Deed.RERUN:
            return found.filter(state__in=ENDED, reruns=None)
        case Deed.CLEAN_UP:
            return found.filter(is_set_aside=True)


def counted(rows: QuerySet[Job]) -> tuple[int, bool]:
    """How many there are, and whether that is all: nobody counts past COUNTED_TO."""
    found = rows.order_by()[: COUNTED_TO + 1].count()
    return min(found, COUNTED_TO), found <= COUNTED_TO


@dataclass(frozen=True)
class Relatives:
    children: Sequence[Job]
    reruns: Sequence[Job]


def relatives(job: Job) -> Relatives:
    """What a job asked for, and the later runs of the same; the newest RELATIVES of each."""
    asked, again = (rows.order_by("-queued_at", "-id").defer("log", "error") for rows in (job.children, job.reruns))
    return Relatives(list(asked[:RELATIVES]), list(again[:RELATIVES]))


@dataclass(frozen=True)
class Queue:
    """`oldest` is how long the first that is due has been waiting, as rules.clock says it; empty when none is."""

    name: str
    waiting: int
    running: int
    oldest: str
    clusters: Sequence[Cluster]

    @property
    def restarts(self) -> int:
        return sum(each.restarts for each in self.clusters)


@dataclass(frozen=True)
class Board:
    """The numbers of the dashboard: the same for everybody. `set_aside` says too whether it is all of them."""

    states: dict[str, int]
    set_aside: tuple[int, bool]
    queues: Sequence[Queue]
    bars: Sequence[rules.Bar]
    stretches: Sequence[rules.Stretch]

    @property
    def good(self) -> int:
        return sum(each.good for each in self.stretches)

    @property
    def failed(self) -> int:
        return sum(each.failed for each in self.stretches)


def board(*, now: datetime) -> Board:
    """However many jobs there are: five queries, and one for each queue."""
    counts, ages = jobs.counts(), jobs.queue_ages(now=now)
    alive, pace = jobs.clusters(now=now), jobs.pace(now=now)
    queues = [
        Queue(
            name=name,
            waiting=counts.get((name, State.QUEUED), 0),
            running=counts.get((name, State.RUNNING), 0),
            oldest=rules.clock(ages[name]) if name in ages else "",
            clusters=[each for each in alive if each.queue == name],
        )
        for name in settings.JOB_QUEUES
    ]
    states = {state: sum(number for (_, its), number in counts.items() if its == state) for state in State.values}
    return Board(states, jobs.number_of(Filter(set_aside=True)), queues, rules.bars(pace), rules.stretches(pace))


def findings(*, now: datetime) -> list[health.Finding]:
    """What the checks say, asked at most every HEALTH_EVERY seconds in each process."""
    return _findings(int(now.timestamp() // HEALTH_EVERY))


@lru_cache(maxsize=1)
def _findings(moment: int) -> list[health.Finding]:
    return health.findings()


@dataclass(frozen=True)
class Scheduler:
    """`ago` is empty when it was not seen lately, or the cache that knows is away."""

    ago: str
    is_late: bool


def scheduler(*, now: datetime) -> Scheduler:
    """When the scheduler last looked around."""
    try:
        seen = cache.get(keeper.SEEN)
    except Exception:  # whatever the client of the cache raises: the page is there to say so, among the findings
        seen = None
    ago = now.timestamp() - seen if seen else None
    return Scheduler(rules.clock(ago) if ago is not None else "", ago is None or ago > SCHEDULER_IS_LATE)


@dataclass(frozen=True)
class Trail:
    """Which events: each field that is not empty narrows them down. `until` is exclusive."""

    type: str = ""
    actor: UUID | None = None
    object_type: str = ""
    object_id: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


def trail(wanted: Trail) -> QuerySet[AuditEvent]:
    return audit.search(**asdict(wanted))


PERSON = "accounts.user"
"""The type of an object that is a person; its id is their pseudonym."""


def people_of(found: Sequence[AuditEvent], *, chosen: UUID | None = None) -> dict[str, str]:
    """The names of who did these things, of those they were done to, and of who was chosen, by pseudonym."""
    actors = {str(each.actor_id) for each in found if each.actor_id} | ({str(chosen)} if chosen else set())
    actors |= {each.object_id for each in found if each.object_type == PERSON and _is_uuid(each.object_id)}
    return {str(actor): name for actor, name in accounts.names_of(actors=actors).items()}


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


@dataclass(frozen=True)
class Chain:
    """How the trail is sealed, and what the checks said. `waiting` events have no seal yet, counted to
    audit.COUNTED_TO. `asked` is the last check that was asked for, `checked` the last that came to its end."""

    seal: AuditSeal | None
    sealed: int
    waiting: int
    asked: Job | None
    checked: Job | None

    @property
    def is_counted(self) -> bool:
        return self.waiting < audit.COUNTED_TO


def chain() -> Chain:
    """However long the chain is: once a check has counted what is sealed, only what came since is counted."""
    checks = Job.objects.filter(kind=CHECK).order_by("-queued_at", "-id").defer("log", "error")
    checked = checks.filter(state=State.SUCCEEDED).first()
    known: dict[str, Any] = checked.result or {} if checked else {}
    if not known.get("is_good"):
        known = {"number": 0, "sealed": 0}
    sealed = known["sealed"] + audit.sealed(beyond=known["number"])
    waiting, _ = audit.unsealed()
    return Chain(audit.last_seal(), sealed, waiting, checks.first(), checked)


def failed_services() -> list[str]:
    """Every service of which a failure is kept."""
    found = IntegrationError.objects.order_by("service").values_list("service", flat=True)
    return list(found.distinct())
