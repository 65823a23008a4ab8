"""What is wrong with what staff typed, what publishing waits for, and what they may overlook."""
