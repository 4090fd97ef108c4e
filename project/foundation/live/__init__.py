"""What happens is seen on open pages at once, in every process's browsers.

A payload is a small frozen dataclass that says what changed. A feed is what one kind of page listens to: which
payloads, who may, and how they look as HTML.

    @dataclass(frozen=True)
    class JobChanged:
        key: str
        state: str

    live.publish(JobChanged(key=str(job.pk), state=job.state))                     # in on_commit, anywhere
    live.register(Feed("console.jobs", of=(JobChanged,), may=…, render=…))         # in AppConfig.ready, upper floor
    <div hx-ext="ws" ws-connect="{% url 'live' 'console.jobs' %}">                 # in the template

A push is a hint, the page's own address is the truth: with every connection, the first and those after a cut, the
page asks for its state once more (static/js/live.js), and without a socket it goes on asking. So nothing that was
missed stays missed, and nobody has to keep what was sent.
"""

from .feeds import Feed, NoSuchFeed, Visitor, feed, register
from .publishing import publish

__all__ = ["Feed", "NoSuchFeed", "Visitor", "feed", "publish", "register"]
