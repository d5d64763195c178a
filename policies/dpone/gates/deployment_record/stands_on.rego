# What a deployment stands on: the approval for this very environment, and the promotion.
package dpone.gates.deployment_record

import rego.v1

import data.dpone.approvals
import data.dpone.lib

# METADATA
# title: The deployment is approved for this environment
# description: An approval for another environment or release says nothing about this one.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "out of order: no approval for {environment} comes before this deployment"
#   remedy: "have the change approved: dpone ops approval-record --change-request PATH --decision approved"
approved_here := [{"evidence": e.name, "ok": ok, "key": "deployment.approval_not_passed", "params": {"environment": input.subject.environment}} |
	some e in deployments
	ok := count(approved) > 0
]

approved := [a |
	some a in lib.of_kind("approval_record")
	a.facts.passed == true
	a.facts.subject.environment == input.subject.environment
	a.facts.subject.release == input.subject.release
]

# METADATA
# title: The release was promoted into this environment
# description: A deployment of what was never promoted went around the checks between the environments.
# custom:
#   applies_to: service
#   severity: error
#   waivable: false
#   message: "no promotion of {release} into {environment} comes before this deployment"
#   remedy: "decide it: dpone ops release-promote --release {release} --from-env NAME --to-env {environment}"
promoted := [{"evidence": e.name, "ok": ok, "severity": needed(e.facts), "params": {
	"release": input.subject.release,
	"environment": input.subject.environment,
}} |
	some e in deployments
	ok := count(lib.of_kind("promotion_manifest")) > 0
]

default needed(_) := "warning"

needed(f) := "error" if f.needs_promotion

needed(f) := "error" if {
	input.protected
	f.needs_promotion == false
}

# METADATA
# title: Enough people approved besides the one who deploys
# description: Where the deployer does not count, nobody can deploy what only he approved.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "without {deployer}, who deploys, {have} of {needed} approvals count"
#   remedy: "let somebody else approve, or deploy"
approved_by_others := [{"evidence": e.name, "ok": ok, "params": {
	"deployer": e.facts.deployer,
	"have": have,
	"needed": needed,
}} |
	some e in deployments
	have := fewest(e.facts.deployer)
	needed := most_needed
	ok := enough_others(have, needed)
]

default enough_others(_, _) := false

enough_others(_, _) if not "deployer" in data.dpone.config.approvals.exclude

enough_others(have, needed) if have >= needed

# There is one approval record, or none, and then approved_here is red.
fewest(deployer) := count({p |
	some a in approved
	some p in approvals.people(a.facts.said.votes)
	p != deployer
})

default most_needed := 1

most_needed := approvals.quorum(approved[0].facts.said.risk_level)
