"""What the request log must never hold."""

import pytest
import structlog


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/account/password/reset/key/1-secretkey/", "/account/confirm-email/secretkey/"])
def test_keys_in_mailed_links_are_not_logged(client, path):
    with structlog.testing.capture_logs() as logs:
        client.get(path)
    (entry,) = [each for each in logs if each["event"] == "request"]
    assert "secretkey" not in str(logs)
    assert entry["path"].startswith("/account/")
