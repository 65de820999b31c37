"""After-sale applications: what is wished about a parcel that has left."""
