"""Lists: their pages, and the links that filter and sort them."""

import pytest
from django import forms
from django.test import RequestFactory

from project.foundation.audit.models import AuditEvent
from project.foundation.audit.tests.factories import AuditEventFactory
from project.foundation.http import filters
from project.foundation.http.paging import paged


def pages(rows, address="/board/", per_page=10):
    return paged(RequestFactory().get(address), rows, per_page=per_page)


class TestPages:
    def test_a_page_says_where_it_is_and_how_much_there_is(self):
        found = pages(range(25), "/board/?page=2")
        assert (list(found.items), found.number, found.pages, found.total) == (list(range(10, 20)), 2, 3, 25)

    def test_links_keep_every_filter_and_replace_only_the_page(self):
        found = pages(range(25), "/board/?belt=7&q=ap+chagi&belt=6&page=2")
        assert found.previous_url == "/board/?belt=7&belt=6&q=ap+chagi&page=1"
        assert found.next_url == "/board/?belt=7&belt=6&q=ap+chagi&page=3"

    def test_there_is_no_link_beyond_the_ends(self):
        first, last = pages(range(25)), pages(range(25), "/board/?page=3")
        assert (first.previous_url, first.next_url) == ("", "/board/?page=2")
        assert (last.previous_url, last.next_url) == ("/board/?page=2", "")

    @pytest.mark.parametrize(
        ("asked", "given"), [("99", 3), ("0", 3), ("-1", 3), ("", 1), ("two", 1), ("1e3", 1), ("٣", 3), ("9" * 5000, 1)]
    )
    def test_a_page_that_does_not_exist_gives_the_nearest_that_does(self, asked, given):
        assert pages(range(25), f"/board/?page={asked}").number == given

    def test_an_empty_list_has_one_empty_page(self):
        found = pages([])
        assert (list(found.items), found.number, found.pages, found.total) == ([], 1, 1, 0)
        assert (found.previous_url, found.next_url) == ("", "")

    def test_what_was_typed_cannot_leave_a_link(self):
        assert '"' not in pages(range(25), "/board/?q=%22%3E%3Cscript%3E").next_url

    @pytest.mark.parametrize("rows", [3, 30])
    def test_a_page_costs_two_queries_however_long_the_list_is(self, db, rows, django_assert_num_queries):
        AuditEventFactory.create_batch(rows)
        with django_assert_num_queries(2):
            pages(AuditEvent.objects.all())


class TestFilterLinks:
    class Filter(forms.Form):
        kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "All"), ("tul", "Tul"), ("kick", "Kick")])

    def links(self, address):
        request = RequestFactory().get(address)
        return filters.links(request, self.Filter(request.GET)["kind"])

    @pytest.mark.parametrize("place", ["page=3", "after=a-cursor"])
    def test_every_choice_is_a_link_that_keeps_the_other_filters_and_begins_on_the_first_page(self, place):
        group = self.links(f"/board/?q=ap&kind=tul&{place}")
        assert group.label == "Kind"
        assert [(each.label, each.url) for each in group.options] == [
            ("All", "/board/?q=ap"),
            ("Tul", "/board/?q=ap&kind=tul"),
            ("Kick", "/board/?q=ap&kind=kick"),
        ]

    @pytest.mark.parametrize(("address", "current"), [("/board/?kind=kick", "Kick"), ("/board/", "All")])
    def test_the_choice_made_is_marked(self, address, current):
        assert [each.label for each in self.links(address).options if each.current] == [current]

    def test_no_filter_at_all_is_the_plain_address(self):
        assert self.links("/board/?kind=tul").options[0].url == "/board/"
