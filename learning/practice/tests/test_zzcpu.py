import time, pytest
from django.utils import timezone
from django.db import connection
from django.test.utils import CaptureQueriesContext
from .test_home import TestTheGrading, belt_deck, known_for, handbook
@pytest.mark.django_db
def test_cpu(signed_in, handbook, ben):
    TestTheGrading().set_day(ben, 30)
    known_for(belt_deck(ben, belt=9), 5)
    for _ in range(3): signed_in.get("/")
    c, w = [], []
    for _ in range(30):
        a, b = time.process_time(), time.perf_counter(); signed_in.get("/"); c.append((time.process_time()-a)*1000); w.append((time.perf_counter()-b)*1000)
    c.sort(); w.sort(); print("CPU ms med", c[15], "p95", c[28], "wall min", w[0], "med", w[15])
    with CaptureQueriesContext(connection) as q: signed_in.get("/")
    print("queries", len(q))
    ben.learner.refresh_from_db(); ben.learner.grading_on = None; ben.learner.save()
    signed_in.get("/")
    with CaptureQueriesContext(connection) as q: signed_in.get("/")
    print("queries without grading", len(q))
