"""The scheduler process: APScheduler is only its clock, the truth stands in our tables."""
