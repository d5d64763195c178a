# What a deployment stands on: the approval for this very environment, and the promotion.
package dpone.gates.deployment_record

import rego.v1

import data.dpone.lib

# METADATA
# title: The deployment is approved for this environment
# description: An approval for another environment or release says nothing about this one.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "out of order: no approval for {subject.environment} comes before this deployment"
#   remedy: "have the change approved: dpone ops approval-record --change-request PATH --decision approved"
approved_here := [{"evidence": e.name, "ok": ok, "key": "deployment.approval_not_passed"} |
	some e in deployments
	ok := is_approved
]

default is_approved := false

is_approved if count(approved) > 0

is_approved if lib.refused("approval_record")

# That it did not pass is said of the approval itself.
approved := [a |
	some a in lib.of_kind("approval_record")
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
#   message: "out of order: no promotion of {release} into {subject.environment} comes before this deployment"
#   remedy: "decide it: dpone ops release-promote --release {release} --from-env NAME --to-env {subject.environment}"
promoted := [{"evidence": e.name, "ok": ok, "severity": needed(e.facts), "key": "deployment.promotion_missing"} |
	some e in deployments
	ok := is_promoted
]

default is_promoted := false

is_promoted if count(lib.of_kind("promotion_manifest")) > 0

is_promoted if lib.refused("promotion_manifest")

default needed(_) := "warning"

needed(f) := "error" if f.needs_promotion

needed(_) := "error" if input.protected
