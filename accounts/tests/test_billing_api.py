"""Plans, entitlements and advertisements for the app."""

from datetime import timedelta
from uuid import UUID, uuid4

import jwt
import pytest
from allauth.headless.tokens.strategies.jwt import internal
from django.conf import settings as configured
from django.utils import timezone

from accounts.models import AdImpression
from accounts.tests.clubs import SubscriptionFactory, a_club, joined

pytestmark = pytest.mark.django_db

API = "/api/v1"


@pytest.fixture
def app(client, rf):
    """Asks in somebody's name as the app does, by an access token and no cookie."""

    def asks(person):
        client.force_login(person)
        token = internal.create_access_token(person, client.session, {})
        client.cookies.clear()
        return lambda method, path, **more: getattr(client, method)(
            f"{API}{path}", headers={"Authorization": f"Bearer {token}"}, **more
        )

    return asks


PERSONAL = ["/billing/me", "/billing/entitlements/token", f"/ads/should-show?session={UUID(int=7)}"]


class TestWhoAsks:
    @pytest.mark.parametrize("path", PERSONAL)
    def test_strangers_and_cookies_are_not_answered(self, client, signed_in, path):
        assert signed_in.get(f"{API}{path}").status_code == 401
        client.logout()
        answer = client.get(f"{API}{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")

    def test_the_plans_are_for_everybody(self, client):
        items = client.get(f"{API}/billing/plans").json()["items"]
        assert [(each["key"], each["price"]["minor"], each["trial_days"], each["seats_max"]) for each in items] == [
            ("free", 0, 0, 0), ("pro", 1499, 7, 0), ("club", 5900, 14, 20),
        ]  # fmt: skip


class TestMine:
    def test_without_a_plan(self, app, ben):
        assert app(ben)("get", "/billing/me").json() == {
            "plan": "free", "subscription": None, "entitlements": ["export_pdf"],
        }  # fmt: skip

    def test_with_one(self, app, ada):
        club = a_club(ada, seats=3, paid=3)
        said = app(ada)("get", "/billing/me").json()
        assert said["plan"] == "club"
        assert said["subscription"] == {
            "plan": "club", "provider": "manual", "status": "active", "current_period_end": None, "renews": True,
            "seats": 3, "club": str(club.pk),
        }  # fmt: skip
        assert len(said["entitlements"]) == 5

    def test_a_seat_allows_without_a_plan_of_ones_own(self, app, ada, ben):
        joined(a_club(ada), ben)
        said = app(ben)("get", "/billing/me").json()
        assert (said["plan"], said["subscription"]) == ("free", None)
        assert said["entitlements"] == ["export_pdf", "no_ads", "offline_video"]


class TestToken:
    def test_it_holds_without_asking_again(self, app, client, ben):
        SubscriptionFactory(person=ben, plan="pro", seats=0)
        answer = app(ben)("get", "/billing/entitlements/token").json()
        keys = jwt.PyJWKSet.from_dict(client.get("/.well-known/jwks.json").json())
        token = answer["token"]
        key = keys[jwt.get_unverified_header(token)["kid"]]
        said = jwt.decode(token, key, ["EdDSA"], audience="dojang-app", issuer=configured.PUBLIC_URL)
        assert "no_ads" in said["entitlements"]
        assert answer["expires_in"] == 300

    def test_not_configured_is_said_with_how(self, app, ben, settings):
        asks = app(ben)
        settings.APP_ENV = "production"
        answer = asks("get", "/billing/entitlements/token")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")
        assert "ENTITLEMENT_SIGNING_KEY" in answer.json()["detail"]


class TestAds:
    def tell(self, asks, **change):
        body = {"id": str(uuid4()), "session": str(uuid4()), "shown_at": timezone.now().isoformat()} | change
        return asks("post", "/ads/impressions", data=body, content_type="application/json")

    def test_one_that_was_shown_makes_the_next_wait(self, app, ben):
        asks, session = app(ben), str(uuid4())
        path = f"/ads/should-show?session={session}"
        assert asks("get", path).json() == {"should_show": True, "reason": None}
        assert self.tell(asks, session=session).status_code == 200
        assert asks("get", path).json() == {"should_show": False, "reason": "cooldown"}

    def test_told_twice_it_counts_once(self, app, ben):
        asks, which = app(ben), str(uuid4())
        first, again = self.tell(asks, id=which), self.tell(asks, id=which)
        assert first.json() == again.json()
        assert AdImpression.objects.count() == 1

    def test_anothers_id_is_taken(self, app, ben, cleo):
        which = str(uuid4())
        self.tell(app(ben), id=which)
        answer = self.tell(app(cleo), id=which)
        assert (answer.status_code, answer.json()["code"]) == (409, "taken")

    @pytest.mark.parametrize("off", [timedelta(days=-2), timedelta(minutes=6)])
    def test_another_time_cannot_be(self, app, ben, off):
        answer = self.tell(app(ben), shown_at=(timezone.now() + off).isoformat())
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")

    def test_thirty_a_minute(self, app, ben, settings):
        settings.THROTTLES = settings.THROTTLES | {"ads": 2}
        asks = app(ben)
        path = f"/ads/should-show?session={uuid4()}"
        assert [asks("get", path).status_code for _ in range(3)] == [200, 200, 429]
