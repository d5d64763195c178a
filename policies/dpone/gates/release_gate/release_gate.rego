# The release gate: may this release go ahead on the evidence it has?
package dpone.gates.release_gate

import rego.v1

# METADATA
# title: A release is named
# description: A decision about nothing in particular cannot be proved later.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no release is named"
#   remedy: "name it: --release v1.2.3"
release_named := [{"ok": ok} |
	ok := input.subject.release != ""
]
