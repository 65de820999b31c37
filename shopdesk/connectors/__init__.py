"""The edges to the world: one Protocol and one registry for each kind of service, one file for each service."""
