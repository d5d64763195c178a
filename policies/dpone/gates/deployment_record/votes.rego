# The votes behind a deployment, judged again: without the one who deploys, and as they stand now.
package dpone.gates.deployment_record

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
	[{"ok": false, "key": "deployment.approval_not_passed", "params": {
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
	every a in approved { a.facts.passed }
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
	[{"ok": false, "key": "deployment.approval_not_passed", "params": {
		"have": count(approvals.still(a)),
		"needed": approvals.quorum(a.facts.said.risk_level),
	}} |
		some a in weak
	],
)

weak := [a |
	some a in approved
	a.facts.passed
	not strong(a)
]

strong(a) if count(approvals.still(a)) >= approvals.quorum(a.facts.said.risk_level)

# METADATA
# title: Enough people approved besides the one who deploys
# description: Where the deployer does not count, nobody can deploy what only he approved.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "without {deployer}, who deploys, {have} of {needed} approvals count"
#   remedy: "let somebody else approve, or deploy"
approved_by_others := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in deployments
		count(alone(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "params": {
		"deployer": e.facts.deployer,
		"have": count(others(a, e.facts.deployer)),
		"needed": approvals.quorum(a.facts.said.risk_level),
	}} |
		some e in deployments
		some a in alone(e)
	],
)

# Approvals that are enough only with the one who deploys.
alone(e) := [a |
	"deployer" in data.dpone.config.approvals.exclude
	some a in approved
	strong(a)
	count(others(a, e.facts.deployer)) < approvals.quorum(a.facts.said.risk_level)
]

others(a, deployer) := approvals.still(a) - {deployer}
