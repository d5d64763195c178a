# A deployment stands: it ended well, its checks passed, its times are possible, and there is a way back.
package dpone.gates.deployment_record

import rego.v1

import data.dpone.lib

deployments := lib.of_kind("deployment")

# METADATA
# title: The deployment says what went where
# description: A record about no release or no environment proves nothing later.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the deployment names no {field}"
#   remedy: "give --environment, and the approval record that names the release"
deployment_named := array.concat(
	[{"ok": true} | count(unnamed) == 0],
	[{"ok": false, "key": field, "params": {"field": field}} | some field in unnamed],
)

unnamed := array.concat(
	["release" | input.subject.release == ""],
	["environment" | input.subject.environment == ""],
)

# METADATA
# title: The deployment ended well
# description: A deployment that failed, or was done in part, is not the release that was approved.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the deployment ended as {status}"
#   remedy: "roll back, or mend it and record the next deployment under an id of its own"
ended_well := [{"evidence": e.name, "ok": ok, "key": key, "params": {"status": e.facts.status}} |
	some e in deployments
	key := sprintf("deployment.status_%s", [e.facts.status])
	ok := e.facts.status in ["succeeded", "completed"]
]

# METADATA
# title: The checks made after the deployment passed
# description: A check that failed says that what runs now is not what was wanted.
# custom:
#   applies_to: service
#   severity: error
#   message: "the check {name} failed"
#   remedy: "mend what {name} found, or roll back"
checks_passed := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in deployments
		count(failed(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": sprintf("post_check.%s", [name]), "params": {"name": name}} |
		some e in deployments
		some name in failed(e)
	],
)

failed(e) := [c.name |
	some c in e.facts.checks
	c.passed == false
]

# METADATA
# title: Something was checked
# description: A deployment that nobody looked at afterwards may not even run.
# custom:
#   applies_to: service
#   severity: error
#   message: "no check was made after the deployment"
#   remedy: "make one and record it: --post-check smoke=true"
checks_made := [{"evidence": e.name, "ok": ok, "severity": weight} |
	some e in deployments
	ok := count(e.facts.checks) > 0
]

default weight := "warning"

weight := "error" if input.protected
