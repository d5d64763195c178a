# Appending to the evidence chain: about a named release, after the link that is really the last.
package dpone.gates.evidence_chain

import rego.v1

# METADATA
# title: A release is named
# description: A link about no release proves nothing later.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no release is named"
#   remedy: "name it: --release v1.2.3"
release_named := [{"ok": ok, "params": {}} | ok := input.subject.release != ""]

# METADATA
# title: The entry named as previous is the last one
# description: A link after any other entry would fork the chain.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "--previous-entry names {named}, the chain ends with {last}"
#   remedy: "leave --previous-entry out, or give the entry of the last release"
previous_is_last := [{"evidence": e.name, "ok": ok, "params": {"named": f.named_previous, "last": f.previous}} |
	some e in input.evidence
	e.kind == "evidence_chain_link"
	f := e.facts
	ok := follows(f)
]

default follows(_) := false

follows(f) if f.named == false

follows(f) if f.named_previous == f.previous
