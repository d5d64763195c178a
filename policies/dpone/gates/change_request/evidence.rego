# What a change request must carry.
package dpone.gates.change_request

import rego.v1

# METADATA
# title: The change carries evidence
# description: Whoever approves must see what was decided about the release before.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "nothing is attached that says the release is good"
#   remedy: "run dpone ops release-gate first, or attach evidence: --artifact NAME=PATH"
evidence_attached := [{"ok": ok} | ok := count(attached) > 0]

attached := [e |
	some e in input.evidence
	e.producer != "service"
]
