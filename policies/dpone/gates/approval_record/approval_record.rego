# A change is approved: by enough people, of those who were asked, in time, and nobody against it.
package dpone.gates.approval_record

import rego.v1

import data.dpone.approvals
import data.dpone.lib

counted := lib.of_kind("votes")

# METADATA
# title: There is a change request
# description: An approval of nothing in particular approves everything.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "out of order: no change request comes before this approval"
#   remedy: "ask for it: dpone ops change-request --release {release} --target-env NAME --change-id ID --risk-level medium --requested-by WHO --approver WHO"
requested := [{"ok": ok, "key": "approval.change_request_missing", "params": {}} | ok := was_requested]

default was_requested := false

was_requested if {
	some e in input.evidence
	e.name == "change_request"
	e.kind in ["change_request", ""]
}

# METADATA
# title: Whoever votes was asked
# description: A vote of somebody who is not among the approvers changes nothing.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{actor} is not among the approvers of this change"
#   remedy: "let one of the approvers decide, or make a new change request that names {actor}"
actor_allowed := [{"evidence": e.name, "ok": ok, "key": "approval.actor_not_allowed", "params": {"actor": e.facts.actor}} |
	some e in counted
	ok := may_vote(e.facts)
]

default may_vote(_) := false

may_vote(f) if f.cast == false

# Who was asked is not known then; that the request does not hold is said of the request itself.
may_vote(f) if f.request_known == false

may_vote(f) if f.actor_listed

# METADATA
# title: The request was open
# description: After its time limit a request can no longer be approved.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the change request expired at {expires_at}"
#   remedy: "make a new one: dpone ops change-request"
request_open := [{"evidence": e.name, "ok": ok, "key": "approval.change_request_expired", "params": {"expires_at": e.facts.expires_at}} |
	some e in counted
	ok := e.facts.expired == false
]

# METADATA
# title: Nobody rejected the change
# description: One rejection outweighs any number of approvals.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{actor} rejected the change at {decided_at}, {how}"
#   remedy: "resolve it and make a new change request"
not_rejected := array.concat(
	[{"ok": true} | count(approvals.rejections) == 0],
	[{"ok": false, "key": "approval.rejected", "params": {
		"actor": v.actor,
		"decided_at": v.decided_at,
		"how": approvals.word(v),
	}} |
		some v in approvals.rejections
	],
)

# METADATA
# title: Enough people approved
# description: Different people, of those who were asked, without the one who asked for it.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{have} of {needed} approvals that count"
#   remedy: "the next approver runs: dpone ops approval-record --release {release} --environment {environment} --change-id {change} --decision approved"
quorum_met := [{"evidence": e.name, "ok": ok, "key": "approval.quorum_not_met", "params": {
	"have": have,
	"needed": needed,
	"environment": input.subject.environment,
	"change": input.subject.change_id,
}} |
	some e in counted
	have := count(approvals.people(input.approvals))
	needed := larger(approvals.quorum(e.facts.risk_level), input.parameters.quorum)
	ok := enough(e.facts, have, needed)
]

default enough(_, _, _) := false

enough(_, have, needed) if have >= needed

# More approvals would change nothing; what keeps it shut is said of the request itself, or of the rejection.
enough(f, _, _) if f.request_known == false

enough(_, _, _) if count(approvals.rejections) > 0

larger(a, b) := a if a >= b

larger(a, b) := b if a < b
