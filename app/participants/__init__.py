"""What staff do with the people of a workshop beside their seats: notes, mails to many, lists to take along."""
