"""People, their roles and sign-in; stores and warehouses."""
