"""Node numbers and case numbers: leased, never twice."""

import threading
from datetime import UTC, datetime, timedelta

from engine import installation, keys


def test_many_that_start_at_once_get_different_node_numbers(database):
    found, now = [], datetime.now(UTC)
    threads = [threading.Thread(target=lambda n=n: found.append(installation.lease_node(database, f"holder {n}", now))) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 16
    keys.use_node(0)


def test_a_number_is_renewed_by_its_holder_and_taken_over_when_its_lease_ran_out(database):
    now = datetime.now(UTC)
    first = installation.lease_node(database, "a", now)

    assert installation.lease_node(database, "a", now + timedelta(minutes=1)) == first
    assert installation.lease_node(database, "b", now) != first
    later = now + timedelta(minutes=10)  # every lease has run out by then
    assert installation.lease_node(database, "c", later) <= first
    keys.use_node(0)
