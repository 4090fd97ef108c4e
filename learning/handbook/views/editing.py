"""The editor's pages: what is written, how it came to be, and when it becomes valid."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries as people
from learning.handbook import commands, queries
from learning.handbook.forms import Comparison, EditorFilter, EntryForm, PublicationForm, labels
from learning.handbook.queries import editing as reads
from project.foundation.http import filters, page, see_other
from project.foundation.http.paging import paged

from . import kinds
from .differences import differences
from .kinds import Kind

View = Callable[..., HttpResponse]


def for_editors(view: View) -> View:
    """Everybody else is refused (403), and no robot keeps what it sees here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        people.require_role(people.Role.EDITOR, person=request.user)
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return guarded


@for_editors
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    found = reads.desk(viewer=request.user, now=timezone.now())
    context = {
        "kinds": kinds.KINDS.values(),
        "drafts": [(*kinds.of(line.edition), line) for line in found.drafts],
        "scheduled": [(*kinds.of(line.edition), line) for line in found.scheduled],
        "lately": [(*kinds.of_event(deed), deed) for deed in found.lately],
    }
    return _page(request, "desk", context)


@for_editors
@require_safe
def entries(request: HttpRequest, kind: str) -> HttpResponse:
    about, now, chosen = kinds.named(kind), timezone.now(), EditorFilter(request.GET)
    context = {"kind": about, "filter": chosen}
    if not chosen.is_valid():
        return _page(request, "entries", context, fragment="found", status=422)
    rows = paged(
        request, reads.identities(about.model, viewer=request.user, now=now, **chosen.cleaned_data), per_page=50
    )
    context |= {
        "groups": [filters.links(request, chosen["state"])] if about.has_editions else [],
        "pager": replace(rows, items=[(kinds.of(each)[1], reads.standing(each, now=now)) for each in rows.items]),
    }
    return _page(request, "entries", context, fragment="found")


@for_editors
@require_safe
def entry(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    about, identity = _found(request, kind, key)
    if about.has_editions:
        lines = reads.history(identity=identity, viewer=request.user, now=timezone.now())
        context = {"lines": lines, "newest": lines[0].edition if lines else None}
        context["draft"] = next((line for line in lines if line.state is reads.State.DRAFT), None)
        context["valid"] = next((line for line in lines if line.state is reads.State.VALID), None)
        context["chosen"] = _two(lines)
    else:
        context = {"newest": identity, "trail": reads.trail(of=identity, viewer=request.user)}
    return _page(request, "entry", context | {"kind": about, "key": key})


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    return _writing(request, kinds.named(kind), None)


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    return _writing(request, *_found(request, kind, key))


def _writing(request: HttpRequest, kind: Kind, identity: Any) -> HttpResponse:
    """The form of an entry: shown, previewed, or saved."""
    begins = reads.newest(identity) if identity and kind.has_editions else identity
    form = EntryForm(
        _typed(request),
        shape=kind.shape,
        entry=queries.entry_of(begins) if begins else None,
        fixed={kind.key: kinds.of(identity)[1]} if identity else None,
    )
    context = {"kind": kind, "form": form, "identity": identity, "begins": begins, "mark": reads.mark_of(begins)}
    context |= {"key": kinds.of(identity)[1] if identity else "", "has_preview": form.long_fields()}
    context["began_with"] = request.POST.get("began_with", context["mark"])
    if "preview" in request.POST:
        context["rendered"] = [(lang, labels.LANGUAGES[lang], {lang: text}) for lang, text in form.long_texts()]
    elif form.is_valid() and (saved := _save(request, kind, form, context)):
        return saved
    return _page(request, "draft", context, status=422 if form.errors or "overtaken" in context else 200)


def _save(request: HttpRequest, kind: Kind, form: EntryForm, context: dict[str, Any]) -> HttpResponse | None:
    """Save what is written; None when it was refused, and then form or context say why."""
    save = commands.save_draft if kind.has_editions else commands.save_term
    try:
        saved = save(entry=form.entry, began_with=_began_with(request), editor=request.user, now=timezone.now())
    except commands.NoSuchReference as missing:
        form.say_not_there(str(missing).split(", "))
    except commands.Overtaken:
        if context["identity"] is None:
            form.add_error(kind.key, _("There is one of this name already."))
        else:
            context["overtaken"] = next(iter(reads.trail(of=context["identity"], viewer=request.user)), None)
    else:
        return _saved(request, kind, str(getattr(form.entry, kind.key)), saved)
    return None


def _saved(request: HttpRequest, kind: Kind, key: str, saved: Any) -> HttpResponse:
    if kind.has_editions:
        messages.success(request, _("The draft is saved. Nobody but editors sees it yet."))
        return see_other("handbook:editor-edition", kind.name, key, saved.version)
    messages.success(request, _("Saved. Everybody sees it now.") if saved else _("Nothing was different."))
    return see_other("handbook:editor-entry", kind.name, key)


@for_editors
@require_safe
def edition(request: HttpRequest, kind: str, key: str, version: int) -> HttpResponse:
    """An edition as the readers' page shows it, with a word above about which one it is."""
    about, identity = _found(request, kind, key)
    found, now = _edition(request, identity, version), timezone.now()
    assert about.context is not None
    context = {"kind": about, "key": key, "edition": found, "state": reads.state(found, now=now), "place": "more"}
    return page(request, "handbook/editor/edition.html", {**about.context(found, now), **context})


@for_editors
@require_safe
def changes(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    about, identity = _found(request, kind, key)
    if not about.has_editions:
        raise Http404
    lines = reads.history(identity=identity, viewer=request.user, now=timezone.now())
    form = Comparison(request.GET or _two(lines))
    context = {"kind": about, "key": key, "form": form}
    if not form.is_valid():
        return _page(request, "changes", context, status=422)
    by_version = {line.edition.version: line for line in lines}
    pair = [by_version.get(form.cleaned_data[name]) for name in ("before", "after")]
    if None in pair:
        raise Http404
    context |= {"pair": pair, "differences": differences(*(queries.entry_of(line.edition) for line in pair if line))}
    return _page(request, "changes", context)


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def publication(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """From when on a draft is valid. What is published is the draft that the page has shown, no later one."""
    about, identity = _found(request, kind, key)
    now = timezone.now()
    found = reads.newest(identity) if about.has_editions else None
    if found is None or not found.is_draft:
        return _page(request, "no_draft", {"kind": about, "key": key}, status=404)
    form = PublicationForm(_typed(request), now=now)
    if form.is_valid() and (done := _publish(request, found, form, now)):
        return done
    valid = reads.valid(identity, now=now)
    context = {"kind": about, "key": key, "form": form, "edition": found, "valid": valid}
    context["zone"] = timezone.get_current_timezone_name().replace("_", " ")
    context["differences"] = differences(queries.entry_of(valid), queries.entry_of(found)) if valid else None
    return _page(request, "publication", context, status=422 if form.errors else 200)


def _publish(request: HttpRequest, found: Any, form: PublicationForm, now: Any) -> HttpResponse | None:
    kind, key = kinds.of(found)
    if request.POST.get("draft") != str(found.pk):
        form.add_error(None, _("The draft has changed since you looked at it. Below is what it says now."))
        return None
    valid_from = form.valid_from()
    try:
        commands.publish_edition(edition=found, valid_from=valid_from, editor=request.user, now=now)
    except commands.TooEarly:
        form.add_error(
            None, _("Another edition is published for this instant or a later one. Take that one back first.")
        )
    except commands.NothingToPublish:
        form.add_error(None, _("Somebody else has just published this draft or thrown it away."))
    else:
        is_now = valid_from == now
        messages.success(request, _("Published. Everybody sees it now.") if is_now else _("It is scheduled."))
        return see_other("handbook:editor-entry", kind.name, key)
    return None


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def removal(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Throw a draft away: the very one that was shown."""
    about, identity = _found(request, kind, key)
    found = reads.newest(identity) if about.has_editions else None
    if found is None or not found.is_draft:
        return _page(request, "no_draft", {"kind": about, "key": key}, status=404)

    def act() -> HttpResponse:
        if _began_with(request) != found.pk:
            raise commands.Overtaken
        commands.discard_draft(edition=found, editor=request.user, now=timezone.now())
        messages.success(request, _("The draft is gone."))
        return see_other("handbook:editor-entry", about.name, key)

    return _asked(request, "removal", about, found, act)


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def withdrawal(request: HttpRequest, kind: str, key: str, version: int) -> HttpResponse:
    """Take a scheduled edition back."""
    about, identity = _found(request, kind, key)
    found = _edition(request, identity, version)

    def act() -> HttpResponse:
        commands.take_back(edition=found, began_with=_began_with(request), editor=request.user, now=timezone.now())
        messages.success(request, _("It is a draft again."))
        return see_other("handbook:editor-entry", about.name, key)

    return _asked(request, "withdrawal", about, found, act)


@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def restoration(request: HttpRequest, kind: str, key: str, version: int) -> HttpResponse:
    """Make a draft that says what an old edition said."""
    about, identity = _found(request, kind, key)
    found = _edition(request, identity, version)

    def act() -> HttpResponse:
        made = commands.restore_edition(
            edition=found, began_with=_began_with(request), editor=request.user, now=timezone.now()
        )
        messages.success(request, _("The draft is saved. Nobody but editors sees it yet."))
        return see_other("handbook:editor-edition", about.name, key, made.version)

    return _asked(request, "restoration", about, found, act)


def _asked(request: HttpRequest, deed: str, kind: Kind, found: Any, act: Callable[[], HttpResponse]) -> HttpResponse:
    """A question before something happens: asked by GET, answered by POST."""
    refused = ""
    if request.method == "POST":
        try:
            return act()
        except commands.Overtaken:
            refused = _("Somebody else has changed something meanwhile. Look at what there is now, then decide again.")
        except commands.NotScheduled:
            refused = _(
                "This edition is valid already, or is a draft; only one that is still to come can be taken back."
            )
        except commands.NothingToPublish:
            refused = _("Somebody else has just published this draft or thrown it away.")
    newest = reads.newest(found.identity)
    context = {"kind": kind, "key": kinds.of(found)[1], "edition": found, "deed": deed, "refused": refused}
    context |= {"mark": reads.mark_of(newest), "draft": newest if newest is not None and newest.is_draft else None}
    return _page(request, "question", context, status=422 if refused else 200)


def _page(request: HttpRequest, name: str, context: dict[str, Any], **how: Any) -> HttpResponse:
    return page(request, f"handbook/editor/{name}.html", {"place": "more"} | context, **how)


def _two(lines: Sequence[reads.Line]) -> dict[str, int]:
    """The two editions that are compared most often: what is valid, or else the one before, and the newest."""
    versions = [line.edition.version for line in lines]
    valid = [line.edition.version for line in lines if line.state is reads.State.VALID]
    return {"from": [*(each for each in valid if each != versions[0]), *versions[1:], 0][0], "to": [*versions, 0][0]}


def _typed(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _began_with(request: HttpRequest) -> int | None:
    """What the editor began with, or has said on purpose to save over; anything else fits nothing that is there."""
    given = request.POST.get("over", request.POST.get("began_with", ""))
    return int(given) if given.isdecimal() else None


def _found(request: HttpRequest, kind: str, key: str) -> tuple[Kind, Any]:
    about = kinds.named(kind)
    try:
        return about, reads.identity(about.model, key=key, viewer=request.user)
    except ObjectDoesNotExist:
        raise Http404 from None


def _edition(request: HttpRequest, identity: Any, version: int) -> Any:
    try:
        return reads.edition(identity=identity, version=version, viewer=request.user)
    except (ObjectDoesNotExist, AttributeError):  # words have no editions
        raise Http404 from None
