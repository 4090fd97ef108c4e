"""The pages that everybody reads."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts import queries as people
from learning.handbook import queries, sheets
from learning.handbook.forms import ArticleFilter, SearchFilter, TechniqueFilter, TermFilter, TulFilter
from learning.handbook.models import (
    ExamSyllabusEdition,
    GlossaryTerm,
    TechniqueEdition,
    TheoryArticleEdition,
    TulEdition,
)
from learning.handbook.picture import moment, picture
from project.foundation.belts import Belt
from project.foundation.http import filters, page
from project.foundation.http.paging import paged
from project.foundation.http.throttling import throttled


@login_not_required
@require_safe
def handbook(request: HttpRequest) -> HttpResponse:
    """What there is to look up."""
    return page(request, "handbook/handbook.html", {"place": "handbook"})


@login_not_required
@require_safe
def techniques(request: HttpRequest) -> HttpResponse:
    chosen = TechniqueFilter(request.GET)
    context = {"filter": chosen, "place": "handbook"}
    if not chosen.is_valid():
        return page(request, "handbook/techniques.html", context, fragment="found", status=422)
    wanted = chosen.cleaned_data | {"ordering": chosen.cleaned_data["ordering"] or "belt"}
    context |= {
        "groups": [filters.links(request, chosen[name]) for name in ("category", "belt", "ordering")],
        "pager": paged(request, queries.techniques(now=timezone.now(), **wanted)),
    }
    return page(request, "handbook/techniques.html", context, fragment="found")


@login_not_required
@require_safe
def technique(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = queries.technique(slug=slug, now=now)
    except TechniqueEdition.DoesNotExist:
        raise Http404 from None
    context = {
        "technique": found,
        "uses": queries.uses(technique=found, now=now),
        "related": queries.related_techniques(technique=found, now=now),
        "place": "handbook",
    }
    return page(request, "handbook/technique.html", context)


@login_not_required
@require_safe
def tuls(request: HttpRequest) -> HttpResponse:
    chosen = TulFilter(request.GET)
    context = {"filter": chosen, "place": "handbook"}
    if not chosen.is_valid():
        return page(request, "handbook/tuls.html", context, fragment="found", status=422)
    context |= {
        "groups": [filters.links(request, chosen[name]) for name in ("kind", "belt")],
        "pager": paged(request, queries.tuls(now=timezone.now(), **chosen.cleaned_data), per_page=30),
    }
    return page(request, "handbook/tuls.html", context, fragment="found")


@login_not_required
@require_safe
def tul(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        sheet = queries.tul(slug=slug, now=timezone.now())
    except TulEdition.DoesNotExist:
        raise Http404 from None
    return page(request, "handbook/tul.html", {"sheet": sheet, "picture": picture(sheet), "place": "handbook"})


@login_not_required
@require_safe
def tul_floor(request: HttpRequest, slug: str, movement: int) -> HttpResponse:
    """A picture of the floor after a movement, for cards and questions; 0 is before the first."""
    try:
        drawn = moment(queries.tul(slug=slug, now=timezone.now()), movement)
    except TulEdition.DoesNotExist:
        raise Http404 from None
    if drawn is None:
        raise Http404
    response = render(request, "handbook/floor.svg", {"moment": drawn}, content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@login_not_required
@require_safe
def belts(request: HttpRequest) -> HttpResponse:
    context = {"syllabi": queries.syllabi(now=timezone.now()), "place": "handbook"}
    return page(request, "handbook/belts.html", context)


@login_not_required
@require_safe
def belt(request: HttpRequest, number: int) -> HttpResponse:
    now = timezone.now()
    try:
        syllabus = queries.syllabus(belt=number, now=now)
    except ExamSyllabusEdition.DoesNotExist:
        raise Http404 from None
    gradings = {each.identity.belt for each in queries.syllabi(now=now)}
    context = {
        "syllabus": syllabus,
        "previous": number + 1 if number + 1 in gradings else None,
        "next": number - 1 if number - 1 in gradings else None,
        "place": "handbook",
    }
    return page(request, "handbook/belt.html", context)


@login_not_required
@require_safe
@throttled("search_page")
def search(request: HttpRequest) -> HttpResponse:
    """Answers as one types: whole, as the list below the box of the page, or as suggestions of the box in the head."""
    chosen = SearchFilter(request.GET)
    context = {"filter": chosen, "place": "handbook"}
    if not chosen.is_valid():
        return page(request, "handbook/search.html", context, fragment="found", status=422)
    wanted = chosen.cleaned_data
    suggesting = request.GET.get("as") == "suggestions"
    asked = queries.Asked(
        now=timezone.now(), kinds=[wanted["type"]] if wanted["type"] else [], belt=wanted["belt"],
        category=wanted["category"],
    )  # fmt: skip
    groups = ["type", "category", "belt"] if wanted["type"] == "technique" else ["type", "belt"]
    context |= {
        "q": wanted["q"],
        "groups": [filters.links(request, chosen[name]) for name in groups],
        "found": queries.search(q=wanted["q"], asked=asked, language=get_language(), limit=8 if suggesting else 40),
    }
    return page(request, "handbook/search.html", context, fragment="suggestions" if suggesting else "found")


@login_not_required
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    chosen = TermFilter(request.GET)
    context = {"filter": chosen, "place": "handbook"}
    if not chosen.is_valid():
        return page(request, "handbook/glossary.html", context, fragment="found", status=422)
    context |= {
        "groups": [filters.links(request, chosen["topic"])],
        "pager": paged(request, queries.terms(now=timezone.now(), **chosen.cleaned_data), per_page=60),
    }
    return page(request, "handbook/glossary.html", context, fragment="found")


@login_not_required
@require_safe
def term(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = queries.term(slug=slug)
    except GlossaryTerm.DoesNotExist:
        raise Http404 from None
    others = [each for each in queries.terms(now=now, topic=found.topic) if each.pk != found.pk]
    return page(request, "handbook/term.html", {"term": found, "others": others, "place": "handbook"})


@login_not_required
@require_safe
def theory(request: HttpRequest) -> HttpResponse:
    chosen = ArticleFilter(request.GET)
    context = {"filter": chosen, "place": "handbook"}
    if not chosen.is_valid():
        return page(request, "handbook/theory.html", context, fragment="found", status=422)
    context |= {
        "groups": [filters.links(request, chosen["topic"])],
        "articles": queries.articles(now=timezone.now(), **chosen.cleaned_data),
    }
    return page(request, "handbook/theory.html", context, fragment="found")


@login_not_required
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = queries.article(slug=slug, now=now)
    except TheoryArticleEdition.DoesNotExist:
        raise Http404 from None
    others = [each for each in queries.articles(now=now, topic=found.topic) if each.pk != found.pk]
    return page(request, "handbook/article.html", {"article": found, "others": others, "place": "handbook"})


@require_safe
def tul_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    if "export_pdf" not in people.entitlements(person=request.user):
        return _no_sheet(request, reverse("handbook:tul", args=[slug]))
    now = timezone.now()
    try:
        sheet = queries.tul(slug=slug, now=now)
    except TulEdition.DoesNotExist:
        raise Http404 from None
    return _sheet(sheets.tul(sheet, day=timezone.localdate(now)), name=slug)


@require_safe
def belt_sheet(request: HttpRequest, number: int) -> HttpResponse:
    if "export_pdf" not in people.entitlements(person=request.user):
        return _no_sheet(request, reverse("handbook:belt", args=[number]))
    now = timezone.now()
    try:
        syllabus = queries.syllabus(belt=number, now=now)
    except ExamSyllabusEdition.DoesNotExist:
        raise Http404 from None
    belt = Belt(number)
    name = f"{belt.kup}-kup" if belt.kup else f"{belt.dan}-dan"
    return _sheet(sheets.syllabus(syllabus, day=timezone.localdate(now)), name=name)


def _sheet(pdf: bytes, *, name: str) -> HttpResponse:
    named = content_disposition_header(as_attachment=True, filename=f"dojang-{name}-{get_language()}.pdf")
    headers = {"Content-Disposition": named, "Cache-Control": "private"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _no_sheet(request: HttpRequest, back: str) -> HttpResponse:
    return page(request, "handbook/no_sheet.html", {"back": back}, status=403)
