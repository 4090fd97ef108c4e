"""The list of somebody's cards, and the page of each with its history."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import person_of
from learning.practice import commands, queries
from learning.practice.forms.practice import CardFilter, OwnCardForm
from learning.practice.models import CardKind, ReviewCard
from project.foundation.http import filters, page, see_other
from project.foundation.http.pages import safe_next
from project.foundation.http.paging import paged


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    chosen = CardFilter(request.GET, decks=queries.own_decks(person=person))
    context: dict[str, Any] = {"place": "practise", "filter": chosen}
    if not chosen.is_valid():
        return page(request, "practice/cards.html", context, fragment="found", status=422)
    names = ("state", "kind", "deck") if len(chosen["deck"].field.choices) > 1 else ("state", "kind")  # type: ignore[attr-defined]
    pager = paged(request, queries.cards(person=person, now=now, **chosen.cleaned_data), per_page=30)
    context |= {
        "groups": [filters.links(request, chosen[name]) for name in names],
        "pager": pager,
        "faces": queries.faces(cards=pager.items, now=now).values(),
        "held": pager.items or queries.cards_held(person=person),
        "narrowed": " ".join(value for value in chosen.cleaned_data.values() if value),
    }
    return page(request, "practice/cards.html", context, fragment="found")


@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """Posted to, it changes the text of a card of the learner's own."""
    person, now = person_of(request), timezone.now()
    try:
        found = queries.card(viewer=person, card_id=card_id)
    except ReviewCard.DoesNotExist:
        raise Http404 from None
    form = OwnCardForm(request.POST or None, initial={"front": found.front, "back": found.back})
    if request.method == "POST" and found.kind != CardKind.OWN:
        raise Http404
    if form.is_valid():
        commands.rewrite(person=person, card_id=card_id, now=now, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return see_other("practice:card", card_id)
    context = {
        "place": "practise", "form": form, "face": queries.faces(cards=[found], now=now)[found.pk],
        "history": queries.history(card=found, now=now), "now": now,
    }  # fmt: skip
    return page(request, "practice/card.html", context, status=422 if form.errors else 200)


@require_POST
def put_away(request: HttpRequest, card_id: UUID) -> HttpResponse:
    return _done(request, card_id, commands.put_away, _("Put away. Its history stays."))


@require_POST
def bring_back(request: HttpRequest, card_id: UUID) -> HttpResponse:
    return _done(request, card_id, commands.bring_back, _("You practise this card again."))


@require_POST
def bury(request: HttpRequest, card_id: UUID) -> HttpResponse:
    return _done(request, card_id, commands.bury, _("This card comes back tomorrow."))


@require_POST
def keep(request: HttpRequest, card_id: UUID) -> HttpResponse:
    return _done(request, card_id, commands.keep_leech, _("You go on with this card."))


def _done(request: HttpRequest, card_id: UUID, command: Any, said: str) -> HttpResponse:
    try:
        command(person=person_of(request), card_id=card_id, now=timezone.now())
    except ReviewCard.DoesNotExist:
        raise Http404 from None
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return HttpResponse(status=204)  # which no script takes for being led to sign in
    if request.POST.get("next"):  # in a review the card is gone, which says enough
        return see_other(safe_next(request))
    messages.success(request, said)
    return see_other("practice:card", card_id)
