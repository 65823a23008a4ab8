"""Seats held for an organisation are about to be everybody's: its coordinators are reminded once."""
