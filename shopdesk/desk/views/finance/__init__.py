"""Finance's table: payouts by hand, looks at the platform, what nobody can tell, what failed."""

from shopdesk.desk.views.finance import bulk, credit_notes, payouts, reconciliation, recoveries
from shopdesk.desk.views.finance.blueprint import bp

__all__ = ["bp", "bulk", "credit_notes", "payouts", "reconciliation", "recoveries"]
