"""How a municipality asks to join a network: a form, a dialogue, a decision."""
