"""Whoever belongs to a partnership is told of dates that are added, moved or called off."""
