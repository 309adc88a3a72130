"""The conformance suite of operations: every operation on every shape of a diagram, on both databases."""
