"""Tells the language of a text from its script and the frequency of its words; pure once its tables are loaded."""
