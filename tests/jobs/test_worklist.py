import tracemalloc
from uuid import UUID, uuid4

import pytest

from accounts.models import User
from jobs.worklist import Worklist


def test_ids_come_in_their_order_and_whole_batches():
    ids = [uuid4() for _ in range(7)]
    work = Worklist(ids)
    assert len(work) == 7 and list(work.batches(3)) == [ids[:3], ids[3:6], ids[6:]]
    assert list(work.batches(3))[0] == ids[:3], "and once more"
    assert len(Worklist([])) == 0 and list(Worklist([]).batches(3)) == []


def test_a_hundred_thousand_take_two_megabytes():
    tracemalloc.start()
    try:
        work = Worklist(UUID(int=number) for number in range(100_000))
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(work) == 100_000
    assert held < 2_000_000 and peak < 4_000_000


@pytest.mark.django_db
def test_a_queryset_is_read_once_and_not_kept(alice, bob, django_assert_num_queries):
    found = User.objects.order_by("display_name").values_list("pk", flat=True)
    with django_assert_num_queries(1):
        work = Worklist(found)
    assert found._result_cache is None
    assert [*work.batches(10)] == [[alice.pk, bob.pk]]
