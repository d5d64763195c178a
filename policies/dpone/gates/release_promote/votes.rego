# The votes behind a promotion, judged again: what was approved may have been rejected since.
package dpone.gates.release_promote

import rego.v1

import data.dpone.approvals

# METADATA
# title: Nobody rejected the change since it was approved
# description: A rejection counts from the moment it is signed, counted or not.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{actor} rejected the change at {decided_at}, {how}"
#   remedy: "resolve it, make a new change request and have it approved: dpone ops change-request"
not_rejected := array.concat(
	[{"ok": true} | count(unheard) == 0],
	[{"ok": false, "params": {
		"actor": v.actor,
		"decided_at": v.decided_at,
		"how": approvals.word(v),
	}} |
		some v in unheard
	],
)

# A rejection that was counted made the approval red, and is said of it.
unheard := [v |
	some v in approvals.rejections
	every a in approvals_here { a.facts.passed }
]

# METADATA
# title: The approvals still count
# description: A key that was revoked since, or an approval that grew too old, approves nothing any more.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{have} of {needed} approvals still count: keys were revoked, or approvals expired, since they were given"
#   remedy: "have it approved again: dpone ops approval-record --release {release} --environment {subject.environment} --change-id {subject.change_id} --decision approved"
approvals_stand := array.concat(
	[{"ok": true} | count(weak) == 0],
	[{"ok": false, "params": {
		"have": count(approvals.still(a)),
		"needed": approvals.quorum(a.facts.said.risk_level),
	}} |
		some a in weak
	],
)

weak := [a |
	some a in approvals_here
	a.facts.passed
	count(approvals.still(a)) < approvals.quorum(a.facts.said.risk_level)
]
