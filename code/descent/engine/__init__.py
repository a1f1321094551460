"""The engine: rules and losses written down as lists of operations (tapes), and run from them."""
