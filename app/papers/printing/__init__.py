"""Papers as PDF: the words that stand on them, and the templates that Typst sets."""
