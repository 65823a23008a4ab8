"""A new date asks everybody whether they still come; who does not answer is asked once more, then shown to staff."""
