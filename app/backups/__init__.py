"""Copies of the whole: made while everything runs, checked, put back, and rehearsed."""
