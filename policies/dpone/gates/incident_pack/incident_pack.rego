# Incident pack: something is attached, and decisions are among it.
package dpone.gates.incident_pack

import rego.v1

# METADATA
# title: Evidence is attached to the incident
# description: What a release declares anyway says nothing of the incident; what it is about must be attached.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "nothing is attached to this incident"
#   remedy: "attach what it is about: --artifact NAME=PATH"
evidence_attached := [{"ok": ok} |
	ok := input.parameters.attached > 0
]

# METADATA
# title: A decision is attached to the incident
# description: Reports of tools alone do not say what was decided on them, by whom and when.
# custom:
#   applies_to: gate
#   severity: warning
#   message: "no decision is attached to this incident, only reports of tools"
#   remedy: "attach the artifact of the gate that was red, or decide on the reports: dpone ops release-gate"
decision_attached := [{"ok": ok} |
	ok := count(decisions) > 0
]

decisions := [e |
	some e in input.evidence
	e.producer == "dpone"
	e.state == "present"
]
