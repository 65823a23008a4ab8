"""What a network asks of its members: the rules, who keeps them, who is let off, who is written to."""
