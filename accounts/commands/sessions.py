"""Ending sessions, and turning the tokens of the app."""

from datetime import datetime, timedelta

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.module_loading import import_string

from accounts import queries
from accounts.models import User
from accounts.rules.tokens import Turn, turn

from .people import record_at_the_door
from .telling import tell

_TURNED = ("last_seen_at", "data", "user_agent", "ip")


class TokenReused(Exception):
    """A refresh token was shown that had been turned before: somebody else has it. The session is ended by now."""


class SessionEnded(Exception):
    """There is no such session, or it is not theirs."""


def turn_token(*, session_key: str, person: User, generation: int, app: str, ip: str, now: datetime) -> int:
    """The generation of the next refresh token of a session. Raises TokenReused or SessionEnded.

    The row of the session is locked: of two requests with one token, one turns it and the other repeats or is reuse.
    """
    with transaction.atomic(durable=True):
        place = UserSession.objects.select_for_update(of=("self",)).filter(session_key=session_key, user=person).first()
        if place is None:
            raise SessionEnded
        said = place.data.get("tokens", {})
        newest = int(said.get("generation", 0))
        at = said.get("turned_at")
        decided = turn(
            generation=generation,
            newest=newest,
            turned_at=datetime.fromisoformat(at) if at else None,
            is_same_app=said.get("app") == app,
            now=now,
        )
        if decided is Turn.NEXT:
            newest = generation + 1
            place.data["tokens"] = {"generation": newest, "turned_at": now.isoformat(), "app": app}
            place.last_seen_at, place.user_agent, place.ip = now, app, ip
            place.save(update_fields=_TURNED)
            ends_at = now + timedelta(days=settings.JWT_REFRESH_DAYS)
            Session.objects.filter(session_key=session_key).update(expire_date=ends_at)
        elif decided is Turn.REUSED:
            _end(place)
            facts = {"generation": generation, "newest": newest}
            record_at_the_door(type="token.reused", person=person, by=None, now=now, facts=facts)
            tell(person=person, kind="token_reused", facts={}, now=now)
    if decided is Turn.REUSED:
        raise TokenReused
    return newest


@transaction.atomic
def end_sessions(*, person: User, marks: frozenset[str], now: datetime) -> int:
    """Sign somebody out where they say (queries.mark_of): in a browser at its next click, in the app at once too.

    Says how many there were; what is not theirs is not found.
    """
    mine = UserSession.objects.select_for_update(of=("self",)).filter(user=person).order_by("pk")
    ending = [place for place in mine if queries.mark_of(session_key=place.session_key) in marks]
    for place in ending:
        _end(place)
    if ending:
        facts = {"sessions": len(ending)}
        record_at_the_door(type="session.ended", person=person, by=person.actor_id, now=now, facts=facts)
    return len(ending)


@transaction.atomic
def forget_session(*, session_key: str) -> None:
    """Somebody signed out: the place is no more in their list."""
    UserSession.objects.filter(session_key=session_key).delete()


def saw_session(*, session_key: str, app: str, ip: str, now: datetime) -> None:
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=now, user_agent=app, ip=ip)


def forget_sessions(*, now: datetime) -> int:
    """Sessions that ran out, and where and with what they were: nobody needs to know any more. Says how many places."""
    Session.objects.filter(expire_date__lte=now).delete()
    open_one = Session.objects.filter(session_key=OuterRef("session_key"))
    gone, _ = UserSession.objects.filter(~Exists(open_one)).delete()
    return gone


def _end(place: UserSession) -> None:
    """In the cache too, and from it only if it answers: a session that was ended must not come back with Redis."""
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    store(place.session_key).delete()
    place.delete()


def erase_places(*, person: User, now: datetime) -> None:
    """Where and with what they were signed in (foundation.privacy); the sessions themselves are another part."""
    UserSession.objects.filter(user=person).delete()


def erase_accounts_elsewhere(*, person: User, now: datetime) -> None:
    SocialAccount.objects.filter(user=person).delete()
