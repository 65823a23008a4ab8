"""Texts that recur in many workshops: travel, the letter for the visa, what to wear at which altitude."""
