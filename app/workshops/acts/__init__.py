"""What is done to a whole workshop, and how staff see what it will do before it is done."""
