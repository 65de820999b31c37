"""The API of goods that come back."""

from shopdesk.returns.api.courier import bp as courier
from shopdesk.returns.api.policies import bp as policies
from shopdesk.returns.api.returning import bp as returns

__all__ = ["courier", "policies", "returns"]
