"""The devices on which somebody has their calendar: their form, their words, the names of programs."""
