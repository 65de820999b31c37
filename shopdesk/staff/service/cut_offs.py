"""When the next parcel round leaves, and when yesterday's last one did."""

from shopdesk.staff.rules import last_cut_off_of_yesterday, next_cut_off

__all__ = ["last_cut_off_of_yesterday", "next_cut_off"]
