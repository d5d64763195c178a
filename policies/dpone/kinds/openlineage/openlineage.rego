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
#   message: "{facts.failed} of {facts.runs} runs failed: {facts.failed_names}"
#   remedy: "mend the job, then: {producer}"
failed := {
	"holds": [e.name |
		some e in items
		e.facts.failed == 0
	],
	"pointer": "{facts.failed_at}",
}

# METADATA
# title: Every run has ended
# description: A run with a start and no end may still be running, or died without a word.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.open} of {facts.runs} runs have no end: {facts.open_names}"
#   remedy: "wait for the run to end, or find out why it did not say so, then: {producer}"
open := {
	"holds": [e.name |
		some e in items
		e.facts.open == 0
	],
	"pointer": "{facts.open_at}",
}

# METADATA
# title: Every data quality assertion holds
# description: The run itself saw that its data break what is asserted of them.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.assertions_failed} of {facts.assertions} assertions failed: {facts.assertions_failed_names}"
#   remedy: "mend the data, then: {producer}"
assertion_failed := {
	"holds": [e.name |
		some e in items
		e.facts.assertions_failed == 0
	],
	"pointer": "{facts.assertions_failed_at}",
}

# METADATA
# title: No run told of an error
# description: A run can complete and carry an error message all the same.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "{facts.errors} of {facts.runs} runs carry an error message"
#   remedy: "read the message, then: {producer}"
error_message := {
	"holds": [e.name |
		some e in items
		e.facts.errors == 0
	],
	"pointer": "{facts.errors_at}",
}

# METADATA
# title: A run completed
# description: Events about datasets alone, or starts alone, prove that nothing was done.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "none of {facts.runs} runs completed"
#   remedy: "run the job: {producer}"
nothing_completed := {"holds": [e.name |
	some e in items
	e.facts.completed > 0
]}
