"""The decks of the belts, and "practise this" beside everything in the handbook."""

from collections.abc import Sequence
from datetime import datetime

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
from learning.practice.rules.subjects import Subject
from project.foundation.http import page, see_other
from project.foundation.http.pages import safe_next


@require_safe
def decks(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    learner = queries.learner_of(person=person)
    context = {
        "place": "practise",
        "decks": queries.decks(person=person, now=now),
        "wanted": queries.belt_to_learn(person=person),
        "learner": learner,
        "is_aimed": queries.next_grading_day(person=person, now=now, learner=learner) is not None,
    }
    return page(request, "practice/decks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def deck(request: HttpRequest, belt: int) -> HttpResponse:
    """Everything of a belt, and what of it is mine. Posted to, it adds a part of it."""
    person, now = person_of(request), timezone.now()
    form = DeckForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        wanted = queries.subjects_of_deck(belt=belt, now=now, **form.cleaned_data)
        _add(request, wanted, CardOrigin.DECK, now)
        return see_other("practice:deck", belt)
    sheet = queries.deck(person=person, belt=belt, now=now)
    if sheet is None:
        raise Http404
    learner = queries.learner_of(person=person)
    context = {
        "place": "practise",
        "sheet": sheet,
        "learner": learner,
        "is_aimed": queries.next_grading_day(person=person, now=now, learner=learner) is not None,
    }
    return page(request, "practice/deck.html", context, status=422 if form.errors else 200)


@require_POST
def practise_this(request: HttpRequest) -> HttpResponse:
    now, form = timezone.now(), PractiseForm(request.POST)
    if not form.is_valid():
        raise Http404
    subjects = queries.subjects_about(**form.cleaned_data, now=now)
    if not subjects:
        raise Http404
    try:
        _add(request, subjects, CardOrigin.LEARNER, now)
    except commands.NoSuchSubject:
        raise Http404 from None
    return see_other(safe_next(request) if request.POST.get("next") else "practice:practise")


def _add(request: HttpRequest, subjects: Sequence[Subject], origin: CardOrigin, now: datetime) -> None:
    """Add the cards that are missing, and say how many there were. Raises commands.NoSuchSubject."""
    person = person_of(request)
    wanted = queries.subjects_missing(person=person, subjects=subjects)
    added = len(commands.add_cards(person=person, subjects=wanted, origin=origin, now=now)) if wanted else 0
    if added:
        told = ngettext("{n} card is among yours now.", "{n} cards are among yours now.", added).format(n=added)
        messages.success(request, told)
    elif subjects:
        messages.info(request, ngettext("It is yours already.", "They are all yours already.", len(subjects)))
    else:
        messages.info(request, _("There was nothing to add."))
