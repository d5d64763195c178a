# A change is approved: by enough people, of those who were asked, in time, and nobody against it.
package dpone.gates.approval_record

import rego.v1

import data.dpone.approvals
import data.dpone.lib

counted := lib.of_kind("votes")

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
#   remedy: "the next approver runs: dpone ops approval-record --release {release} --environment {subject.environment} --change-id {subject.change_id} --decision approved"
quorum_met := [{"evidence": e.name, "ok": ok, "key": "approval.quorum_not_met", "params": {
	"have": have,
	"needed": needed,
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

larger(a, b) := found[0] if {
	found := [n | some n in [a, b]; n >= b]
}
