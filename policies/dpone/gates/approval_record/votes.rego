# Votes that are there and do not count, or count only because somebody says so.
package dpone.gates.approval_record

import rego.v1

import data.dpone.approvals

# METADATA
# title: Approvals are signed by those who gave them
# description: An approval that somebody else recorded is that person's word, not the approver's.
# custom:
#   applies_to: gate
#   severity: warning
#   message: "the approval of {actor} is only asserted, by {recorded_by}"
#   remedy: "let {actor} sign it with a key that dpone.trust.json knows: dpone ops approval-sign --change-request PATH --decision approved --output PATH"
votes_signed := array.concat(
	[{"ok": true} | count(asserted) == 0],
	[{"ok": false, "key": v.person, "params": {"actor": v.actor, "recorded_by": v.recorded_by}} |
		some v in asserted
	],
)

asserted := [v |
	some v in input.approvals
	v.decision == "approved"
	v.same_request
	v.listed
	v.signed == false
	v.trust != "none"
]

# METADATA
# title: Every vote counts
# description: A vote that does not count should not be mistaken for one that does.
# custom:
#   applies_to: gate
#   severity: warning
#   message: "the vote of {actor} does not count: it is {why}"
#   remedy: "let those who were asked vote on this very request, each with a key that may"
votes_count := array.concat(
	[{"ok": true} | count(idle) == 0],
	[{"ok": false, "key": v.person, "params": {"actor": v.actor, "why": v.why}} | some v in idle],
)

idle := [{"person": v.person, "actor": v.actor, "why": why} |
	some v in input.approvals
	v.decision == "approved"
	some why in reasons(v)
]

reasons(v) := array.concat(
	array.concat(
		["about another request, or this one before it was edited" | v.same_request == false],
		array.concat(
			["for another environment" | v.environment != input.subject.environment],
			["by somebody who was not asked" | v.listed == false],
		),
	),
	array.concat(
		array.concat(
			["too old" | v.expired],
			["from the future" | v.from_future],
		),
		array.concat(
			["by the one who asked for the change" | approvals.asked_for_it(v)],
			["signed by a key that may not approve here" | v.trust == "none"],
		),
	),
)
