import pytest

from accounts import commands
from accounts.models import OutgoingMail


@pytest.fixture
def patient(settings):
    """Codes of the half minutes before and after are good too, so that no test falls into the moment of change."""
    settings.MFA_TOTP_TOLERANCE = 1


@pytest.fixture(autouse=True)
def _letters_leave_at_once(monkeypatch):
    """Letters are sent by a job; here it is as if it had run already."""
    post = commands.post_mail

    def post_and_send(**said):
        post(**said)
        for letter in OutgoingMail.objects.all():
            commands.send_mail(letter_id=letter.pk)

    monkeypatch.setattr(commands, "post_mail", post_and_send)
