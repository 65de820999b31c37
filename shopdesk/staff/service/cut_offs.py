"""When the next parcel round leaves."""

from shopdesk.staff.rules import next_cut_off

__all__ = ["next_cut_off"]
