# Close or roll back: the deployment stands, and what was checked afterwards is good.
package dpone.gates.post_deploy_verify

import rego.v1

import data.dpone.lib

records := lib.of_kind("deployment_record")

# METADATA
# title: The deployment is named
# description: A verification of no deployment in particular could close any release.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the verification names no {field}"
#   remedy: "give the record of the deployment: --deployment-record PATH"
deployment_named := array.concat(
	[{"ok": true} | count(unnamed) == 0],
	[{"ok": false, "key": field, "params": {"field": field}} | some field in unnamed],
)

unnamed := array.concat(
	array.concat(
		["release" | input.subject.release == ""],
		["environment" | input.subject.environment == ""],
	),
	["deployment" | input.subject.deployment_id == ""],
)

# METADATA
# title: The deployment was recorded
# description: What was not deployed cannot be verified.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "out of order: no record of this deployment comes before its verification"
#   remedy: "record it: dpone ops deployment-record --release {release} --environment NAME --deployment-id ID --status succeeded"
deployment_recorded := [{"ok": ok} | ok := was_recorded]

default was_recorded := false

was_recorded if count(here) > 0

was_recorded if lib.refused("deployment_record")

here := [r |
	some r in records
	r.facts.subject.deployment_id == input.subject.deployment_id
	r.facts.subject.environment == input.subject.environment
	r.facts.subject.release == input.subject.release
]

# METADATA
# title: Something was checked after the deployment
# description: The record alone never closes a release.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no check is given beside the record of the deployment"
#   remedy: "give what was checked: --artifact slo=PATH, and name it under gates.post-deploy-verify.require in dpone.yaml"
checks_given := [{"ok": ok} | ok := count(checks) + count(input.required) > 0]

# What is required and missing, or given and not to be read, is said by the rules on evidence.
checks := [e |
	some e in input.evidence
	e.name != "deployment_record"
	e.kind != "deployment_record"
]

# METADATA
# title: The configuration names the checks
# description: Otherwise whoever runs this gate chooses what is looked at.
# custom:
#   applies_to: gate
#   severity: error
#   waivable: false
#   message: "gates.post-deploy-verify.require names no checks, so any one check is enough"
#   remedy: "name them in dpone.yaml, under gates, post-deploy-verify, require: slo, diff, security"
checks_named := [{"ok": ok, "severity": weight} | ok := input.parameters.checks_named]

default weight := "warning"

weight := "error" if input.protected

# METADATA
# title: The checks were made after the deployment
# description: A report from before the deployment says nothing about what runs now.
# custom:
#   applies_to: evidence
#   severity: error
#   mandatory: true
#   message: "{evidence} is older than the deployment it is to verify"
#   remedy: "make it again, now: {producer}"
made_afterwards := [{"evidence": e.name, "ok": ok, "params": {"age_seconds": e.age_seconds}} |
	some e in input.evidence
	ok := afterwards(e)
]

default afterwards(_) := false

afterwards(e) if e.kind == "deployment_record"

afterwards(e) if e.state != "present"

# What has no date is judged by the rule on dates.
afterwards(e) if e.dated == "none"

afterwards(e) if {
	every r in here { e.age_seconds <= r.age_seconds + r.facts.said.finished_seconds_ago }
}
