"""Progress and statistics for the app, and for pages that tell what was done offline."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from learning.handbook.tests.factories import small_handbook
from learning.practice.models import Progress, Status

from .factories import CardFactory, ReviewFactory
from .progress_factories import ProgressFactory, practised

pytestmark = pytest.mark.django_db
URL = "/api/v1/progress"


@pytest.fixture
def handbook():
    small_handbook(now=timezone.now() - timedelta(days=1))


@pytest.fixture
def tell(app, ben):
    client = app(ben)

    def tell(*updates, client=client):
        return client.post(URL, {"updates": list(updates)}, content_type="application/json")

    return tell


def update(**fields):
    told = {
        "client_id": str(uuid4()), "item_type": "technique", "item": "ap-cha-busigi", "status": "seen", "score": 10,
        "occurred_at": timezone.now().isoformat(),
    }  # fmt: skip
    return told | fields


class TestTelling:
    def test_each_update_is_answered_with_the_merged_row(self, handbook, tell, ben):
        first, wrong = update(score=70, detail={"second": 12}), update(item="nothing")
        again = update(status="done", score=20)
        answer = tell(first, wrong, again)
        assert answer.status_code == 200
        one, two, three = answer.json()["updates"]
        assert [one["client_id"], two["client_id"]] == [first["client_id"], wrong["client_id"]]
        assert (one["result"], one["reason"]) == ("applied", "")
        assert (two["result"], two["reason"], two["progress"]) == ("rejected", "no_such_item", None)
        assert one["progress"] == three["progress"]
        assert (one["progress"]["status"], one["progress"]["score"], one["progress"]["streak"]) == ("done", 70, 1)
        row = Progress.objects.get()
        assert (row.person, row.status, row.score) == (ben, Status.DONE, 70)

    def test_told_again_it_gives_the_same(self, handbook, tell):
        told = update(score=70)
        first, second = tell(told).json(), tell(told).json()
        assert first == second

    def test_a_client_id_is_not_needed(self, handbook, tell):
        told = update()
        del told["client_id"]
        assert tell(told).json()["updates"][0]["client_id"] is None

    def test_a_detail_that_cannot_be_kept_is_rejected_alone(self, handbook, tell):
        wrong, right = tell(update(detail={"x": "y" * 2000}), update(item_type="quiz", item="mixed")).json()["updates"]
        assert (wrong["result"], wrong["reason"]) == ("rejected", "detail_refused")
        assert right["result"] == "applied"

    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"item": "a\x00"}, "no_such_item"), ({"item_type": "quiz", "item": "mixed\x00"}, "no_such_item"),
            ({"detail": {"a": 10**400}}, "detail_refused"), ({"detail": {"a\x00": 1}}, "detail_refused"),
            ({"detail": {"a": float("nan")}}, "detail_refused"), ({"detail": {"a": "\ud800"}}, "detail_refused"),
        ],
    )  # fmt: skip
    def test_what_no_database_could_keep_is_rejected_alone(self, handbook, tell, wrong, reason):
        refused, taken = tell(update(**wrong), update()).json()["updates"]
        assert (refused["result"], refused["reason"]) == ("rejected", reason)
        assert taken["result"] == "applied"
        (alone,) = tell(update(**wrong)).json()["updates"]
        assert alone["reason"] == reason

    @pytest.mark.parametrize("offset", ["+23:59", "-23:59"])
    def test_every_zone_that_can_be_said_is_understood(self, handbook, tell, offset):
        (told,) = tell(update(occurred_at=f"2026-01-02T00:00:00{offset}")).json()["updates"]
        assert told["result"] == "applied"
        assert Progress.objects.get().occurred_at == datetime.fromisoformat(f"2026-01-02T00:00:00{offset}")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"status": "finished"}, {"score": 101}, {"score": -1}, {"item_type": "dance"}, {"item": "x" * 121},
            {"occurred_at": "2026-11-21T09:00:00"}, {"occurred_at": "yesterday"}, {"client_id": "x"}, {"detail": []},
            {"item": "\ud800"},
        ],
    )  # fmt: skip
    def test_what_cannot_be_understood_is_refused_whole(self, handbook, tell, wrong):
        assert tell(update(), update(**wrong)).status_code == 422
        assert not Progress.objects.exists()

    def test_a_hundred_at_most(self, handbook, tell):
        assert tell(*[update()] * 100).status_code == 200
        assert tell(*[update()] * 101).status_code == 422

    def test_strangers_are_asked_to_sign_in(self, handbook, tell):
        assert tell(update(), client=Client()).status_code == 401

    def test_a_page_needs_its_token(self, handbook, tell, ben):
        page = Client(enforce_csrf_checks=True)
        page.force_login(ben)
        assert tell(update(), client=page).status_code == 403
        page.get("/")
        token = {"X-CSRFToken": page.cookies["csrftoken"].value}
        sent = page.post(URL, {"updates": [update()]}, content_type="application/json", headers=token)
        assert sent.status_code == 200

    def test_sixty_times_a_minute(self, handbook, tell, settings):
        settings.THROTTLES = settings.THROTTLES | {"progress": 2}
        assert [tell(update()).status_code for _ in range(3)] == [200, 200, 429]


class TestTheList:
    @pytest.fixture
    def ask(self, app, ben):
        client = app(ben)

        def ask(**asked):
            return client.get(URL, asked)

        return ask

    def test_only_ones_own(self, ask, ben, cleo):
        mine = ProgressFactory(person=ben, status=Status.DONE, score=5)
        ProgressFactory(person=cleo)
        (found,) = ask().json()["items"]
        assert (found["item_type"], found["item"], found["status"]) == ("technique", mine.item, "done")

    def test_by_type_and_since_when(self, ask, ben):
        since = datetime(2026, 11, 10, tzinfo=UTC)
        ProgressFactory(person=ben, item_type="tul", item="chon-ji", updated_at=since)
        ProgressFactory(person=ben, item_type="technique", item="old", updated_at=since - timedelta(seconds=1))
        assert [each["item"] for each in ask(item_type="tul").json()["items"]] == ["chon-ji"]
        assert [each["item"] for each in ask(updated_since=since.isoformat()).json()["items"]] == ["chon-ji"]
        assert len(ask().json()["items"]) == 2

    @pytest.mark.parametrize(
        ("since", "status"),
        [
            ("2026-01-02T00:00:00+23:59", 200), ("2026-01-02T00:00:00-23:59", 200), ("0001-01-01T00:00:00Z", 200),
            ("0001-01-01T00:00:00+14:00", 422), ("9999-12-31T23:59:59-14:00", 422), ("2026-01-02T00:00:00", 422),
        ],
    )  # fmt: skip
    def test_since_an_instant_that_there_is(self, ask, since, status):
        assert ask(updated_since=since).status_code == status

    @pytest.mark.parametrize("ordering", ["item", "updated_at", "-updated_at"])
    def test_pages_give_everything_once(self, ask, ben, ordering):
        for number in range(7):
            when = datetime(2026, 11, 1 + number % 3, tzinfo=UTC)  # some at the same instant
            ProgressFactory(person=ben, item=f"t-{number}", updated_at=when)
        seen, cursor = [], ""
        while cursor is not None:
            answer = ask(ordering=ordering, limit=2, cursor=cursor).json()
            seen += [(each["updated_at"], each["item"]) for each in answer["items"]]
            cursor = answer["next"]
        assert len(seen) == len(set(seen)) == 7
        if ordering == "item":
            assert [item for _, item in seen] == sorted(item for _, item in seen)
        else:
            times = [at for at, _ in seen]
            assert times == sorted(times, reverse=ordering.startswith("-"))

    def test_the_streak_of_an_item_counts_its_own_days(self, ask, ben):
        today = timezone.localdate() - timedelta(days=1)
        ProgressFactory(person=ben, item="a")
        ProgressFactory(person=ben, item="b")
        practised(ben, last=today, days=3, item=("technique", "a"))
        practised(ben, last=today, days=9)
        assert [each["streak"] for each in ask().json()["items"]] == [3, 0]

    @pytest.mark.parametrize(
        "wrong", [{"ordering": "score"}, {"item_type": "dance"}, {"limit": 0}, {"limit": 201}, {"cursor": "x"},
                  {"updated_since": "2026-11-21T09:00:00"}, {"colour": "red"}],
    )  # fmt: skip
    def test_what_cannot_be_asked_is_refused(self, ask, wrong):
        assert ask(**wrong).status_code == 422

    @pytest.mark.parametrize("number", [1, 40])
    def test_many_cost_as_many_queries_as_few(self, ask, ben, django_assert_num_queries, number):
        today = timezone.localdate()
        for each in range(number):
            ProgressFactory(person=ben, item=f"t-{each}")
            practised(ben, last=today, days=3, item=("technique", f"t-{each}"))
        with django_assert_num_queries(3):  # who asks, the rows, their days
            assert len(ask().json()["items"]) == number


class TestStats:
    def test_somebody_who_has_not_begun(self, app, ben):
        found = app(ben).get("/api/v1/stats").json()
        assert found["streak"] == {"current": 0, "longest": 0, "practised_today": False}
        assert found["totals"] == {"cards": 0, "new": 0, "learning": 0, "known": 0, "reviews": 0, "seconds": 0}
        assert found["retention"] == []
        assert [each["reviews"] for each in found["reviews"]] == [0] * 30
        assert found["ahead"] == [0] * 30

    def test_what_the_log_says(self, app, ben, cleo):
        card = CardFactory(person=ben)
        CardFactory(person=cleo)
        today = timezone.now()
        for back, rating in ((40, 3), (10, 3), (1, 1)):
            at = today - timedelta(days=back)
            ReviewFactory(card=card, rating=rating, reviewed_at=at, duration=1500)
        found = app(ben).get("/api/v1/stats").json()
        assert found["totals"]["cards"] == 1
        assert found["totals"]["reviews"] == 3
        assert found["totals"]["seconds"] == 4  # 4.5, to the even one
        asked = [(each["young"]["asked"], each["mature"]["asked"]) for each in found["retention"]]
        assert (sum(young for young, _ in asked), sum(mature for _, mature in asked)) == (1, 1)
        assert sum(each["reviews"] for each in found["reviews"]) == 2
        assert date.fromisoformat(found["reviews"][-1]["day"]).isoformat() == found["day"]

    def test_strangers_are_asked_to_sign_in(self):
        assert Client().get("/api/v1/stats").status_code == 401
