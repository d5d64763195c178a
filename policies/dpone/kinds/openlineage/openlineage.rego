# Runs that told of themselves in OpenLineage.
package dpone.kinds.openlineage

import rego.v1

import data.dpone.lib

items := lib.of_kind("openlineage")

# METADATA
# title: No run failed
# description: A run that failed or was aborted did not write what it should.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{failed} of {runs} runs failed: {names}"
#   remedy: "mend the job, then: {producer}"
failed := [{"evidence": e.name, "ok": ok, "pointer": e.facts.failed_at, "params": {
	"failed": e.facts.failed,
	"runs": e.facts.runs,
	"names": e.facts.failed_names,
}} |
	some e in items
	ok := e.facts.failed == 0
]

# METADATA
# title: Every run has ended
# description: A run with a start and no end may still be running, or died without a word.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{open} of {runs} runs have no end: {names}"
#   remedy: "wait for the run to end, or find out why it did not say so, then: {producer}"
open := [{"evidence": e.name, "ok": ok, "pointer": e.facts.open_at, "params": {
	"open": e.facts.open,
	"runs": e.facts.runs,
	"names": e.facts.open_names,
}} |
	some e in items
	ok := e.facts.open == 0
]

# METADATA
# title: Every data quality assertion holds
# description: The run itself saw that its data break what is asserted of them.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{failed} of {assertions} assertions failed: {names}"
#   remedy: "mend the data, then: {producer}"
assertion_failed := [{"evidence": e.name, "ok": ok, "pointer": e.facts.assertions_failed_at, "params": {
	"failed": e.facts.assertions_failed,
	"assertions": e.facts.assertions,
	"names": e.facts.assertions_failed_names,
}} |
	some e in items
	ok := e.facts.assertions_failed == 0
]

# METADATA
# title: No run told of an error
# description: A run can complete and carry an error message all the same.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{errors} of {runs} runs carry an error message"
#   remedy: "read the message, then: {producer}"
error_message := [{"evidence": e.name, "ok": ok, "pointer": e.facts.errors_at, "params": {
	"errors": e.facts.errors,
	"runs": e.facts.runs,
}} |
	some e in items
	ok := e.facts.errors == 0
]

# METADATA
# title: A run completed
# description: Events about datasets alone, or starts alone, prove that nothing was done.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "none of {runs} runs completed"
#   remedy: "run the job: {producer}"
nothing_completed := [{"evidence": e.name, "ok": ok, "params": {"runs": e.facts.runs}} |
	some e in items
	ok := e.facts.completed > 0
]
