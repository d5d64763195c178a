# What every gate asks of the engine that runs its rules.
package dpone.evidence

import rego.v1

# METADATA
# title: A protected environment is decided by an engine that something vouches for
# description: An OPA program without a pinned digest, or a server at the end of an open connection, can answer whatever it likes.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{subject.environment} is protected and nothing but this machine vouches for the engine {engine.name}"
#   remedy: "pin the program: opa.sha256 in dpone.yaml; reach the server by https or on this machine; or use --engine regopy"
engine_vouched := [{"ok": ok} |
	ok := engine_is_enough(input)
]

default engine_is_enough(_) := false

engine_is_enough(i) if i.protected == false

engine_is_enough(i) if i.engine.trust in ["embedded", "pinned", "read_back"]
