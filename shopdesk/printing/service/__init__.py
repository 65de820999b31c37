"""Commands of printing: a batch, papers once more, papers opened for the printer."""

from shopdesk.printing.service.batches import print_batch
from shopdesk.printing.service.opening import open_papers
from shopdesk.printing.service.reprinting import reprint

__all__ = ["open_papers", "print_batch", "reprint"]
