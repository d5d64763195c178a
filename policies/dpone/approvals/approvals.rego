# Which votes on a change count, and how many are needed.
package dpone.approvals

import rego.v1

# People whose approval counts: listed, not the one who asked, of this very request, signed where that is needed.
people(votes) := {v.person |
	some v in votes
	v.decision == "approved"
	stands(v)
	not asked_for_it(v)
}

stands(v) if {
	v.same_request
	v.listed
	v.expired == false
	v.from_future == false
	v.environment == input.subject.environment
	v.trust != "none"
	signed_enough(v)
}

asked_for_it(v) if {
	v.requester
	"requester" in data.dpone.config.approvals.exclude
}

signed_enough(v) if v.signed

signed_enough(_) if not must_be_signed

must_be_signed if data.dpone.config.approvals.signed == "always"

must_be_signed if {
	data.dpone.config.approvals.signed == "protected"
	input.protected
}

# Of those who were counted in an approval record, the ones whose approval still counts: what the ledger has of
# their votes on that request is judged again, for a key may have been revoked since, and a vote grows old.
still(record) := (people(record.facts.said.votes) - voted_here) | (people(record.facts.said.votes) & people(input.approvals))

voted_here := {v.person |
	some v in input.approvals
	v.same_request
}

# Signed or not, early or late: against a change every word of those who were asked counts.
rejections := [v |
	some v in input.approvals
	v.decision == "rejected"
	v.same_request
	v.listed
]

word(v) := "signed" if v.signed

word(v) := sprintf("asserted by %s", [v.recorded_by]) if v.signed == false

# Nobody can say how many a risk needs that is not one of the four: more than there will ever be.
default quorum(_) := 1000

quorum("low") := data.dpone.config.approvals.quorum.low

quorum("medium") := data.dpone.config.approvals.quorum.medium

quorum("high") := data.dpone.config.approvals.quorum.high

quorum("critical") := data.dpone.config.approvals.quorum.critical
