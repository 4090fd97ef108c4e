from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import commands, queries
from project.foundation.http import page, see_other


@never_cache
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Where I am signed in."""
    assert request.user.is_authenticated
    places = queries.places_of(person=request.user, session_key=request.session.session_key, now=timezone.now())
    others = [place.mark for place in places if not place.is_here]
    return page(request, "usersessions/sessions.html", {"places": places, "others": others, "place": "more"})


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Sign me out in the places that the form names; this browser is left by signing out."""
    assert request.user.is_authenticated
    here = queries.mark_of(session_key=request.session.session_key or "")
    marks = frozenset(request.POST.getlist("place")) - {here}
    if commands.end_sessions(person=request.user, marks=marks, now=timezone.now()):
        messages.success(request, _("Signed out there."))
    return see_other("usersessions_list")
