"""What people see: the hall or its door, letters with their link, pages without what differs each time anyway."""

import re
from urllib.parse import urlsplit

from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client


def is_signed_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def link_in(letter: EmailMessage) -> str:
    """The path of the one link in a letter."""
    (address,) = re.findall(r"https?://\S+", letter.body)
    return urlsplit(address).path


def without_tokens(page: HttpResponse, *names: str) -> str:
    """The text of a page without CSRF tokens, nonces and the given words (what each visitor typed)."""
    text = page.content.decode()
    text = re.sub(r'(name="csrfmiddlewaretoken" value="|"X-CSRFToken": "|nonce=")[^"]+', r"\1…", text)
    for name in names:
        text = text.replace(name, "…")
    return text
