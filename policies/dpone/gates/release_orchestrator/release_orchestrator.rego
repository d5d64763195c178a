# Orchestration: every step was taken, in one run, and each passed.
package dpone.gates.release_orchestrator

import rego.v1

wanted := ["artifact-index", "evidence-chain", "release-gate", "docs-publish-pack", "runbook-pack"]

steps := [e |
	some e in input.evidence
	e.producer == "service"
	e.state == "present"
]

# METADATA
# title: A release is named
# description: A run about no release in particular proves nothing later.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no release is named"
#   remedy: "name it: --release v1.2.3"
release_named := [{"ok": ok} | ok := input.subject.release != ""]

# METADATA
# title: Every step was taken
# description: A step that was left out has decided nothing.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the step {step} was not taken"
#   remedy: "mend what is red before it, and run again: dpone ops release-orchestrator"
steps_taken := array.concat(
	[{"ok": true} | count(absent) == 0],
	[{"ok": false, "key": name, "params": {"step": name}} | some name in absent],
)

absent := [name |
	some name in wanted
	count([e | some e in steps; e.name == name]) != 1
]

# METADATA
# title: Every step passed
# description: A run is as good as its worst step.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{gate} is {status}"
#   remedy: "open {path}, mend what it names, and run again: dpone ops release-orchestrator"
step_passed := [{"evidence": e.name, "ok": ok, "key": e.name, "params": {
	"gate": e.facts.gate,
	"status": e.facts.status,
	"path": e.facts.path,
}} |
	some e in steps
	ok := has_passed(e.facts)
]

default has_passed(_) := false

has_passed(facts) if {
	facts.passed == true
	facts.status == "passed"
}

# METADATA
# title: No step passed with warnings
# description: A warning in a step must not vanish in the run.
# custom:
#   applies_to: service
#   severity: warning
#   message: "{gate} has warnings: {warned}"
#   remedy: "read them in {path}"
step_clean := [{"evidence": e.name, "ok": ok, "params": {
	"gate": e.facts.gate,
	"warned": e.facts.warned,
	"path": e.facts.path,
}} |
	some e in steps
	ok := e.facts.warned == 0
]
