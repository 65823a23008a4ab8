"""The commitment and its progress, and partnerships."""
