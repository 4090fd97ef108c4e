"""The place of practice, and the review: the card, the answer, four keys."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import person_of
from learning.practice import commands, queries
from learning.practice.forms.practice import CatchUpForm, RatingForm, UndoForm
from learning.practice.models import ReviewCard
from learning.practice.rules.queueing import CATCH_UP
from project.foundation.http import page, see_other

from .packs import pack

EMBEDDED, MOST = 30, 60
"""Cards that the page carries along, and those that it asks for when these run out."""
DEVICE = "page"
"""What the log says about a review that came by a form."""


@require_safe
def practise(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    queue = queries.queue(person=person, now=now, limit=1)
    context = {
        "place": "practise",
        "queue": queue,
        "leeches": queries.leeches(person=person).count(),
        "aim": queries.aim_of(queue.deck, person=person, now=now) if queue.deck else None,
        "spreads": CATCH_UP if queries.is_behind(person=person, queue=queue) else (),
        "has_cards": queries.has_cards(person=person),
        "belt": queries.belt_to_learn(person=person),
    }
    return page(request, "practice/practise.html", context)


@never_cache
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """`?card=` asks for one of the learner's cards first, `?shown=1` for its answer."""
    return _review(request, wanted=request.GET.get("card", ""), is_shown="shown" in request.GET)


@require_POST
def rating(request: HttpRequest, card_id: UUID) -> HttpResponse:
    form, now = RatingForm(request.POST), timezone.now()
    if not form.is_valid():
        return _review(request, wanted=str(card_id), is_shown=True, refused=True)
    wanted = form.cleaned_data
    given = commands.Given(wanted["client_id"], card_id, wanted["rating"], now, form.duration(now))
    (outcome,) = commands.accept_reviews(person=person_of(request), given=[given], sent_at=None, device=DEVICE, now=now)
    if outcome.reason == "not_found":
        raise Http404
    return see_other("practice:review")


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    form, person, now = UndoForm(request.POST), person_of(request), timezone.now()
    last = form.cleaned_data["review"] if form.is_valid() else None
    card = commands.undo_last(person=person, review_client_id=last, now=now) if last else None
    if card is None:
        messages.info(request, _("There is nothing to take back."))
        return see_other("practice:review")
    return see_other(f"{reverse('practice:review')}?{urlencode({'card': str(card.pk)})}")


@never_cache
@require_safe
def queue_pack(request: HttpRequest) -> JsonResponse:
    """The next cards, for the page that runs out of them."""
    person, now = person_of(request), timezone.now()
    learner = queries.learner_of(person=person)
    queue = queries.queue(person=person, now=now, limit=MOST, learner=learner)
    turns = queries.turns(cards=queue.cards, person=person, now=now, deck=queue.deck, learner=learner)
    return JsonResponse(pack(request, queue, turns, now))


@require_POST
def catch_up(request: HttpRequest) -> HttpResponse:
    """Spread a backlog over some days, or stop doing so."""
    person, form, now = person_of(request), CatchUpForm(request.POST), timezone.now()
    if "end" in request.POST:
        commands.end_catch_up(person=person, now=now)
    elif form.is_valid():
        commands.catch_up(person=person, days=form.cleaned_data["days"], now=now)
    else:
        raise Http404
    return see_other("practice:practise")


def _review(request: HttpRequest, *, wanted: str, is_shown: bool, refused: bool = False) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    learner = queries.learner_of(person=person)
    queue = queries.queue(person=person, now=now, limit=EMBEDDED, learner=learner)
    cards = _first(wanted, queue.cards, person)
    turns = queries.turns(cards=cards, person=person, now=now, deck=queue.deck, learner=learner)
    last = queries.last_review(person=person)
    context = {
        "place": "practise",
        "queue": queue,
        "turn": turns[0] if turns else None,
        "is_shown": is_shown and bool(turns),
        "pack": pack(request, queue, turns, now),
        "client_id": uuid4(),
        "last_review": last.client_id if last else "",
        "seen_at": now.isoformat(),
        "today": queries.practice_day(person=person, now=now).on,
        "wait": _wait(queue.next_at, now),
        "refused": refused,
    }
    return page(request, "practice/review.html", context, status=422 if refused else 200)


def _wait(until: datetime | None, now: datetime) -> timedelta | None:
    return until - now if until else None


def _first(wanted: str, cards: Any, person: Any) -> list[ReviewCard]:
    """The cards with the wanted one before the others, when it is the learner's and was not put away."""
    try:
        card = queries.card(viewer=person, card_id=UUID(wanted)) if wanted else None
    except (ReviewCard.DoesNotExist, ValueError):
        card = None
    if card is None or card.put_away_at is not None:
        return list(cards)
    return [card, *(each for each in cards if each.pk != card.pk)]
