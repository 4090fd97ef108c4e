"""The decks of the belts, and "practise this" beside everything in the handbook."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import person_of
from learning.practice import commands, queries
from learning.practice.forms.practice import DeckForm, PractiseForm
from learning.practice.models import CardOrigin
from project.foundation.http import page, see_other
from project.foundation.http.pages import safe_next


@require_safe
def decks(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    context = {
        "place": "practise",
        "decks": queries.decks(person=person, now=timezone.now()),
        "wanted": queries.belt_to_learn(person=person),
        "learner": queries.learner_of(person=person),
    }
    return page(request, "practice/decks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def deck(request: HttpRequest, belt: int) -> HttpResponse:
    """Everything of a belt, and what of it is mine. Posted to, it adds a part of it."""
    person, now = person_of(request), timezone.now()
    form = DeckForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        wanted = queries.subjects_of_deck(belt=belt, now=now, **form.cleaned_data)
        _tell(request, commands.add_cards(person=person, subjects=wanted, origin=CardOrigin.DECK, now=now))
        return see_other("practice:deck", belt)
    sheet = queries.deck(person=person, belt=belt, now=now)
    if sheet is None:
        raise Http404
    context = {"place": "practise", "sheet": sheet, "learner": queries.learner_of(person=person)}
    return page(request, "practice/deck.html", context, status=422 if form.errors else 200)


@require_POST
def practise_this(request: HttpRequest) -> HttpResponse:
    person, now, form = person_of(request), timezone.now(), PractiseForm(request.POST)
    if not form.is_valid():
        raise Http404
    subjects = queries.subjects_about(**form.cleaned_data, now=now)
    try:
        cards = commands.add_cards(person=person, subjects=subjects, origin=CardOrigin.LEARNER, now=now)
    except commands.NoSuchSubject:
        raise Http404 from None
    if not cards:
        raise Http404
    _tell(request, cards)
    return see_other(safe_next(request) if request.POST.get("next") else "practice:practise")


def _tell(request: HttpRequest, cards: Any) -> None:
    told = ngettext("{n} card is among yours now.", "{n} cards are among yours now.", len(cards))
    messages.success(request, told.format(n=len(cards)) if cards else _("There was nothing to add."))
