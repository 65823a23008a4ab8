"""The door that calendar programs knock at, before everything else that a request meets."""
