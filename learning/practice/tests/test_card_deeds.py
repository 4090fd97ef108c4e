"""What a script of ours that puts a card away or off is answered, and what a form is."""

import pytest
from django.test import Client

from learning.practice.models import ReviewCard

from .factories import CardFactory

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def card(ben):
    return CardFactory(person=ben)


def is_askable(card):
    return ReviewCard.objects.filter(pk=card.pk, put_away_at=None, buried_until=None).exists()


@pytest.mark.parametrize("deed", ["bury", "put-away"])
class TestDeeds:
    @pytest.mark.parametrize("fields", [{}, {"next": "/practise/review/"}])
    def test_a_script_is_told_that_it_is_done_and_nothing_else(self, signed_in, card, deed, fields):
        answer = signed_in.post(f"/practise/cards/{card.pk}/{deed}/", fields, headers=JSON)
        assert (answer.status_code, answer.content) == (204, b"")
        assert not is_askable(card)
        assert not list(signed_in.get("/practise/").context["messages"])

    def test_one_that_is_not_signed_in_any_more_is_not(self, card, deed):
        answer = Client().post(f"/practise/cards/{card.pk}/{deed}/", headers=JSON)
        assert answer.status_code == 302
        assert is_askable(card)

    def test_nor_is_one_for_a_card_of_somebody_else(self, client, cleo, card, deed):
        client.force_login(cleo)
        assert client.post(f"/practise/cards/{card.pk}/{deed}/", headers=JSON).status_code == 404
        assert is_askable(card)

    @pytest.mark.parametrize("accepted", [BROWSER, {}, {"Accept": "*/*"}])
    def test_a_form_is_led_on(self, signed_in, card, deed, accepted):
        page = f"/practise/cards/{card.pk}/"
        answer = signed_in.post(f"{page}{deed}/", {"next": "/practise/review/"}, headers=accepted)
        assert (answer.status_code, answer["Location"]) == (303, "/practise/review/")
        answer = signed_in.post(f"{page}{deed}/", headers=accepted)
        assert (answer.status_code, answer["Location"]) == (303, page)
