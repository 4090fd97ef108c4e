from types import SimpleNamespace

import pytest
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from project.foundation.http import page, see_other

BOARD = "<h1>Board</h1>{% partialdef pins inline %}<ul>{{ pins }}</ul>{% endpartialdef %}"


@pytest.fixture(autouse=True)
def _board(settings):
    engine = settings.TEMPLATES[0]
    loaders = [("django.template.loaders.locmem.Loader", {"board.html": BOARD})]
    settings.TEMPLATES = [
        engine | {"APP_DIRS": False, "DIRS": [], "OPTIONS": {"loaders": loaders, "context_processors": []}}
    ]


def answer(*, fragment="pins", status=200, is_member=False, **headers):
    def view(request):
        return page(request, "board.html", {"pins": "<3"}, fragment=fragment, status=status)

    request = RequestFactory().get("/board/", headers={name.replace("_", "-"): said for name, said in headers.items()})
    request.user = SimpleNamespace(is_authenticated=is_member)
    return HtmxMiddleware(view)(request)


WHOLE, PIECE = "<h1>Board</h1><ul>&lt;3</ul>", "<ul>&lt;3</ul>"


def test_a_browser_gets_the_whole_page():
    assert answer().content.decode() == WHOLE


def test_htmx_gets_the_piece_it_asked_for():
    assert answer(HX_Request="true").content.decode() == PIECE


def test_a_page_without_pieces_is_whole_for_htmx_too():
    assert answer(fragment="", HX_Request="true").content.decode() == WHOLE


def test_a_boosted_link_gets_the_whole_page():
    assert answer(HX_Request="true", HX_Boosted="true").content.decode() == WHOLE


def test_going_back_in_history_gets_the_whole_page():
    assert answer(HX_Request="true", HX_History_Restore_Request="true").content.decode() == WHOLE


@pytest.mark.parametrize("headers", [{}, {"HX_Request": "true"}])
def test_caches_keep_page_and_piece_apart(headers):
    assert "HX-Request" in answer(**headers)["Vary"]


def test_what_is_fetched_while_somebody_decides_is_good_for_a_moment():
    assert answer(Sec_Purpose="prefetch")["Cache-Control"] == "private, max-age=3"
    assert "Cache-Control" not in answer()
    assert "Cache-Control" not in answer(is_member=True, Sec_Purpose="prefetch")


def test_a_form_with_mistakes_can_be_answered_with_422():
    assert answer(status=422, HX_Request="true").status_code == 422


class TestSeeOther:
    def test_after_a_form_the_browser_is_sent_on_with_303_so_that_a_reload_repeats_nothing(self):
        sent = see_other("/board/")
        assert (sent.status_code, sent["Location"]) == (303, "/board/")

    def test_the_way_can_be_named_by_a_route(self):
        assert see_other("health")["Location"] == "/health/"
