"""The timer of a training plan: its phases, the beats of a tul, the page that runs it, and what is noted at the end."""

import json
import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from hypothesis import given
from hypothesis import strategies as st

from accounts.tests.clubs import a_club
from learning.handbook import commands as handbook
from learning.handbook.tests.factories import small_handbook
from learning.handbook.tests.plan_factories import a_draft
from learning.practice.models import Progress, Status
from learning.practice.rules import timer
from learning.practice.rules.timer import Block, Go, Item, Kind, Phase

TWO_ROUNDS = [Block(2, [Item(40, 10), Item(30, 20)])]


class TestPhases:
    def test_get_ready_work_rest_and_no_rest_after_the_last(self):
        assert timer.phases(TWO_ROUNDS) == [
            Phase(Kind.READY, 0, 5, 0, 0, 1, 2),
            Phase(Kind.WORK, 5, 40, 0, 0, 1, 2), Phase(Kind.REST, 45, 10, 0, 0, 1, 2),
            Phase(Kind.WORK, 55, 30, 0, 1, 1, 2), Phase(Kind.REST, 85, 20, 0, 1, 1, 2),
            Phase(Kind.WORK, 105, 40, 0, 0, 2, 2), Phase(Kind.REST, 145, 10, 0, 0, 2, 2),
            Phase(Kind.WORK, 155, 30, 0, 1, 2, 2),
        ]  # fmt: skip

    def test_items_are_numbered_through_all_blocks(self):
        found = timer.phases([*TWO_ROUNDS, Block(1, [Item(20, 0), Item(20, 0)])])
        assert [(each.block, each.item, each.kind.value) for each in found[-3:]] == [
            (0, 1, "rest"), (1, 2, "work"), (1, 3, "work"),
        ]  # fmt: skip

    def test_a_plan_without_anything_has_no_phases(self):
        assert timer.phases([]) == []
        assert timer.length([]) == 0
        assert timer.goes([]) == []

    def test_on_paper_a_rest_stands_beside_its_work(self):
        assert [(go.phase.at, go.rest) for go in timer.goes(timer.phases(TWO_ROUNDS))] == [
            (5, 10), (55, 20), (105, 10), (155, 0),
        ]  # fmt: skip

    items = st.builds(Item, work=st.integers(5, 3600), rest=st.integers(0, 600))

    @given(
        st.lists(st.builds(Block, rounds=st.integers(1, 4), items=st.lists(items, min_size=1, max_size=4)), min_size=1)
    )
    def test_phases_follow_one_another_and_last_as_long_as_the_plan(self, blocks):
        found = timer.phases(blocks)
        assert all(one.at + one.seconds == other.at for one, other in pairwise(found))
        every = [item for block in blocks for item in list(block.items) * block.rounds]
        assert timer.length(found) == timer.READY + sum(item.work + item.rest for item in every) - every[-1].rest
        assert sum(each.kind is Kind.WORK for each in found) == len(every) == len(timer.goes(found))
        assert all(isinstance(each, Go) and each.phase.seconds > 0 for each in timer.goes(found))


class TestBeats:
    def test_there_is_time_enough_so_it_is_calm_and_ends_early(self):
        found = timer.beats(Item(75, 0, [("normal", False)] * 19))
        assert [(beat.at, beat.number) for beat in found[:3]] == [(3, 1), (5.2, 2), (7.4, 3)]
        assert found[-1].at == pytest.approx(3 + 18 * 2.2)

    def test_little_time_makes_it_quicker(self):
        found = timer.beats(Item(23, 0, [("normal", False)] * 20))
        assert found[1].at - found[0].at == pytest.approx(1)
        assert len(found) == 20

    def test_what_does_not_fit_at_the_fastest_is_not_counted(self):
        found = timer.beats(Item(10, 0, [("normal", False)] * 40))
        assert [beat.number for beat in found] == list(range(1, 11))
        assert all(beat.at < 10 for beat in found)

    def test_slow_movements_take_longer_and_those_on_one_count_less(self):
        found = timer.beats(Item(300, 0, [("slow", False), ("fast", False), ("normal", True), ("normal", False)]))
        gaps = [round(other.at - one.at, 2) for one, other in pairwise(found)]
        assert gaps == [4.4, 1.21, 1.32]
        assert [beat.tempo for beat in found] == ["slow", "fast", "normal", "normal"]

    def test_what_is_no_tul_has_none(self):
        assert timer.beats(Item(40, 10)) == []


class TestStanding:
    @pytest.mark.parametrize(
        ("seconds", "is_then"),
        [
            (0, ("in_progress", 0)),
            (79, ("in_progress", 79)),
            (80, ("done", 80)),
            (100, ("done", 100)),
            (900, ("done", 100)),
        ],
    )
    def test_four_fifths_are_enough(self, seconds, is_then):
        assert timer.standing(seconds=seconds, of=100) == is_then

    @pytest.mark.parametrize(("seconds", "said"), [(0, "0:00"), (65, "1:05"), (3599, "59:59"), (3725, "1:02:05")])
    def test_times_as_they_are_read(self, seconds, said):
        assert timer.clock(seconds) == said


@pytest.fixture
def handbook_is_there(db):
    small_handbook(now=timezone.now() - timedelta(minutes=1))


RUN = "/plans/fast-hands/run/"
FINISH = "/plans/fast-hands/finish/"


@pytest.mark.django_db
@pytest.mark.usefixtures("handbook_is_there")
class TestRunning:
    def script(self, text):
        return json.loads(re.search(r'<script id="run" type="application/json">(.*?)</script>', text, re.S)[1])

    def test_everything_that_the_timer_needs_is_in_the_page(self, client):
        text = client.get(RUN).content.decode()
        told = self.script(text)
        assert [each["kind"] for each in told["phases"]] == ["ready", *["work", "rest"] * 6][:-1]
        assert told["seconds"] == 5 + 230
        assert [[beat["number"], beat["tempo"]] for beat in told["beats"]["2"]] == [[1, "normal"], [2, "normal"]]
        assert told["words"]["slow"] == "slow"
        assert re.findall(r'<template data-item="(\d)">', text) == ["0", "1", "2"]
        assert "Chon-Ji" in text

    def test_without_a_script_it_is_a_table_with_times(self, client):
        text = client.get(RUN).content.decode()
        times = re.findall(r'<th scope="row" role="rowheader" class="num">(.*?)</th>', text, re.S)
        assert [each.strip() for each in times] == ["0:05", "0:45", "1:25", "2:05", "2:45", "3:25"]

    def test_somebody_who_is_not_signed_in_runs_it_and_is_asked_to_sign_in_to_keep_it(self, client):
        text = client.get(RUN).content.decode()
        assert FINISH not in text
        assert f"/account/login/?next={RUN}" in text
        assert client.post(FINISH).status_code == 302

    def test_the_page_of_the_plan_leads_to_it(self, client):
        assert RUN in client.get("/plans/fast-hands/").content.decode()

    def test_it_stands_where_the_plans_are_listed(self, client):
        here = r'<a href="([^"]+)" aria-current="page"'
        places = {re.search(here, client.get(url).text)[1] for url in (RUN, "/plans/fast-hands/", "/plans/")}
        assert places == {"/handbook/"}

    def test_a_plan_of_somebody_else_is_not_found(self, client, ben, cleo, now):
        slug = handbook.create_plan(person=ben, draft=a_draft(), language="en", now=now).slug
        client.force_login(cleo)
        assert client.get(f"/plans/{slug}/run/").status_code == 404
        assert client.post(f"/plans/{slug}/finish/").status_code == 404
        client.force_login(ben)
        assert client.get(f"/plans/{slug}/run/").status_code == 200

    @pytest.mark.parametrize("number", [1, 12])
    def test_it_asks_as_often_however_long_the_plan(self, client, ada, number, now, django_assert_num_queries):
        kinds = [("exercise", "push-ups"), ("technique", "ap-cha-busigi"), ("tul", "chon-ji")]
        draft = a_draft(*(kinds * (1 if number == 1 else 6)), blocks=number)
        club = a_club(ada)
        plan = handbook.create_plan(person=ada, draft=draft, language="en", club=club.pk, now=now)
        client.force_login(ada)
        client.get(f"/plans/{plan.slug}/run/")
        with django_assert_num_queries(8):
            client.get(f"/plans/{plan.slug}/run/")


@pytest.mark.django_db
@pytest.mark.usefixtures("handbook_is_there")
class TestFinishing:
    def standing(self, person):
        row = Progress.objects.get(person=person, item_type="plan", item="fast-hands")
        return Status(row.status), row.score

    def test_without_a_script_the_button_says_all_of_it(self, signed_in, ben):
        text = signed_in.get(RUN).content.decode()
        fields = dict(
            re.findall(r'<input type="hidden"\s+name="(client_id|seconds|occurred_at)"\s+value="(.*?)"', text)
        )
        assert fields["seconds"] == "235"
        assert len(fields["client_id"]) == 36
        answer = signed_in.post(FINISH, fields)
        assert (answer.status_code, answer["Location"]) == (303, "/plans/fast-hands/")
        assert self.standing(ben) == (Status.DONE, 100)

    def test_the_plan_and_the_list_say_that_it_is_done(self, signed_in, client, ben):
        pages = ("/plans/fast-hands/", "/plans/")
        then = timezone.now() - timedelta(days=40)
        signed_in.post(FINISH, {"seconds": "60"})
        assert not [url for url in pages if "chip--good" in signed_in.get(url).text]
        signed_in.post(FINISH, {"seconds": "200", "occurred_at": then.isoformat()})
        Progress.objects.update(occurred_at=then)
        for url in pages:
            shown = " ".join(signed_in.get(url).text.split())
            assert shown.count("chip--good") == 1
            assert date_format(timezone.localtime(then), "DATE_FORMAT") in shown
            assert "85%" in shown
        signed_in.logout()
        assert not [url for url in pages if "chip--good" in signed_in.get(url).text]

    def test_a_part_of_it_is_a_part(self, signed_in, ben):
        signed_in.post(FINISH, {"seconds": "60"})
        assert self.standing(ben) == (Status.IN_PROGRESS, 26)
        signed_in.post(FINISH, {"seconds": "200"})
        signed_in.post(FINISH, {"seconds": "60"})
        assert self.standing(ben) == (Status.DONE, 85)

    def test_when_it_was_is_told_by_the_device_and_never_lies_ahead(self, signed_in, ben):
        then = timezone.now() - timedelta(hours=3)
        signed_in.post(FINISH, {"occurred_at": then.isoformat()})
        assert Progress.objects.get(person=ben).occurred_at == then
        signed_in.post(FINISH, {"occurred_at": (timezone.now() + timedelta(days=9)).isoformat()})
        assert Progress.objects.get(person=ben).occurred_at <= timezone.now()

    @pytest.mark.parametrize("wrong", [{"seconds": "-1"}, {"seconds": "many"}, {"occurred_at": "yesterday"}])
    def test_what_no_browser_sends_is_refused(self, signed_in, ben, wrong):
        assert signed_in.post(FINISH, wrong).status_code == 422
        assert not Progress.objects.filter(person=ben).exists()
