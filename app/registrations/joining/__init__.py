"""Somebody proves an address under which they were registered too: of two registrations for one workshop, one is left."""
