import pytest


@pytest.fixture
def patient(settings):
    """Codes of the half minutes before and after are good too, so that no test falls into the moment of change."""
    settings.MFA_TOTP_TOLERANCE = 1
