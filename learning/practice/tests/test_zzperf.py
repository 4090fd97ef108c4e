import time, random
from datetime import timedelta, datetime, UTC
from uuid import uuid4
import pytest
from django.db import connection
from learning.practice.tests.factories import *
from learning.practice.models import *
from learning.practice.queries import stats as q
from accounts.tests.factories import UserFactory

@pytest.mark.django_db
def test_perf():
    NOW=datetime(2026,11,21,9,tzinfo=UTC)
    people=[UserFactory() for _ in range(3)]
    dice=random.Random(1)
    for p in people:
        cards=[CardFactory.build(person=p) for _ in range(20000 if p is people[0] else 4000)]
        ReviewCard.objects.bulk_create(cards, batch_size=5000)
        rows=[]
        for c in cards:
            at=NOW-timedelta(days=dice.random()*900+1)
            for k in range(5):
                rows.append(Review(person=p,card=c,client_id=uuid4(),rating=dice.choice([1,3,3,3,4]),reviewed_at=at,corrected_at=at,accepted_at=at,duration=dice.randrange(20000)))
                at+=timedelta(days=dice.choice([0,1,3,8,30,60]),minutes=10)
                if at>NOW: break
        dice.shuffle(rows)
        Review.objects.bulk_create(rows,batch_size=5000)
        Retraction.objects.bulk_create([Retraction(person=p,review_client_id=r.client_id,retracted_at=NOW) for r in rows[:1000]])
        print(len(rows))
        ReviewCard.objects.filter(person=p).update(stage=2,reviews=5,due_at=NOW+timedelta(days=3),reviewed_at=NOW,stability=20.0)
    with connection.cursor() as c: c.execute("ANALYZE")
    p=people[0]
    for _ in range(4):
        t=time.perf_counter(); log=q.log_of(person=p); a=time.perf_counter()-t
        t=time.perf_counter(); cc=q.cards_of(person=p,today=NOW.date()); b=time.perf_counter()-t
        t=time.perf_counter(); s=q.stats(person=p,now=NOW); d=time.perf_counter()-t
        print(f"log {a*1000:.0f} cards {b*1000:.0f} stats {d*1000:.0f}", log.total, s.forgetting and s.forgetting.observed[:3])
    with connection.cursor() as c:
        c.execute("EXPLAIN ANALYZE "+q._LOG, {"zone":"Europe/Warsaw","person":p.pk,"mature":21})
        print("\n".join(r[0] for r in c.fetchall()))
