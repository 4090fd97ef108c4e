"""Pages of the roof: health, robots, the development pages and the refusals."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import views as sitemaps
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from learning.handbook import sitemaps as handbook
from project import demo, mail
from project.foundation import health as checks
from project.foundation.http import page, see_other
from project.foundation.http.pages import safe_next
from project.styleguide import samples

ERROR_PAGES = ("400", "403", "403_csrf", "404", "405", "429", "500", "offline")


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The process is alive. Asks nothing else, so a broken database never makes it restart."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Everything needed is there (200) or not (503). Strangers see the state only, operators the reasons."""
    found = checks.findings()
    state = checks.worst(found)
    body: dict[str, object] = {"status": state}
    if settings.DEBUG or _is_staff(request):
        body["checks"] = [{"name": each.name, "state": each.state, "reason": each.reason} for each in found]
    return JsonResponse(body, status=503 if state == "down" else 200)


def _is_staff(request: HttpRequest) -> bool:
    """Whoever cannot be recognised while the database is away is a stranger."""
    try:
        return bool(request.user.is_staff)
    except DatabaseError:
        return False


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    rule = "Allow: /" if settings.ROBOTS_ALLOW else "Disallow: /"
    where = f"Sitemap: {settings.PUBLIC_URL}{reverse('sitemap')}\n" if settings.SITEMAP else ""
    return HttpResponse(f"User-agent: *\n{rule}\n{where}", content_type="text/plain")


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Off unless a school wants to be found: the content is theirs."""
    if not settings.SITEMAP:
        raise Http404
    return sitemaps.sitemap(request, handbook.SITEMAPS)


@login_not_required
@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """What has no place of its own in the bar: search, language, theme, account."""
    return page(request, "more.html", {"place": "more"})


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Kept on the device by the browser's worker, and shown in the place of a page that is not."""
    return render(request, "offline.html")


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a device needs to know to install the hall like an app, in the reader's language."""
    said = {
        "id": "/",
        "name": "Dojang",
        "short_name": "Dojang",
        "description": _("The online training hall of an ITF Taekwon-Do school: techniques, tuls and belts."),
        "lang": get_language(),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#fcfaf6",
        "theme_color": "#fcfaf6",
        "categories": ["education", "sports"],
        "icons": [_icon(name, size, use) for name, size, use in ICONS],
        "shortcuts": [
            {"name": _("Practise"), "url": reverse("practice:practise")},
            {"name": _("Techniques"), "url": reverse("handbook:techniques")},
            {"name": _("Tuls"), "url": reverse("handbook:tuls")},
        ],
    }
    response = JsonResponse(said, content_type="application/manifest+json")
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


ICONS = (("icon", 192, "any"), ("icon", 512, "any"), ("maskable", 512, "maskable"))


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    src = static(f"icons/{name}-{size}.png")
    return {"src": src, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or (without the cookie) as the device says."""
    response = see_other(safe_next(request))
    if (chosen := request.POST.get("theme", "")) in {"light", "dark"}:
        response.set_cookie("theme", chosen, max_age=365 * 24 * 3600, samesite="Lax", secure=settings.HTTPS)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@login_not_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state; for development and staff."""
    if not (settings.DEBUG or request.user.is_staff):
        raise Http404
    return page(request, "styleguide.html", {"place": "more"} | samples())


@login_not_required
@require_safe
def error_page(request: HttpRequest, name: str) -> HttpResponse:
    """Our error pages, to be looked at; in development Django shows its own instead."""
    if name not in ERROR_PAGES or not (settings.DEBUG or request.user.is_staff):
        raise Http404
    return render(request, f"{name}.html")


@login_not_required
@require_safe
def sent_mail(request: HttpRequest) -> HttpResponse:
    """In development: what would have been mailed."""
    if not settings.DEBUG:
        raise Http404
    return page(request, "dev/mail.html", {"letters": mail.sent(settings.MAIL_DIR), "place": "more"})


@login_not_required
@never_cache
@require_safe
def one_time_codes(request: HttpRequest) -> HttpResponse:
    """In development: what the authenticator apps of the demo cast would show."""
    if not settings.DEBUG:
        raise Http404
    now = timezone.now()
    codes = [(person, person.code(now=now)) for person in demo.CAST if person.secret]
    return page(request, "dev/codes.html", {"codes": codes, "place": "more"})


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
