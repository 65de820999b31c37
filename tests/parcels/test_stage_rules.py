"""Stages on plain values: what a report does, how old knowledge is, what an order shows."""

from datetime import UTC, datetime, timedelta

import pytest

from shopdesk.parcels.rules import effect, knowledge, least_advanced
from shopdesk.parcels.states import FactEffect, Freshness, Source, Stage

S, E = Stage, FactEffect
NOON = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
LATER, EARLIER = NOON + timedelta(minutes=5), NOON - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("current", "current_source", "told", "happened_at", "source", "does"),
    [
        (S.UNPRINTED, Source.FILE, S.PRINTED, None, Source.FILE, E.MOVED),
        (S.UNPRINTED, Source.FILE, S.DELIVERED, LATER, Source.CARRIER, E.MOVED),
        (S.PRINTED, Source.CHECK, S.PRINTED, EARLIER, Source.API, E.KNOWN),
        (S.SHIPPED, Source.API, S.PRINTED, LATER, Source.API, E.KNOWN),
        (S.PRINTED, Source.CHECK, S.UNPRINTED, LATER, Source.API, E.CONTRADICTED),
        (S.PRINTED, Source.CHECK, S.UNPRINTED, EARLIER, Source.API, E.KNOWN),
        (S.PACKED, Source.SCAN, S.SHIPPED, EARLIER, Source.FILE, E.CONTRADICTED),
        (S.PACKED, Source.SCAN, S.SHIPPED, LATER, Source.FILE, E.MOVED),
        (S.PACKED, Source.SCAN, S.SHIPPED, EARLIER, Source.SCAN, E.MOVED),
        (S.PRINTED, Source.CHECK, S.VOIDED, LATER, Source.API, E.ASKED),
        (S.VOIDED, Source.PAGE, S.VOIDED, LATER, Source.API, E.KNOWN),
        (S.VOIDED, Source.PAGE, S.PRINTED, LATER, Source.API, E.CONTRADICTED),
        (S.VOIDED, Source.PAGE, S.SHIPPED, LATER, Source.API, E.MOVED),
    ],
)
def test_a_reported_stage_moves_is_known_asks_or_contradicts(current, current_source, told, happened_at, source, does):
    found = effect(
        current=current, current_source=current_source, current_at=NOON, told=told, happened_at=happened_at,
        source=source, as_of=LATER,
    )  # fmt: skip
    assert found is does


@pytest.mark.parametrize(
    ("source", "age_minutes", "feed_age_minutes", "is_look", "freshness"),
    [
        (Source.FILE, 120, None, False, Freshness.FRESH),
        (Source.FILE, 121, None, False, Freshness.LATE),
        (Source.FILE, 241, None, False, Freshness.STALE),
        (Source.FILE, None, None, False, Freshness.UNKNOWN),
        (Source.FILE, 600, 10, False, Freshness.FRESH),
        (Source.API, 10, 600, False, Freshness.FRESH),
        (Source.PRINTING, 6000, None, False, Freshness.OWN),
        (Source.CHECK, 6000, None, False, Freshness.OWN),
        (Source.CHECK, 6000, None, True, Freshness.STALE),
        (Source.CHECK, 10, None, True, Freshness.FRESH),
    ],
)
def test_what_others_said_ages_and_our_own_hands_do_not(source, age_minutes, feed_age_minutes, is_look, freshness):
    def ago(minutes):
        return None if minutes is None else NOON - timedelta(minutes=minutes)

    found = knowledge(
        source=source, origin=None, as_of=ago(age_minutes), feed_as_of=ago(feed_age_minutes), feed_origin="ERP",
        rhythm=timedelta(minutes=120), now=NOON, was_only_looked_at=is_look,
    )  # fmt: skip
    assert found.freshness is freshness


@pytest.mark.mission("M012")
@pytest.mark.parametrize(
    ("stages", "shown"),
    [
        ([], S.UNPRINTED),
        ([S.SHIPPED, S.PRINTED], S.PRINTED),
        ([S.VOIDED, S.DELIVERED], S.DELIVERED),
        ([S.VOIDED], S.VOIDED),
    ],
)
def test_an_order_shows_its_least_advanced_parcel(stages, shown):
    assert least_advanced(stages) is shown
