"""Of what there are cards: of what somebody could read, never of what is still being written."""

from datetime import timedelta

import pytest
from django.utils import timezone

from learning.handbook import commands as handbook
from learning.handbook.tests.factories import published_technique, published_tul, technique_entry, tul_entry
from learning.practice import commands
from learning.practice.models import CardOrigin, ReviewCard
from learning.practice.rules.subjects import Subject

pytestmark = pytest.mark.django_db
NEW = "/practise/cards/new/"
WORD, MOVEMENT = Subject("technique", "secret", "meaning"), Subject("step", "secret-tul", "", "1")


def drafts(now):
    published_tul(now=now)
    return [
        handbook.draft_technique(entry=technique_entry(slug="secret"), editor=None, now=now),
        handbook.draft_tul(entry=tul_entry(slug="secret-tul", name="Secret"), editor=None, now=now),
    ]


def scheduled(now):
    later = now + timedelta(days=9)
    return [handbook.publish_edition(edition=each, valid_from=later, editor=None, now=now) for each in drafts(now)]


@pytest.mark.parametrize("written", [drafts, scheduled])
class TestWhatIsNotPublished:
    @pytest.mark.parametrize("subject", [WORD, MOVEMENT])
    def test_there_is_no_card_about_it(self, ben, now, written, subject):
        written(now)
        with pytest.raises(commands.NoSuchSubject):
            commands.add_cards(person=ben, subjects=[subject], origin=CardOrigin.LEARNER, now=now)
        assert not ReviewCard.objects.exists()

    @pytest.mark.parametrize(("kind", "key"), [("technique", "secret"), ("tul", "secret-tul")])
    def test_nobody_learns_that_it_exists(self, signed_in, written, kind, key):
        written(timezone.now() - timedelta(minutes=1))
        replies = [signed_in.post(NEW, {"kind": kind, "key": each}) for each in (key, "nothing")]
        assert [reply.status_code for reply in replies] == [404, 404]
        assert not ReviewCard.objects.exists()


def test_what_a_newer_draft_is_written_of_stays_what_it_is(ben, now):
    published_technique(now=now, slug="secret")
    handbook.draft_technique(entry=technique_entry(slug="secret"), editor=None, now=now)
    (card,) = commands.add_cards(person=ben, subjects=[WORD], origin=CardOrigin.LEARNER, now=now)
    assert card.technique.slug == "secret"
