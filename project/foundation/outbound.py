"""HTTP to other people's services. Every call of the house leaves through here: short, without redirects, and with
one kind of failure, so that whoever asks has a second plan."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

_POOL = ThreadPoolExecutor(max_workers=8, thread_name_prefix="outbound")


class Unavailable(Exception):
    """The service did not answer in time, or not with what it promises; the text says which and how."""


class Service:
    """A service that the operator has configured, by its name and address.

    `deadline` is how long a whole call may take, in seconds, connecting and every byte of the answer included.
    """

    def __init__(self, name: str, *, url: str, headers: Mapping[str, str], deadline: float) -> None:
        self.name = name
        self.deadline = deadline
        self._client = httpx.Client(base_url=url, headers=dict(headers), timeout=deadline, trust_env=False)

    def call(self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None) -> Any:
        """Send and receive JSON. Raises Unavailable."""
        # httpx limits the wait for each byte, not the sum of the waits; a service that drips would hold us for ever.
        asked = _POOL.submit(self._call, method, path, json, params)
        try:
            return asked.result(timeout=self.deadline)
        except TimeoutError:
            raise Unavailable(f"{self.name}: no answer within {self.deadline:g} s") from None

    def close(self) -> None:
        self._client.close()

    def _call(self, method: str, path: str, json: Any, params: Mapping[str, str] | None) -> Any:
        try:
            answer = self._client.request(method, path, json=json, params=params)
            if answer.is_success:
                return answer.json() if answer.content else None
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"{self.name}: {type(error).__name__}") from None
        raise Unavailable(f"{self.name}: status {answer.status_code}")
