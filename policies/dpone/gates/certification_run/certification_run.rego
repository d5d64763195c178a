# Certification: every strategy left what the oracle says, and every fault put in on purpose was noticed.
package dpone.gates.certification_run

import rego.v1

import data.dpone.lib

items := lib.of_kind("certification_report")

# METADATA
# title: There are cases
# description: A certification without cases certifies nothing.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "no case was run"
#   remedy: "name a source, a sink and a strategy that exist: dpone ops certification-run --help"
has_cases := [{"evidence": e.name, "ok": ok, "key": "no_cases"} |
	some e in items
	ok := has_executions(e.facts)
]

default has_executions(_) := false

has_executions(facts) if {
	facts.case_count > 0
	count(facts.executions) > 0
}

# METADATA
# title: Every strategy ran to its end
# description: An error of the engine leaves a load half done.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{strategy}, in {cases} cases: the load ended with {error}"
#   remedy: "run it alone: dpone ops certification-run --strategy {strategy}"
strategies_ran := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(failed(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": x.strategy, "params": {
		"strategy": x.strategy,
		"cases": x.cases,
		"error": x.error,
	}} |
		some e in items
		some x in failed(e)
	],
)

failed(e) := [x |
	some x in e.facts.executions
	x.error != ""
]

# METADATA
# title: The target has as many rows as the oracle says
# description: Rows were lost, or loaded twice.
# custom:
#   applies_to: service
#   severity: error
#   message: "{strategy}, in {cases} cases: {actual} rows in the target, {expected} expected"
#   remedy: "compare expected_rows with actual_rows in a behaviour file of {strategy}"
counts_match := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(miscounted(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": x.strategy, "params": {
		"strategy": x.strategy,
		"cases": x.cases,
		"actual": x.actual_row_count,
		"expected": x.expected_row_count,
	}} |
		some e in items
		some x in miscounted(e)
	],
)

miscounted(e) := [x |
	some x in e.facts.executions
	x.actual_row_count != x.expected_row_count
]

# METADATA
# title: The target has the content that the oracle says
# description: The number of rows is right and a value is not.
# custom:
#   applies_to: service
#   severity: error
#   message: "{strategy}, in {cases} cases: the content of the target differs from what is expected"
#   remedy: "compare expected_rows with actual_rows in a behaviour file of {strategy}"
checksums_match := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(different(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": x.strategy, "params": {
		"strategy": x.strategy,
		"cases": x.cases,
		"actual": x.actual_checksum,
		"expected": x.expected_checksum,
	}} |
		some e in items
		some x in different(e)
	],
)

different(e) := [x |
	some x in e.facts.executions
	x.actual_checksum != x.expected_checksum
]

# METADATA
# title: No key stands in the target twice
# description: A merge that doubles a key is worse than one that loses it, because sums still look right.
# custom:
#   applies_to: service
#   severity: error
#   message: "{strategy}, in {cases} cases: {duplicates} keys stand in the target more than once"
#   remedy: "compare expected_rows with actual_rows in a behaviour file of {strategy}"
keys_unique := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(doubled(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": x.strategy, "params": {
		"strategy": x.strategy,
		"cases": x.cases,
		"duplicates": x.duplicate_keys,
	}} |
		some e in items
		some x in doubled(e)
	],
)

doubled(e) := [x |
	some x in e.facts.executions
	x.duplicate_keys > 0
]

# METADATA
# title: The target is not empty
# description: Two empty tables are equal and prove nothing.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{strategy}, in {cases} cases: nothing is expected in the target, so nothing was compared"
#   remedy: "run it with more rows: --row-count 10000"
something_compared := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(hollow(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": x.strategy, "params": {"strategy": x.strategy, "cases": x.cases}} |
		some e in items
		some x in hollow(e)
	],
)

hollow(e) := [x |
	some x in e.facts.executions
	x.expected_row_count == 0
]

# METADATA
# title: Faults put in on purpose are noticed
# description: A comparison that does not see a lost row cannot say that none was lost.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{strategy}, in {cases} cases: {tried} of {controls} negative controls were tried, {missed} not noticed"
#   remedy: "run it alone: dpone ops certification-run --strategy {strategy}"
controls_noticed := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(fooled(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": x.strategy, "params": {
		"strategy": x.strategy,
		"cases": x.cases,
		"tried": x.controls,
		"controls": e.facts.control_count,
		"missed": count(x.missed_controls),
		"names": x.missed_controls,
	}} |
		some e in items
		some x in fooled(e)
	],
)

fooled(e) := [x |
	some x in e.facts.executions
	is_fooled(x, e.facts.control_count)
]

is_fooled(x, _) if count(x.missed_controls) > 0

is_fooled(x, wanted) if x.controls != wanted

# METADATA
# title: The connector itself was run
# description: A strategy that works on the embedded engine says nothing about the connector of another system.
# custom:
#   applies_to: service
#   severity: error
#   message: "{simulated} of {cases} cases are simulated: the connector itself was not run"
#   remedy: "certify it on the real system before you rely on it"
connectors_ran := [{"evidence": e.name, "ok": ok, "severity": simulated_severity, "key": "simulated", "params": {
	"simulated": e.facts.simulated,
	"cases": e.facts.case_count,
}} |
	some e in items
	ok := e.facts.simulated == 0
]

default simulated_severity := "error"

simulated_severity := "warning" if data.dpone.config.profile == "standard"

# METADATA
# title: The folder holds the files of this run only
# description: A behaviour file of an earlier run beside these can be taken for one of them.
# custom:
#   applies_to: service
#   severity: warning
#   message: "{count} behaviour files of other cases lie in the folder, {first} first; they are not part of this report"
#   remedy: "remove them, or give every run a folder of its own: --artifact-dir"
no_stale_files := [{"evidence": e.name, "ok": ok, "key": "stale_files", "params": {
	"count": e.facts.stale_files,
	"first": e.facts.first_stale_file,
}} |
	some e in items
	ok := e.facts.stale_files == 0
]
