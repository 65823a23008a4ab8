"""Whoever belongs to a partnership is reminded of its visits, meetings, milestones and reports."""
