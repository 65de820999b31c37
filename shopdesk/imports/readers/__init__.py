"""Files of shop platforms to plain records: no database, no web, no clock."""

from shopdesk.imports.readers.files import read_files

__all__ = ["read_files"]
