"""Plans that people write: who sees and changes them, every refusal, the form without a script, and the races."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, connections, transaction

from accounts import commands as accounts
from accounts import queries as people
from accounts.tests.clubs import a_club, joined
from accounts.tests.factories import UserFactory
from learning.handbook import commands, queries
from learning.handbook.forms import Catalogue, PlanForm
from learning.handbook.models import PlanItem, TrainingPlan
from learning.handbook.rules import plans as rules
from project.foundation import privacy
from project.foundation.audit import queries as trail

from .factories import TEXT, published_technique, small_handbook

SCHOOLS = "fast-hands"
ITEM = rules.Item("exercise", "push-ups", 30, 10)
DRAFT = rules.Draft("Legs", "For higher kicks", 8, [rules.Block("Warm-up", 2, [ITEM])])


def draft(**fields):
    return replace(DRAFT, **fields)


def of_items(number, *, rounds=1, work=30, rest=10):
    item = replace(ITEM, work=work, rest=rest)
    return draft(blocks=[rules.Block("Many", rounds, [item] * number)])


def bare(number, **holder):
    """Plans past the commands, because only their number matters."""
    TrainingPlan.objects.bulk_create(
        TrainingPlan(slug=f"bare-{i}-{len(holder)}", belt=8, name=TEXT, goal=TEXT, **holder) for i in range(number)
    )


class TestRules:
    def test_a_plan_as_it_should_be_is_not_refused(self):
        assert rules.refusals(DRAFT) == []
        assert rules.refusals(of_items(20)) == []
        assert rules.refusals(draft(blocks=list(DRAFT.blocks) * 12)) == []

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            (draft(blocks=[]), (rules.Refusal.NO_BLOCKS, None)),
            (draft(blocks=list(DRAFT.blocks) * 13), (rules.Refusal.TOO_MANY_BLOCKS, None)),
            (draft(blocks=[*DRAFT.blocks, rules.Block("Empty", 1, [])]), (rules.Refusal.EMPTY_BLOCK, 1)),
            (of_items(21), (rules.Refusal.TOO_MANY_ITEMS, 0)),
            (of_items(3, work=3600, rest=1), (rules.Refusal.TOO_LONG, None)),
            (of_items(16, rounds=19, work=5, rest=0), (rules.Refusal.TOO_MANY_GOES, None)),
        ],
    )
    def test_what_is_wrong_with_the_whole_is_said(self, wrong, why):
        assert rules.refusals(wrong) == [why]

    def test_the_last_rest_is_not_waited_for(self):
        assert rules.seconds(DRAFT) == 30 + 10 + 30
        assert rules.refusals(of_items(3, work=3600, rest=0)) == []

    def test_a_text_that_was_left_as_it_was_keeps_its_other_languages(self):
        assert rules.in_languages("In English.", language="en", before=[TEXT]) == TEXT
        assert rules.in_languages("In English!", language="en", before=[TEXT]) == {"en": "In English!"}
        assert rules.in_languages("Po polsku.", language="en", before=[TEXT]) == {"en": "Po polsku."}
        assert rules.in_languages("Po polsku.", language="ko", before=[{"pl": "Po polsku."}]) == {"pl": "Po polsku."}
        assert rules.in_languages("", language="en", before=[TEXT]) == {}

    def test_a_mark_tells_plans_apart_that_read_differently(self):
        changed = [draft(belt=7), draft(goal=""), of_items(1), of_items(1, rest=9), of_items(1, rounds=3)]
        assert len({rules.mark(each) for each in [DRAFT, *changed]}) == 6
        assert rules.mark(DRAFT) == rules.mark(draft(blocks=tuple(DRAFT.blocks)))


class TestCatalogue:
    @pytest.fixture
    def catalogue(self):
        return Catalogue(
            [
                queries.Thing("technique", "ap-chagi", {"en": "front kick"}, "ap chagi"),
                queries.Thing("tul", "do-san", {"en": "Do-San"}, "Do-San"),
                queries.Thing("exercise", "squats", {"en": "squats", "pl": "przysiady"}),
                queries.Thing("exercise", "squats-wide", {"en": "squats"}),
            ],
            language="en",
        )

    @pytest.mark.parametrize(
        "typed", ["front kick (ap chagi)", " Front  kick", "AP CHAGI", "ap-chagi", "technique:ap-chagi"]
    )
    def test_a_thing_is_found_by_its_names(self, catalogue, typed):
        assert catalogue.find(typed).slug == "ap-chagi"

    def test_every_label_finds_what_it_stands_for(self, catalogue):
        assert catalogue.labels == ["front kick (ap chagi)", "Do-San", "squats", "squats [squats-wide]"]
        assert [catalogue.find(label).slug for label in catalogue.labels] == [
            "ap-chagi", "do-san", "squats", "squats-wide",
        ]  # fmt: skip

    @pytest.mark.parametrize("typed", ["", " ", "kick", "przysiady"])
    def test_nothing_else_is(self, catalogue, typed):
        assert catalogue.find(typed) is None


@pytest.fixture
def handbook(db, now):
    small_handbook(now=now)


@pytest.fixture
def club(handbook, ada, ben):
    """Ada's, with a coach and ben as a member."""
    found = a_club(ada)
    joined(found, UserFactory(email="coach@dojang.example"), role="coach")
    joined(found, ben)
    return found


@pytest.fixture
def coach(club):
    return club.memberships.get(role="coach").person


@pytest.fixture
def own(handbook, ben, now):
    return commands.create_plan(person=ben, draft=DRAFT, language="en", now=now)


@pytest.fixture
def clubs(club, ada, now):
    return commands.create_plan(person=ada, draft=DRAFT, language="pl", club=club.pk, now=now)


class TestCommands:
    def test_an_own_plan_is_as_it_was_typed(self, own, ben, now):
        assert own.slug.startswith("p-")
        assert len(own.slug) == 14
        assert queries.draft_of(plan=own, language="pl") == DRAFT
        assert own.name == {"en": "Legs"}
        assert queries.plan(slug=own.slug, viewer=ben, now=now).seconds == 70
        (event,) = trail.events_of(own, object_id=own.slug)
        assert (event.type, event.actor_id, event.payload) == ("trainingplan.added", ben.actor_id, {})

    def test_only_its_owner_sees_it(self, own, ben, cleo, otto, now):
        assert own in queries.plans(viewer=ben)
        for stranger in (cleo, otto):
            assert own not in queries.plans(viewer=stranger)
            with pytest.raises(TrainingPlan.DoesNotExist):
                queries.plan(slug=own.slug, viewer=stranger, now=now)

    def test_a_copy_keeps_the_languages_of_what_was_left(self, handbook, ben, now):
        original = TrainingPlan.objects.get(slug=SCHOOLS)
        began = queries.draft_of(plan=original, language="en")
        copy = commands.copy_plan(person=ben, slug=SCHOOLS, draft=replace(began, goal="For me"), language="en", now=now)
        assert (copy.name, copy.goal) == (TEXT, {"en": "For me"})
        assert [block.name for block in copy.blocks.all()] == [TEXT]
        assert (
            queries.draft_of(plan=copy, language="ko").blocks == queries.draft_of(plan=original, language="ko").blocks
        )
        original.refresh_from_db()
        assert (original.owner, original.goal) == (None, TEXT)

    def test_blocks_may_change_places_and_keep_their_languages(self, own, ben, now):
        first = rules.Block("Po polsku.", 1, [ITEM])
        own.blocks.create(place=2, name=TEXT)
        own.blocks.get(place=2).items.create(place=1, exercise=PlanItem.objects.first().exercise, work=30, rest=10)
        before = queries.draft_of(plan=own, language="pl")
        assert before.blocks[1] == first
        commands.change_plan(
            person=ben, slug=own.slug, draft=replace(before, blocks=before.blocks[::-1]),
            began_with=rules.mark(before), language="pl", now=now,
        )  # fmt: skip
        assert [block.name for block in own.blocks.all()] == [TEXT, {"en": "Warm-up"}]

    def test_a_change_replaces_everything_and_leaves_a_trail(self, own, ben, now):
        wanted = draft(name="Arms", blocks=[rules.Block("A", 1, [rules.Item("tul", "chon-ji", 75, 0)])])
        facts = {"person": ben, "slug": own.slug, "language": "en", "now": now}
        assert commands.change_plan(draft=wanted, began_with=rules.mark(DRAFT), **facts) is True
        assert queries.draft_of(plan=TrainingPlan.objects.get(pk=own.pk), language="en") == wanted
        assert commands.change_plan(draft=wanted, began_with=rules.mark(wanted), **facts) is False
        assert [event.type for event in trail.events_of(own, object_id=own.slug)] == [
            "trainingplan.changed", "trainingplan.added",
        ]  # fmt: skip

    def test_whoever_began_with_something_else_is_told(self, own, ben, now):
        with pytest.raises(commands.PlanOvertaken):
            commands.change_plan(
                person=ben, slug=own.slug, draft=draft(name="Mine"), began_with="old", language="en", now=now
            )
        own.refresh_from_db()
        assert own.name == {"en": "Legs"}

    @pytest.mark.parametrize("wrong", [draft(blocks=[]), of_items(21)])
    def test_a_plan_that_the_rules_refuse_is_not_kept(self, own, ben, now, wrong):
        facts = {"person": ben, "draft": wrong, "language": "en", "now": now}
        with pytest.raises(commands.PlanRefused):
            commands.create_plan(**facts)
        with pytest.raises(commands.PlanRefused):
            commands.change_plan(slug=own.slug, began_with=rules.mark(DRAFT), **facts)
        assert queries.draft_of(plan=own, language="en") == DRAFT

    def test_what_is_not_in_the_handbook_is_refused(self, handbook, ben, now):
        wrong = draft(blocks=[rules.Block("A", 1, [rules.Item("tul", "no-such", 75, 0)])])
        with pytest.raises(commands.NoSuchReference, match="no-such"):
            commands.create_plan(person=ben, draft=wrong, language="en", now=now)
        assert not TrainingPlan.objects.filter(owner=ben).exists()

    def test_fifty_plans_of_ones_own_and_fifty_of_a_club(self, club, ada, now):
        bare(rules.MOST_PLANS, owner=ada)
        facts = {"person": ada, "draft": DRAFT, "language": "en", "now": now}
        with pytest.raises(commands.TooManyPlans):
            commands.create_plan(**facts)
        with pytest.raises(commands.TooManyPlans):
            commands.copy_plan(slug=SCHOOLS, **facts)
        assert commands.create_plan(club=club.pk, **facts).club == club
        TrainingPlan.objects.filter(owner=ada).update(owner=None, club=club)
        with pytest.raises(commands.TooManyPlans):
            commands.create_plan(club=club.pk, **facts)

    def test_deleting(self, own, ben, now):
        commands.delete_plan(person=ben, slug=own.slug, now=now)
        assert not TrainingPlan.objects.filter(owner=ben).exists()
        assert trail.events_of(own, object_id=own.slug)[0].type == "trainingplan.deleted"
        with pytest.raises(TrainingPlan.DoesNotExist):
            commands.delete_plan(person=ben, slug=own.slug, now=now)


class TestClubs:
    def test_its_members_see_a_plan_of_a_club_and_nobody_else(self, clubs, ada, ben, coach, cleo, otto):
        sees = [person for person in (ada, coach, ben, cleo, otto) if clubs in queries.plans(viewer=person)]
        assert sees == [ada, coach, ben]
        assert clubs.owner is None

    def test_its_teachers_change_it_and_its_members_do_not(self, clubs, ada, ben, coach, cleo):
        may = [person for person in (ada, coach, ben, cleo) if queries.may_change(plan=clubs, viewer=person)]
        assert may == [ada, coach]

    def test_a_member_may_not_and_a_stranger_finds_nothing(self, club, clubs, ben, cleo, now):
        for person, refused in ((ben, people.MayNot), (cleo, TrainingPlan.DoesNotExist)):
            facts = {"person": person, "slug": clubs.slug, "now": now}
            with pytest.raises(refused):
                commands.change_plan(draft=DRAFT, began_with=rules.mark(DRAFT), language="en", **facts)
            with pytest.raises(refused):
                commands.delete_plan(**facts)
        with pytest.raises(people.MayNot):
            commands.create_plan(person=ben, draft=DRAFT, language="en", club=club.pk, now=now)
        with pytest.raises(type(club).DoesNotExist):
            commands.create_plan(person=cleo, draft=DRAFT, language="en", club=club.pk, now=now)

    def test_nobody_changes_the_schools_plans(self, handbook, ada, otto, now):
        for person in (ada, otto):
            with pytest.raises(people.MayNot):
                commands.delete_plan(person=person, slug=SCHOOLS, now=now)

    def test_a_coach_changes_what_the_owner_wrote(self, club, clubs, coach, now):
        facts = {"person": coach, "slug": clubs.slug, "began_with": rules.mark(DRAFT), "language": "ko", "now": now}
        assert commands.change_plan(draft=draft(name="다리"), **facts)
        clubs.refresh_from_db()
        assert (clubs.name, clubs.goal) == ({"ko": "다리"}, {"pl": "For higher kicks"})

    def test_whoever_leaves_the_club_sees_it_no_more(self, club, clubs, ben, now):
        accounts.leave_club(viewer=ben, club_id=club.pk, now=now)
        assert clubs not in queries.plans(viewer=ben)

    def test_a_member_copies_it_and_the_copy_outlives_the_club(self, club, clubs, ben, ada, coach, now):
        copy = commands.copy_plan(person=ben, slug=clubs.slug, draft=DRAFT, language="pl", now=now)
        for person in (ben, coach):
            accounts.leave_club(viewer=person, club_id=club.pk, now=now)
        accounts.close_club(viewer=ada, club_id=club.pk, now=now)
        assert list(queries.plans(viewer=ben).exclude(owner=None)) == [copy]
        assert not TrainingPlan.objects.filter(pk=clubs.pk).exists()


class TestPrivacy:
    def test_own_plans_are_handed_out_and_erased_and_those_of_the_club_stay(self, club, clubs, own, ben, coach, now):
        assert [row["slug"] for row in privacy.export(ben)["handbook.training_plans"]] == [own.slug]
        assert privacy.export(coach)["handbook.training_plans"] == []
        commands.erase_plans(person=ben, now=now)
        commands.erase_plans(person=coach, now=now)
        assert not TrainingPlan.objects.filter(pk=own.pk).exists()
        assert TrainingPlan.objects.filter(pk=clubs.pk).exists()


class TestDatabase:
    def test_a_plan_is_never_somebodys_and_a_clubs(self, own, club):
        with (
            pytest.raises(IntegrityError, match="plan_has_one_holder_at_most"),
            transaction.atomic(),
            connection.cursor() as sql,
        ):
            sql.execute("UPDATE handbook_trainingplan SET club_id = %s WHERE id = %s", [club.pk, own.pk])


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def at_once(self, number, deed):
        def run(turn):
            try:
                return deed(turn)
            except (commands.TooManyPlans, commands.PlanOvertaken) as refused:
                return type(refused)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(number) as pool:
            return list(pool.map(run, range(number)))

    def test_the_fiftieth_plan_is_written_once(self, ben, now):
        small_handbook(now=now)
        bare(rules.MOST_PLANS - 1, owner=ben)
        done = self.at_once(8, lambda _: commands.create_plan(person=ben, draft=DRAFT, language="en", now=now).slug)
        assert done.count(commands.TooManyPlans) == 7
        assert TrainingPlan.objects.filter(owner=ben).count() == rules.MOST_PLANS

    def test_the_fiftieth_plan_of_a_club_is_written_once_by_owner_and_coach(self, ada, cleo, now):
        small_handbook(now=now)
        club = a_club(ada)
        joined(club, cleo, role="coach")
        bare(rules.MOST_PLANS - 1, club=club)
        facts = {"draft": DRAFT, "language": "en", "club": club.pk, "now": now}
        done = self.at_once(6, lambda turn: commands.create_plan(person=[ada, cleo][turn % 2], **facts).slug)
        assert done.count(commands.TooManyPlans) == 5
        assert TrainingPlan.objects.filter(club=club).count() == rules.MOST_PLANS

    def test_of_two_who_write_over_each_other_one_is_told(self, ada, cleo, now):
        small_handbook(now=now)
        club = a_club(ada)
        joined(club, cleo, role="coach")
        plan = commands.create_plan(person=ada, draft=DRAFT, language="en", club=club.pk, now=now)

        def write(turn):
            wanted = draft(name=f"Turn {turn}")
            return commands.change_plan(
                person=[ada, cleo][turn % 2], slug=plan.slug, draft=wanted, began_with=rules.mark(DRAFT),
                language="en", now=now,
            )  # fmt: skip

        done = self.at_once(4, write)
        assert sorted(map(str, done)) == sorted(map(str, [True, *[commands.PlanOvertaken] * 3]))


def sent(wanted=DRAFT, **more):
    """What a browser sends for a plan."""
    data = {"plan-name": wanted.name, "plan-goal": wanted.goal, "plan-belt": wanted.belt, "blocks": len(wanted.blocks)}
    for place, block in enumerate(wanted.blocks):
        data |= {f"b{place}-name": block.name, f"b{place}-rounds": block.rounds, f"b{place}-items": len(block.items)}
        for at, item in enumerate(block.items):
            what = f"b{place}-i{at}"
            data |= {f"{what}-what": item.slug, f"{what}-work": item.work, f"{what}-rest": item.rest}
    return data | more


class TestForm:
    def form(self, data):
        things = [queries.Thing("exercise", "push-ups", {"en": "push-ups"})]
        return PlanForm(data, catalogue=Catalogue(things, language="en"))

    def typed(self, form):
        return [
            (block.form["name"].value(), [item.form["what"].value() for item in block.items]) for block in form.blocks
        ]

    TWO = draft(blocks=[rules.Block("A", 1, [ITEM, replace(ITEM, slug="x")]), rules.Block("B", 3, [ITEM])])

    def test_what_is_right_is_a_draft(self):
        assert self.form(sent()).draft == DRAFT

    @pytest.mark.parametrize(
        ("act", "is_then"),
        [
            ("add-block", [("A", ["push-ups", "x"]), ("B", ["push-ups"]), ("", [""])]),
            ("remove-block:0", [("B", ["push-ups"])]),
            ("raise-block:1", [("B", ["push-ups"]), ("A", ["push-ups", "x"])]),
            ("add-item:1", [("A", ["push-ups", "x"]), ("B", ["push-ups", ""])]),
            ("remove-item:0:0", [("A", ["x"]), ("B", ["push-ups"])]),
            ("remove-item:1:0", [("A", ["push-ups", "x"]), ("B", [])]),
            ("raise-item:0:1", [("A", ["x", "push-ups"]), ("B", ["push-ups"])]),
            *((act, [("A", ["push-ups", "x"]), ("B", ["push-ups"])]) for act in [
                "raise-block:0", "raise-item:0:0", "remove-item:0:7", "remove-block:9", "add-item:9", "add-item:-1",
                "add-item", "raise-item:0:²", "nonsense",
            ]),
        ],
    )  # fmt: skip
    def test_the_buttons_move_the_parts_and_lose_no_word(self, act, is_then):
        form = self.form(sent(self.TWO, act=act))
        assert self.typed(form) == is_then
        assert not any(each.errors for each in form._forms())
        assert form.draft is None

    def test_what_is_added_is_where_one_goes_on(self):
        html = str(self.form(sent(act="add-item:0")).blocks[0].items[1].form["what"])
        assert "autofocus" in html
        assert str(self.form(sent(act="add-item:0")).blocks[0].items[1].form["work"].value()) == "30"

    def test_no_button_goes_beyond_the_limits(self):
        full = draft(blocks=[rules.Block("A", 1, [ITEM] * 20)] * 12)
        assert len(self.form(sent(full, act="add-block")).blocks) == 12
        assert len(self.form(sent(full, act="add-item:0")).blocks[0].items) == 20
        assert not self.form(sent(full)).may_grow

    @pytest.mark.parametrize("lie", [{"blocks": "99999"}, {"blocks": "-1"}, {"blocks": "x"}, {"b0-items": "500"}])
    def test_numbers_of_parts_that_no_browser_sends_do_no_harm(self, lie):
        form = self.form(sent(**lie))
        assert form.draft is None
        assert len(form.blocks) <= rules.MOST_BLOCKS

    def test_what_is_not_in_the_handbook_is_said_beside_the_field(self):
        form = self.form(sent(self.TWO))
        assert list(form.blocks[0].items[1].form.errors) == ["what"]
        assert form.draft is None

    def test_the_rules_are_said_beside_the_block(self):
        form = self.form(sent(draft(blocks=[*DRAFT.blocks, rules.Block("B", 1, [])])))
        assert form.blocks[1].errors == ["There is nothing to do in this block. Add something, or remove the block."]
        assert self.form(sent(of_items(3, work=3600))).errors[0].startswith("A plan takes at most 3 hours.")


class TestPages:
    NEW = "/plans/new/"

    @pytest.fixture
    def signed_in(self, signed_in, handbook):
        return signed_in

    def text(self, response):
        return response.content.decode()

    def test_writing_a_plan(self, signed_in, ben):
        shown = self.text(signed_in.get(self.NEW))
        assert '<option value="Chon-Ji">' in shown
        answer = signed_in.post(self.NEW, sent())
        plan = TrainingPlan.objects.get(owner=ben)
        assert (answer.status_code, answer["Location"]) == (303, f"/plans/{plan.slug}/")
        page = self.text(signed_in.get(answer["Location"]))
        assert "Legs" in page
        assert "my plan" in page
        assert f"/plans/{plan.slug}/change/" in page

    def test_a_plan_that_is_not_right_comes_back_with_errors_beside_the_fields(self, signed_in):
        answer = signed_in.post(self.NEW, sent(**{"b0-i0-what": "nothing", "plan-name": ""}))
        assert answer.status_code == 422
        shown = self.text(answer)
        assert shown.count('aria-invalid="true"') == 2
        assert "The handbook has nothing of this name." in shown
        assert 'value="Warm-up"' in shown
        assert not TrainingPlan.objects.exclude(owner=None).exists()

    def test_a_button_of_the_form_saves_nothing_and_answers_htmx_with_the_form_only(self, signed_in):
        whole = signed_in.post(self.NEW, sent(act="add-block"))
        assert whole.status_code == 200
        assert 'name="b1-name"' in self.text(whole)
        piece = self.text(signed_in.post(self.NEW, sent(act="add-block"), headers={"HX-Request": "true"}))
        assert piece.strip().startswith("<form")
        assert 'name="b1-name"' in piece
        assert not TrainingPlan.objects.exclude(owner=None).exists()

    def test_the_fifty_first_plan_is_refused_in_a_sentence(self, signed_in, ben):
        bare(rules.MOST_PLANS, owner=ben)
        answer = signed_in.post(self.NEW, sent())
        assert answer.status_code == 422
        assert "You have 50 plans already." in self.text(answer)

    def test_copying_a_plan_of_the_school(self, signed_in, ben):
        shown = self.text(signed_in.get(f"/plans/{SCHOOLS}/copy/"))
        assert 'value="In English."' in shown
        began = queries.draft_of(plan=TrainingPlan.objects.get(slug=SCHOOLS), language="en")
        answer = signed_in.post(f"/plans/{SCHOOLS}/copy/", sent(replace(began, belt=5)))
        assert answer.status_code == 303
        assert TrainingPlan.objects.get(owner=ben).name == TEXT

    def test_changing_a_plan_of_ones_own(self, signed_in, own):
        url = f"/plans/{own.slug}/change/"
        assert rules.mark(DRAFT) in self.text(signed_in.get(url))
        answer = signed_in.post(url, sent(draft(name="Arms"), began_with=rules.mark(DRAFT)))
        assert answer.status_code == 303
        own.refresh_from_db()
        assert own.name == {"en": "Arms"}

    def test_two_tabs_do_not_write_over_each_other_unasked(self, signed_in, own):
        url = f"/plans/{own.slug}/change/"
        signed_in.post(url, sent(draft(name="Arms"), began_with=rules.mark(DRAFT)))
        answer = signed_in.post(url, sent(draft(name="Hands"), began_with=rules.mark(DRAFT)))
        assert answer.status_code == 422
        shown = self.text(answer)
        assert "Save once more" in shown
        assert 'value="Hands"' in shown
        mark = rules.mark(draft(name="Arms"))
        assert mark in shown
        assert signed_in.post(url, sent(draft(name="Hands"), began_with=mark)).status_code == 303

    def test_what_has_left_the_handbook_stays_in_a_plan_that_is_changed(self, signed_in, own, ben, now):
        gone = published_technique(now=now, slug="old-kick").identity
        PlanItem.objects.filter(block__plan=own).update(exercise=None, technique=gone)
        gone.editions.update(valid_to=gone.editions.get().valid_from.replace(year=2030))
        gone.editions.update(valid_from=now.replace(year=2027))
        shown = self.text(signed_in.get(f"/plans/{own.slug}/change/"))
        assert 'value="old-kick"' in shown
        stands = queries.draft_of(plan=own, language="en")
        answer = signed_in.post(
            f"/plans/{own.slug}/change/", sent(replace(stands, belt=3), began_with=rules.mark(stands))
        )
        assert answer.status_code == 303

    def test_deleting_asks_first(self, signed_in, own):
        url = f"/plans/{own.slug}/removal/"
        assert "Delete “Legs”?" in self.text(signed_in.get(url))
        assert TrainingPlan.objects.filter(pk=own.pk).exists()
        assert signed_in.post(url).status_code == 303
        assert not TrainingPlan.objects.filter(pk=own.pk).exists()

    @pytest.mark.parametrize("page", ["", "copy/", "change/", "removal/"])
    def test_a_stranger_finds_no_plan_of_others(self, client, own, clubs, cleo, page):
        client.force_login(cleo)
        assert [client.get(f"/plans/{plan.slug}/{page}").status_code for plan in (own, clubs)] == [404, 404]
        if page:
            assert [client.post(f"/plans/{plan.slug}/{page}").status_code for plan in (own, clubs)] == [404, 404]

    def test_a_member_reads_and_copies_a_plan_of_the_club_and_changes_it_not(self, client, clubs, ben):
        client.force_login(ben)
        answers = [
            client.get(f"/plans/{clubs.slug}/{page}").status_code for page in ("", "copy/", "change/", "removal/")
        ]
        assert answers == [200, 200, 403, 403]
        assert f"/plans/{clubs.slug}/change/" not in self.text(client.get(f"/plans/{clubs.slug}/"))

    def test_a_coach_writes_for_the_club(self, client, club, coach):
        client.force_login(coach)
        assert "Hwarang" in self.text(client.get(self.NEW))
        assert client.post(self.NEW, sent(**{"plan-club": club.pk})).status_code == 303
        assert TrainingPlan.objects.get(club=club).owner is None

    def test_a_club_that_one_does_not_teach_is_no_choice(self, client, club, ben, cleo):
        for person in (ben, cleo):
            client.force_login(person)
            client.post(self.NEW, sent(**{"plan-club": club.pk}))
        assert not TrainingPlan.objects.filter(club=club).exists()

    @pytest.mark.parametrize("page", ["new/", f"{SCHOOLS}/copy/", f"{SCHOOLS}/change/", f"{SCHOOLS}/removal/"])
    def test_strangers_to_the_hall_sign_in_first(self, client, handbook, page):
        assert client.get(f"/plans/{page}")["Location"].startswith("/account/login/?next=/plans/")

    def test_the_list_shows_whose_each_plan_is(self, signed_in, own, clubs):
        shown = self.text(signed_in.get("/plans/"))
        places = [shown.index(words) for words in ("My plans", own.slug, "Hwarang", clubs.slug, "Plans of the school")]
        assert places == sorted(places)

    def test_lists_ask_as_often_however_many_plans(self, signed_in, own, clubs, ben, django_assert_num_queries):
        signed_in.get("/plans/")
        with django_assert_num_queries(5):  # person, clubs, plans, their items, what of them was trained
            signed_in.get("/plans/")
        bare(40, owner=ben)
        bare(40, club=clubs.club, owner=None)
        with django_assert_num_queries(5):
            signed_in.get("/plans/")

    def test_the_list_says_how_long_each_plan_takes_as_its_page_does(self, signed_in, ben, now):
        long = commands.create_plan(person=ben, draft=of_items(20, rounds=3, rest=15), language="en", now=now)
        bare(1, owner=ben)
        lines = {line.plan.slug: line for line in queries.plan_shelf(viewer=ben).own}
        assert lines[long.slug].minutes == 45 == queries.plan(slug=long.slug, viewer=ben, now=now).minutes
        assert lines["bare-0-1"].minutes == 1
        assert "45 minutes" in self.text(signed_in.get("/plans/"))

    def test_a_new_plan_is_for_the_belt_one_wears_and_one_for_a_club_for_its_beginners(
        self, client, club, coach, ada, now
    ):
        accounts.award_belt(person=coach, belt=4, awarded_on=now.date(), by=ada, now=now, club=club)
        client.force_login(coach)
        for url, belt in ((self.NEW, 4), (f"{self.NEW}?club={club.pk}", 10)):
            assert f'<option value="{belt}" selected>' in self.text(client.get(url))

    def test_something_without_a_rest_says_so_with_a_dash(self, signed_in, ben, now):
        made = commands.create_plan(person=ben, draft=of_items(1, work=45, rest=0), language="en", now=now)
        shown = self.text(signed_in.get(f"/plans/{made.slug}/"))
        assert "45 s, rest –" in shown
        assert "0 s rest" not in shown

    def test_a_form_asks_as_often_however_long_the_plan(self, signed_in, ben, now, django_assert_num_queries):
        for number in (1, 20):
            plan = commands.create_plan(person=ben, draft=of_items(number), language="en", now=now)
            with django_assert_num_queries(11):
                signed_in.get(f"/plans/{plan.slug}/change/")


class TestApi:
    def listed(self, client):
        return {item["slug"]: (item["is_own"], item["club"]) for item in client.get("/api/v1/plans").json()["items"]}

    def test_plans_of_ones_clubs_are_told_with_the_club(self, app, club, clubs, own, ben, cleo):
        assert self.listed(app(ben)) == {
            SCHOOLS: (False, None), own.slug: (True, None), clubs.slug: (False, str(club.pk)),
        }  # fmt: skip
        assert self.listed(app(cleo)) == {SCHOOLS: (False, None)}
        assert app(cleo).get(f"/api/v1/plans/{clubs.slug}").status_code == 404

    def test_a_plan_in_one_language_is_told_in_it(self, app, clubs, ben):
        told = app(ben).get(f"/api/v1/plans/{clubs.slug}").json()
        assert (told["names"], told["goal"]) == ({"pl": "Legs"}, {"pl": "For higher kicks"})
        assert told["blocks"][0]["names"] == {"pl": "Warm-up"}

    def test_joining_and_leaving_a_club_changes_the_tag(self, app, club, clubs, cleo, now):
        client = app(cleo)
        url = "/api/v1/plans"
        tags = [client.get(url)["ETag"]]
        joined(club, cleo)
        assert client.get(url, headers={"If-None-Match": tags[0]}).status_code == 200
        assert clubs.slug in self.listed(client)
        tags.append(client.get(url)["ETag"])
        assert client.get(url, headers={"If-None-Match": tags[1]}).status_code == 304
        assert client.get(f"{url}/{clubs.slug}").status_code == 200
        tag = client.get(f"{url}/{clubs.slug}")["ETag"]
        accounts.leave_club(viewer=cleo, club_id=club.pk, now=now)
        assert client.get(url, headers={"If-None-Match": tags[1]}).status_code == 200
        assert clubs.slug not in self.listed(client)
        assert client.get(f"{url}/{clubs.slug}", headers={"If-None-Match": tag}).status_code == 404
