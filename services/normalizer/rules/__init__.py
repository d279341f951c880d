"""One file a clause of the regulation; each rule is a pure function over a text that was read."""
