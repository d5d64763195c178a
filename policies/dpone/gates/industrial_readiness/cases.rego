# The cases of the matrix that must have run and passed.
package dpone.gates.industrial_readiness

import rego.v1

import data.dpone.readiness

# METADATA
# title: Every required case ran and passed
# description: A case that was simulated, failed or left out says nothing about its connectors.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the case {case} did not run and pass in the matrix"
#   remedy: "run it where its connectors are: dpone ops certification-run --release {release}"
cases_covered := array.concat(
	[{"ok": true} | count(uncovered) == 0],
	[{"ok": false, "key": sprintf("local_matrix.case_missing:%s", [case]), "params": {"case": case}} |
		some case in uncovered
	],
)

uncovered := [case |
	some case in input.parameters.cases
	not case in covered
]

covered := [case |
	some e in readiness.given
	e.name == "local_matrix"
	e.kind == "certification_report"
	e.binding != "foreign"
	e.facts.passed == true
	some case in e.facts.said.executed_cases
]
