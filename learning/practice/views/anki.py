"""To Anki and from it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import person_of
from learning.handbook import queries as handbook
from learning.practice import commands, queries
from learning.practice.anki import NotAnAnkiFile, Reason, Refusal
from learning.practice.forms.anki import AnkiFileForm
from learning.practice.models import AnkiImport
from project.foundation.http import page, see_other

REFUSALS = {
    Refusal.NO_ARCHIVE: gettext_lazy("This is no .apkg or .colpkg. Export a deck in Anki, and choose that file."),
    Refusal.NO_COLLECTION: gettext_lazy("There is no collection of cards in this file."),
    Refusal.DAMAGED: gettext_lazy("This file is damaged. Export it again."),
    Refusal.TOO_NEW: gettext_lazy(
        "This file is newer than what Dojang can read. In Anki, tick “Support older versions” when you export it."
    ),
    Refusal.TOO_BIG: gettext_lazy("There is more in this file than Dojang unpacks. Export one deck at a time."),
    Refusal.TOO_MANY: gettext_lazy("There are too many cards in this file. Export one deck at a time."),
}
TOO_MUCH = {
    "reviews": gettext_lazy("This file has more than 50,000 reviews. Export one deck at a time."),
    "cards": gettext_lazy("With these you would have more than 50,000 cards of your own."),
}
REASONS = {
    Reason.MEDIA: gettext_lazy("Media files: only texts are taken"),
    Reason.SOUNDS: gettext_lazy("Sounds, left out of the texts"),
    Reason.PICTURES: gettext_lazy("Pictures, left out of the texts"),
    Reason.OCCLUSION: gettext_lazy("Cards that hide a part of a picture"),
    Reason.TEMPLATE: gettext_lazy("Cards whose template Dojang cannot follow"),
    Reason.EMPTY: gettext_lazy("Cards without words on one side"),
    Reason.CUT: gettext_lazy("Cards with a very long text: taken, but cut"),
    Reason.FILTERED: gettext_lazy("Cards that lay in a filtered deck: taken, under their own deck"),
    Reason.MANUAL: gettext_lazy("Notes in the log that a card was moved by hand"),
    Reason.CRAMMED: gettext_lazy("Reviews that were not to count for the schedule"),
    Reason.FUTURE: gettext_lazy("Reviews with a date in the future"),
    Reason.ORPHANS: gettext_lazy("Reviews of cards that are not among those taken"),
    Reason.DOUBLE: gettext_lazy("Cards with the name of another card"),
    Reason.DAMAGED: gettext_lazy("Rows that make no sense"),
}


@never_cache
@require_http_methods(["GET", "POST"])
def anki(request: HttpRequest) -> HttpResponse:
    """Take my cards along, or bring some."""
    person, now = person_of(request), timezone.now()
    form = AnkiFileForm(request.POST, request.FILES) if request.method == "POST" else AnkiFileForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            done = commands.import_anki(person=person, file=file.file, name=file.name, now=now)
            return see_other("practice:anki-report", done.pk)
        except NotAnAnkiFile as refused:
            form.add_error("file", REFUSALS[refused.refusal])
        except commands.TooMuch as refused:
            form.add_error("file", TOO_MUCH[str(refused)])
    context = {
        "place": "practise",
        "crumbs": [{"label": _("Practise"), "url": reverse("practice:practise")}],
        "form": form,
        "decks": [(belt, tally.mine) for belt, tally in queries.decks(person=person, now=now) if tally.mine],
        "cards": queries.cards_held(person=person),
        "imports": queries.anki_imports(viewer=person),
    }
    return page(request, "practice/anki.html", context, status=422 if form.errors else 200)


@require_safe
def anki_deck(request: HttpRequest) -> HttpResponse:
    """The file: all of my cards, or those of a belt. Raises Http404 where there are none."""
    belt = request.GET.get("belt", "")
    if belt and belt not in {str(each) for each in handbook.DECKS}:
        raise Http404
    now = timezone.now()
    content = queries.anki_deck(person=person_of(request), belt=int(belt) if belt else None, now=now)
    if content is None:
        raise Http404
    name = f"dojang{f'-{belt}' if belt else ''}-{timezone.localdate(now).isoformat()}.apkg"
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "",  # noqa: FBT003
            "Cache-Control": "private, no-store",
        },
    )


@never_cache
@require_safe
def anki_report(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What was taken from a file, and what was not."""
    found = _found(request, import_id)
    brought = queries.cards_brought(done=found)
    context = {
        "place": "practise",
        "crumbs": _crumbs(),
        "done": found,
        "report": found.report,
        "untaken": [(REASONS.get(each["reason"], each["reason"]), each) for each in found.report["untaken"]],
        "brought": brought.count(),
        "practised": brought.filter(put_away_at__isnull=True).count(),
    }
    return page(request, "practice/anki_report.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def anki_put_away(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Take an import back, as far as it made cards."""
    found, now = _found(request, import_id), timezone.now()
    if request.method == "POST":
        number = commands.put_away_brought(person=person_of(request), import_id=import_id, now=now)
        told = ngettext("{n} card is put away.", "{n} cards are put away.", number).format(n=number)
        messages.success(request, told if number else _("Nothing was left to put away."))
        return see_other("practice:anki-report", import_id)
    number = queries.cards_brought(done=found).filter(put_away_at__isnull=True).count()
    crumbs = [*_crumbs(), {"label": found.file_name, "url": reverse("practice:anki-report", args=[import_id])}]
    context = {"place": "practise", "crumbs": crumbs, "done": found, "number": number}
    return page(request, "practice/anki_put_away.html", context)


def _found(request: HttpRequest, import_id: UUID) -> AnkiImport:
    try:
        return queries.anki_import(viewer=person_of(request), import_id=import_id)
    except AnkiImport.DoesNotExist:
        raise Http404 from None


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Practise"), "url": reverse("practice:practise")},
        {"label": _("Anki"), "url": reverse("practice:anki")},
    ]
