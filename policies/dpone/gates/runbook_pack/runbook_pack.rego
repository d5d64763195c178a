# Runbook pack: an operator gets a runbook about something, with a way forward and a way back.
package dpone.gates.runbook_pack

import rego.v1

# METADATA
# title: Evidence is attached to the runbook
# description: A runbook about nothing sends its operator nowhere.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "nothing is attached to this runbook"
#   remedy: "attach what it is about: --artifact NAME=PATH"
evidence_attached := [{"ok": ok} |
	ok := count(input.evidence) > 0
]

# METADATA
# title: The go-live decision is attached
# description: Without the decision of a release or go-live gate the runbook cannot say whether to go ahead.
# custom:
#   applies_to: gate
#   severity: warning
#   message: "no decision of a release gate or go-live gate is attached"
#   remedy: "decide and attach it: dpone ops release-gate, then --artifact release_gate=PATH"
go_live_attached := [{"ok": ok} |
	ok := count(sealed_of(["release_gate", "go_live_gate"])) > 0
]

# METADATA
# title: Rollback evidence is attached
# description: A way back that nobody has written down is looked for when there is no time.
# custom:
#   applies_to: gate
#   severity: warning
#   message: "no rollback evidence is attached, so this runbook has no way back"
#   remedy: "attach the rollback plan or execution of this release, as its command sealed it: --artifact rollback=PATH"
rollback_attached := [{"ok": ok} |
	ok := count(sealed_of(["rollback_plan", "rollback_execute"])) > 0
]

sealed_of(kinds) := [e |
	some e in input.evidence
	e.kind in kinds
	e.producer == "dpone"
	e.state == "present"
]
