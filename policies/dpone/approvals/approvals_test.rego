package dpone.approvals_test

import rego.v1

import data.dpone.approvals

vote(changed) := {
	"person": object.get(changed, "person", "ann"),
	"decision": object.get(changed, "decision", "approved"),
	"same_request": object.get(changed, "same_request", true),
	"listed": object.get(changed, "listed", true),
	"expired": object.get(changed, "expired", false),
	"from_future": object.get(changed, "from_future", false),
	"environment": object.get(changed, "environment", "production"),
	"trust": object.get(changed, "trust", "workspace"),
	"signed": object.get(changed, "signed", true),
	"requester": object.get(changed, "requester", false),
}

here := {"subject": {"environment": "production"}, "protected": false}

in_protected := {"subject": {"environment": "production"}, "protected": true}

asked := {"approvals": {"signed": "protected", "exclude": ["requester"]}}

all_signed := {"approvals": {"signed": "always", "exclude": ["requester"]}}

none_signed := {"approvals": {"signed": "never", "exclude": []}}

test_a_good_vote_counts if {
	votes := [vote({})]
	found := approvals.people(votes) with input as here with data.dpone.config as asked
	found == {"ann"}
}

test_a_person_counts_once if {
	votes := [vote({}), vote({}), vote({"person": "bob"})]
	found := approvals.people(votes) with input as here with data.dpone.config as asked
	found == {"ann", "bob"}
}

test_what_does_not_stand_does_not_count if {
	votes := [
		vote({"decision": "rejected"}),
		vote({"same_request": false}),
		vote({"listed": false}),
		vote({"expired": true}),
		vote({"from_future": true}),
		vote({"environment": "staging"}),
		vote({"trust": "none"}),
		vote({"requester": true}),
	]
	found := approvals.people(votes) with input as here with data.dpone.config as asked
	count(found) == 0
}

test_the_requester_counts_where_nobody_is_excluded if {
	votes := [vote({"requester": true})]
	found := approvals.people(votes) with input as here with data.dpone.config as none_signed
	found == {"ann"}
}

test_an_asserted_vote_counts_outside_of_protected_environments if {
	votes := [vote({"signed": false})]
	found := approvals.people(votes) with input as here with data.dpone.config as asked
	found == {"ann"}
}

test_an_asserted_vote_does_not_count_for_a_protected_environment if {
	votes := [vote({"signed": false}), vote({"person": "bob"})]
	found := approvals.people(votes) with input as in_protected with data.dpone.config as asked
	found == {"bob"}
}

test_an_asserted_vote_counts_nowhere_where_all_are_signed if {
	votes := [vote({"signed": false}), vote({"person": "bob"})]
	found := approvals.people(votes) with input as here with data.dpone.config as all_signed
	found == {"bob"}
}

test_an_asserted_vote_counts_everywhere_where_none_is_signed if {
	votes := [vote({"signed": false})]
	found := approvals.people(votes) with input as in_protected with data.dpone.config as none_signed
	found == {"ann"}
}

sizes := {"approvals": {"quorum": {"low": 1, "medium": 2, "high": 3, "critical": 4}}}

test_the_quorum_is_that_of_the_risk if {
	approvals.quorum("low") == 1 with data.dpone.config as sizes
	approvals.quorum("medium") == 2 with data.dpone.config as sizes
	approvals.quorum("high") == 3 with data.dpone.config as sizes
	approvals.quorum("critical") == 4 with data.dpone.config as sizes
}

test_a_risk_that_nobody_knows_is_never_approved if {
	found := approvals.quorum("tiny") with data.dpone.config as sizes
	found == 1000
}

record(votes) := {"facts": {"said": {"votes": votes}}}

now(votes) := {"subject": {"environment": "production"}, "protected": false, "approvals": votes}

test_who_has_no_vote_here_still_counts if {
	given := now([])
	counted := record([vote({}), vote({"person": "bob", "expired": true})])
	found := approvals.still(counted) with input as given with data.dpone.config as asked
	found == {"ann"}
}

test_a_vote_that_still_stands_counts if {
	given := now([vote({})])
	counted := record([vote({}), vote({"person": "bob"})])
	found := approvals.still(counted) with input as given with data.dpone.config as asked
	found == {"ann", "bob"}
}

test_a_vote_that_no_longer_stands_does_not_count if {
	given := now([vote({"trust": "none"})])
	counted := record([vote({}), vote({"person": "bob"})])
	found := approvals.still(counted) with input as given with data.dpone.config as asked
	found == {"bob"}
}

test_a_vote_on_another_request_takes_nothing_away if {
	given := now([vote({"trust": "none", "same_request": false})])
	counted := record([vote({})])
	found := approvals.still(counted) with input as given with data.dpone.config as asked
	found == {"ann"}
}

test_rejections_count_by_those_who_were_asked_on_this_request if {
	given := now([
		vote({"decision": "rejected", "person": "a"}),
		vote({"decision": "rejected", "person": "b", "same_request": false}),
		vote({"decision": "rejected", "person": "c", "listed": false}),
		vote({"person": "d"}),
	])
	found := [v.person | some v in approvals.rejections] with input as given
	found == ["a"]
}

test_how_a_vote_was_given if {
	approvals.word({"signed": true, "recorded_by": "ci"}) == "signed"
	approvals.word({"signed": false, "recorded_by": "ci"}) == "asserted by ci"
}
