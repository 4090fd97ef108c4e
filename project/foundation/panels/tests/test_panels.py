import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory

from project.foundation import panels


@pytest.fixture(autouse=True)
def _empty_slots(monkeypatch):
    monkeypatch.setattr(panels, "_panels", {})


def fill(template, *, slot="technique.actions", context=lambda **_: {}, order=100):
    panels.register(slot, template=template, context=context, order=order)


def shown(slot="technique.actions", viewer="ben", object="ap-chagi"):
    return [template for template, _ in panels.filled(slot, viewer=viewer, object=object)]


def test_a_slot_that_nobody_fills_shows_nothing():
    assert shown() == []


def test_panels_stand_in_their_order_and_equals_by_name_however_they_were_registered():
    fill("z.html", order=10)
    fill("b.html")
    fill("last.html", order=200)
    fill("a.html")
    assert shown() == ["z.html", "a.html", "b.html", "last.html"]


def test_a_panel_fills_only_its_own_slot():
    fill("practise.html")
    fill("animate.html", slot="tul.actions")
    assert shown("tul.actions") == ["animate.html"]


def test_a_panel_that_gives_none_is_not_shown_and_one_that_gives_nothing_more_is():
    fill("hidden.html", context=lambda **_: None)
    fill("plain.html", context=lambda **_: {})
    assert shown() == ["plain.html"]


def test_registering_the_same_panel_twice_shows_it_once():
    def practise(viewer, object):
        return {}

    fill("practise.html", context=practise)
    fill("practise.html", context=practise)
    assert shown() == ["practise.html"]


def test_a_panel_is_asked_for_this_viewer_and_this_object():
    fill("practise.html", context=lambda **asked: asked)
    assert panels.filled("technique.actions", viewer="ben", object="ap-chagi") == [
        ("practise.html", {"viewer": "ben", "object": "ap-chagi"})
    ]


class TestTag:
    @pytest.fixture(autouse=True)
    def _templates(self, settings):
        name = "django.template.loaders.locmem.Loader"
        written = {
            "practise.html": "<b>{{ object }}</b> for {{ viewer }}",
            "trained.html": "<i>last: {{ last }}</i>",
        }
        engine = settings.TEMPLATES[0]
        settings.TEMPLATES = [
            engine | {"APP_DIRS": False, "DIRS": [], "OPTIONS": engine["OPTIONS"] | {"loaders": [(name, written)]}}
        ]

    @staticmethod
    def page(viewer, object):
        request = RequestFactory().get("/")
        request.user = viewer
        context = Context({"request": request, "technique": object})
        return Template('<p>{% panels "technique.actions" technique %}</p>').render(context)

    def test_all_panels_of_the_slot_are_rendered_in_order(self):
        fill("trained.html", context=lambda **_: {"last": "monday"}, order=2)
        fill("practise.html", context=lambda **asked: asked, order=1)
        assert self.page("ben", "ap-chagi") == "<p><b>ap-chagi</b> for ben<i>last: monday</i></p>"

    def test_what_people_wrote_is_escaped(self):
        fill("trained.html", context=lambda **_: {"last": "<script>alert(1)</script>"})
        assert self.page("ben", "ap-chagi") == "<p><i>last: &lt;script&gt;alert(1)&lt;/script&gt;</i></p>"

    def test_a_slot_without_panels_leaves_no_trace(self):
        assert self.page("ben", "ap-chagi") == "<p></p>"

    def test_a_stranger_is_a_viewer_too_and_may_be_shown_nothing(self):
        fill("practise.html", context=lambda *, viewer, **_: {} if viewer.is_authenticated else None)
        assert self.page(AnonymousUser(), "ap-chagi") == "<p></p>"
