"""What whoever registers is asked about needs: the fields, what is wrong with what was typed, and the words of the consent."""
