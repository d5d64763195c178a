"""The portable dialect of Rego: tokens, syntax tree, parser."""
