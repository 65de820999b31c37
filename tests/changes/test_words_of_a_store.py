"""What a feed says of the whole store, beside single reports: which of them makes a stage fresh (domain §3a)."""

import pytest
import time_machine

from shopdesk.parcels import queries as parcels
from tests import make
from tests.changes.test_late_facts import at, note

pytestmark = pytest.mark.usefixtures("app")  # what leans on the database runs on both engines


@pytest.fixture
def day():
    with time_machine.travel(at("13:31"), tick=False) as traveller:
        yield traveller


def test_a_stage_that_a_feed_for_the_whole_store_spoke_of_is_fresh_whatever_single_reports_came_after(day):
    order, store = make.order(as_of=at("09:00")), make.store()
    assert parcels.knowledge_of(make.parcel(order), store).is_stale
    note(store, "WMS", at("13:20"), "store")
    for origin in ("ERP", "WMS"):
        note(store, origin, at("13:25"), "some")
    assert not parcels.knowledge_of(make.parcel(order), store).is_stale
    day.move_to(at("18:00"))
    note(store, "WMS", at("17:00"), "some")
    assert parcels.knowledge_of(make.parcel(order), store).is_stale
    note(store, "WMS", at("23:00"), "store")
    assert parcels.knowledge_of(make.parcel(order), store).as_of == at("18:00")


def test_single_reports_of_the_same_source_leave_its_word_about_the_whole_store_standing(day):
    order, store = make.order(as_of=at("09:00")), make.store()
    note(store, "ERP", at("13:20"), "store")
    note(store, "ERP", at("13:40"), "some")
    assert parcels.knowledge_of(make.parcel(order), store).as_of == at("13:20")
    note(store, "ERP", at("13:30"), "store")
    note(store, "ERP", at("13:25"), "store")
    assert parcels.knowledge_of(make.parcel(order), store).as_of == at("13:30")


def test_a_word_about_the_whole_store_counts_though_a_single_report_spoke_of_a_later_moment(day):
    order, store = make.order(as_of=at("09:00")), make.store()
    note(store, "ERP", at("13:40"), "some")
    assert parcels.knowledge_of(make.parcel(order), store).is_stale
    note(store, "ERP", at("13:30"), "store")
    assert parcels.knowledge_of(make.parcel(order), store).as_of == at("13:30")
