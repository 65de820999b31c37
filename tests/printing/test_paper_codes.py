"""The code on the papers: parcel, check digit, version; and when a change counts as made overnight."""

from datetime import UTC, datetime

import pytest

from shopdesk.parcels.rules import barcode, paper_code, parcel_of, version_of
from shopdesk.staff.rules import last_cut_off_of_yesterday


@pytest.mark.parametrize("parcel_id", [1, 17, 123_456_789])
def test_a_code_names_its_parcel_and_its_version(parcel_id):
    code = paper_code(parcel_id, 3)
    assert (parcel_of(code), version_of(code)) == (parcel_id, 3)
    assert (parcel_of(code.lower()), version_of(barcode(parcel_id))) == (parcel_id, None)


@pytest.mark.parametrize("wrong", ["PK175-1", "PK17", "PK-1", "PK018-1", "SF1020304050607", "", "PK180-0", "PK180-"])
def test_what_was_misread_or_is_no_code_of_ours_names_nothing(wrong):
    assert (parcel_of(wrong), version_of(wrong)) == (None, None)


@pytest.mark.parametrize(
    ("cut_offs", "found"),
    [([], "2026-11-21T10:00"), (["11:00", "16:30"], "2026-11-21T08:30"), (["23:00"], "2026-11-21T15:00")],
)
def test_overnight_begins_with_the_last_cut_off_of_the_day_before(cut_offs, found):
    now = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)  # 09:30 in the shop
    assert last_cut_off_of_yesterday(now, cut_offs, "Asia/Shanghai") == datetime.fromisoformat(f"{found}+00:00")
