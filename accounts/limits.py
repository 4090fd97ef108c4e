"""Limits that suit a hall: thirty pupils behind one address come in within a minute, and whoever guesses is stopped.

Tries are counted by address, by device and by account (rules/limits.py). A device is a signed cookie, after OWASP's
"Slow Down Online Guessing Attacks with Device Cookies": it names the accounts that were opened with it, and only those
are counted apart. So a guesser with many addresses soon meets a shut door, and the owner beside them does not.

    if refused := limits.refusal(request, action="code", account=club_and_pupil):
        return refused                                                   # 429, in the shape that was asked for
    if not …:
        limits.failed(request, action="code", account=club_and_pupil)     # else the try is given back with the answer
    limits.remember(request, account=club_and_pupil)                     # after signing in: this device has opened it

`account` is whatever names the account to whoever tries: an address in small letters, a pupil's id. Only a hash of it
is kept. `join` and `sign_up` need none. Without Redis nothing is counted and everything goes on.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

from project.foundation.http import throttling
from project.foundation.http.sessions import ForgivingCache

from .rules import limits as rules

COOKIE = "device"
COOKIE_SECONDS = 400 * 24 * 3600
"""As long as browsers keep a cookie at most."""
ACCOUNTS_KEPT = 40


@dataclass(frozen=True)
class Device:
    """What a browser, or an app that keeps cookies, is known by: a random name and the accounts opened with it."""

    name: str
    accounts: tuple[str, ...] = ()

    def knows(self, account: str) -> bool:
        return self.mark(account) in self.accounts

    def mark(self, account: str) -> str:
        """The account, in a way that only this device and this hall together can tell."""
        return salted_hmac("accounts.device", f"{self.name} {account}", algorithm="sha256").hexdigest()[:12]


def refusal(request: HttpRequest, *, action: str, account: str = "") -> HttpResponse | None:
    """Count a try; the answer 429 when it is one too many, else None."""
    device = device_of(request)
    is_known = bool(account) and device.knows(account)
    for limit in rules.limits(action=action, ceilings=settings.LIMITS):
        if not rules.holds(limit, is_known=is_known) or (limit.per is rules.Per.ACCOUNT and not account):
            continue
        standing = throttling.taken(
            scope=_scope(action, limit),
            who=_who(request, limit, account=account, device=device, is_known=is_known),
            limit=limit.amount,
            seconds=limit.seconds,
        )
        if standing is None:
            continue
        if standing.is_over:
            throttling.THROTTLED.labels(action).inc()
            return refused(request, seconds=standing.reset, is_account=limit.per is rules.Per.ACCOUNT)
        if limit.of_failures:
            _to_give_back(request).setdefault((action, account), []).append(standing)
    return None


def failed(request: HttpRequest, *, action: str, account: str = "") -> None:
    """The try went wrong: what it took stays taken."""
    _to_give_back(request).pop((action, account), None)


def settle(request: HttpRequest) -> None:
    """Every try of this request that nobody called a failure is given back (middleware.Door, with the answer)."""
    tries = _to_give_back(request)
    for standings in tries.values():
        for standing in standings:
            throttling.give_back(standing)
    tries.clear()


def forgive(request: HttpRequest, *, account: str) -> None:
    """Somebody proved in another way, by a letter, that the account is theirs: guesses at it are forgotten."""
    guesses = rules.GUESSES
    for who in (account, f"{device_of(request).name} {account}"):
        throttling.forget(
            scope=_scope("sign_in", guesses), who=_hashed(who), limit=guesses.amount, seconds=guesses.seconds
        )


def refused(request: HttpRequest, *, seconds: int, is_account: bool = False) -> HttpResponse:
    """429, and on a page what to do about it: whoever is shut out of an account gets in by a letter."""
    return throttling.too_many(
        request, why=f"Too many tries. Try again in {seconds} s.", seconds=seconds,
        template="account/too_many_tries.html", context={"is_account": is_account},
    )  # fmt: skip


class ForgetfulCache(ForgivingCache):
    """Where allauth counts what it counts by itself (codes, letters): without Redis it remembers nothing."""

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        is_first = True  # so says a cache that has forgotten everything
        return bool(self._unless_silent(is_first, super().add, key, value, *args, **kwargs))

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._unless_silent(None, super().delete, key, *args, **kwargs))


# --- Devices --------------------------------------------------------------------------------------


def device_of(request: HttpRequest) -> Device:
    """The device that asks; one that has no cookie yet is given one with the answer."""
    device = request.__dict__.get("device")
    if device is None:
        device = _read(request) or Device(secrets.token_urlsafe(12))
        request.__dict__["device"] = device
    return device


def remember(request: HttpRequest, *, account: str) -> None:
    """This device has opened this account. Forty are kept, the last ones: a tablet of the hall knows its class."""
    device = device_of(request)
    mark = device.mark(account)
    others = tuple(each for each in device.accounts if each != mark)
    request.__dict__["device"] = Device(device.name, (mark, *others)[:ACCOUNTS_KEPT])


def give_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    device = request.__dict__.get("device")
    if device is None or device == _read(request):
        return
    response.set_cookie(
        COOKIE, signing.dumps([device.name, *device.accounts], salt="accounts.device"), max_age=COOKIE_SECONDS,
        httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def _read(request: HttpRequest) -> Device | None:
    try:
        name, *accounts = signing.loads(request.COOKIES.get(COOKIE, ""), salt="accounts.device", max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return None
    return Device(name, tuple(accounts))


# --- Counting -------------------------------------------------------------------------------------


def _scope(action: str, limit: rules.Limit) -> str:
    return f"{action}{' failed' if limit.of_failures else ''} per {limit.per}"


def _who(request: HttpRequest, limit: rules.Limit, *, account: str, device: Device, is_known: bool) -> str:
    match limit.per:
        case rules.Per.ADDRESS:
            return throttling.at(request)
        case rules.Per.DEVICE:
            return device.name
        case rules.Per.ACCOUNT:
            return _hashed(f"{device.name} {account}" if is_known else account)


def _hashed(name: str) -> str:
    return salted_hmac("accounts.limits", name, algorithm="sha256").hexdigest()


def _to_give_back(request: HttpRequest) -> dict[tuple[str, str], list[throttling.Standing]]:
    tries: dict[tuple[str, str], list[throttling.Standing]] = request.__dict__.setdefault("tries", {})
    return tries
