# What was promoted and approved is what is deployed: nothing behind it was decided anew since.
package dpone.gates.deployment_record

import rego.v1

import data.dpone.lib

# METADATA
# title: The promotion was made on the release decision that counts now
# description: What was decided anew since was never promoted.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "out of order: the release was decided again after its promotion"
#   remedy: "have the change approved on the new decision, and promote again: dpone ops change-request, approval-record, release-promote"
promoted_this := [{"ok": ok} | ok := same_release]

default same_release := false

same_release if count(lib.of_kind("release_gate")) == 0

same_release if count(lib.of_kind("promotion_manifest")) == 0

same_release if {
	some p in lib.of_kind("promotion_manifest")
	some item in p.facts.items
	some g in lib.of_kind("release_gate")
	item.sha256 == g.source.sha256
}

# METADATA
# title: The approval was given to the change request that counts now
# description: A request that was made anew, even under the same id, has not been approved.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "out of order: the change request was made again after its approval"
#   remedy: "have it approved: dpone ops approval-record --release {release} --environment {subject.environment} --change-id {subject.change_id} --decision approved"
approved_this := [{"ok": ok, "key": "deployment.approval_not_passed"} |
	ok := same_request
]

default same_request := false

same_request if count(lib.of_kind("change_request")) == 0

same_request if count(approved) == 0

same_request if {
	some a in approved
	some c in lib.of_kind("change_request")
	a.facts.said.change_request == c.source.sha256
}

# METADATA
# title: The approval came before the deployment
# description: What was approved only after it ran was not approved when it ran.
# custom:
#   applies_to: service
#   severity: error
#   message: "out of order: the deployment began at {started}, before its approval at {approved}"
#   remedy: "if the time is wrong, correct --started-at; otherwise report it as a deployment without approval"
approved_before := [{"evidence": e.name, "ok": ok, "severity": weight, "key": "deployment.approval_not_passed", "params": {
	"started": e.facts.started_at,
	"approved": first(approved_late(e)),
}} |
	some e in deployments
	ok := count(approved_late(e)) == 0
]

# Clocks of two machines may differ by five minutes.
approved_late(e) := [a.produced_at |
	some a in approved
	e.facts.started_seconds_ago > a.age_seconds + 300
]

default first(_) := ""

first(times) := times[0]
