# Who may ask for a waiver and who may give it.
package dpone.waivers

import rego.v1

# METADATA
# title: A waiver is signed where signatures are asked for
# description: A line in a file says what somebody typed; a protected environment takes signatures only.
# custom:
#   applies_to: waiver
#   severity: error
#   mandatory: true
#   message: "waiver {id} of {rule} does not count: it is not signed (waiver_limits.signed is {signed})"
#   remedy: "have it signed by one who asks and another who approves: dpone waiver create, dpone waiver approve"
signed := [{"waiver": w.id, "ok": ok, "params": {
	"id": w.id,
	"rule": w.rule,
	"signed": data.dpone.config.waiver_limits.signed,
}} |
	some w in input.waivers
	ok := signed_enough(w)
]

default signed_enough(_) := false

signed_enough(w) if w.source == "signed"

signed_enough(_) if data.dpone.config.waiver_limits.signed == "never"

signed_enough(_) if {
	data.dpone.config.waiver_limits.signed == "protected"
	input.protected == false
}

# METADATA
# title: A signed waiver was asked for and approved by two people who may
# description: Nobody excuses himself, and nobody excuses others with a key that may not.
# custom:
#   applies_to: waiver
#   severity: error
#   mandatory: true
#   message: "waiver {id} of {rule} does not count: {why}"
#   remedy: "let another person approve it, with a key that may: dpone keys trust, then dpone waiver approve"
approved := array.concat(
	[{"waiver": w.id, "ok": true} |
		some w in input.waivers
		count(doubts(w)) == 0
	],
	[{"waiver": w.id, "ok": false, "params": {"id": w.id, "rule": w.rule, "why": why}} |
		some w in input.waivers
		some why in doubts(w)
	],
)

default doubts(_) := []

doubts(w) := array.concat(
	array.concat(
		["nobody has approved it" | w.approver == ""],
		["the one who asked for it approved it" | w.same_person],
	),
	array.concat(
		["the key that asked for it is not trusted" | asked_in_doubt(w)],
		["the key that approved it may not" | approved_in_doubt(w)],
	),
) if {
	w.source == "signed"
}

asked_in_doubt(w) if w.requester_matches == false

asked_in_doubt(w) if {
	trust := w.requester_trust
	not trusted(trust)
}

approved_in_doubt(w) if {
	w.approver != ""
	trust := w.approver_trust
	not trusted(trust)
}

# A protected environment believes the keys that its trust root vouches for, and no others.
trusted(trust) if trust == "anchored"

trusted(trust) if {
	trust == "workspace"
	input.protected == false
}

# METADATA
# title: A waiver is not renewed without end
# description: What was waived again and again is not going to be mended.
# custom:
#   applies_to: waiver
#   severity: error
#   mandatory: true
#   message: "waiver {id} of {rule} is renewal number {renewals}, at most {limit} are allowed"
#   remedy: "mend what it speaks of (waiver_limits.renewals)"
renewed := [{"waiver": w.id, "ok": ok, "params": {
	"id": w.id,
	"rule": w.rule,
	"renewals": w.renewals,
	"limit": data.dpone.config.waiver_limits.renewals,
}} |
	some w in input.waivers
	ok := w.renewals <= data.dpone.config.waiver_limits.renewals
]
