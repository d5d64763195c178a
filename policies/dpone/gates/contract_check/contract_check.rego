# Contract check: the rows keep every term of the contract.
package dpone.gates.contract_check

import rego.v1

import data.dpone.lib

items := lib.of_kind("data_contract_report")

# METADATA
# title: The contract has terms
# description: A contract without terms was not checked.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the contract has no term"
#   remedy: "name at least one: required_columns, not_null, unique, min_rows, max_null_ratio"
has_terms := [{"evidence": e.name, "ok": ok, "key": "contract.empty"} |
	some e in items
	ok := e.facts.result_count > 0
]

# METADATA
# title: There are rows
# description: A contract holds for no rows at all without saying anything.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "there are no rows to check"
#   remedy: "check credentials, filters, pagination and state of the load"
has_rows := [{"evidence": e.name, "ok": ok, "key": "rows.empty"} |
	some e in items
	ok := e.facts.row_count > 0
]

# METADATA
# title: Every row keeps the contract
# description: Columns, nulls, keys, types, values and ranges as agreed with the consumers.
# custom:
#   applies_to: service
#   severity: error
#   message: "{code}: {violations} of {checked} rows break it, {null_keys} with a null in the key"
#   remedy: "{action}"
rows_kept := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(broken(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.code, "pointer": r.pointer, "severity": severity, "params": {
		"code": r.code,
		"violations": r.violations,
		"null_keys": r.null_keys,
		"checked": r.checked,
		"action": r.action,
	}} |
		some e in items
		some r in broken(e)
	],
)

# METADATA
# title: Counts and ratios keep the contract
# description: Too few or too many rows, or too many nulls, say that a load went wrong.
# custom:
#   applies_to: service
#   severity: error
#   message: "{code} is {actual}, {operator} {limit}"
#   remedy: "{action}"
limits_kept := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(outside(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.code, "pointer": r.pointer, "severity": severity, "params": {
		"code": r.code,
		"actual": r.actual,
		"operator": r.operator,
		"limit": r.limit,
		"action": r.action,
	}} |
		some e in items
		some r in outside(e)
	],
)

# METADATA
# title: Every column of the contract occurs
# description: A misspelt column breaks no row, because no row has it.
# custom:
#   applies_to: service
#   severity: error
#   message: "{code}: no row has {columns}"
#   remedy: "correct the column's name in the contract, or add the column at the source"
columns_occur := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(absent(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": r.code, "pointer": r.pointer, "severity": severity, "params": {
		"code": r.code,
		"columns": r.columns,
	}} |
		some e in items
		some r in absent(e)
	],
)

severity := "warning" if input.parameters.mode == "warn"

severity := "error" if input.parameters.mode != "warn"

broken(e) := [r |
	some r in e.facts.results
	r.operator == "none"
	r.violations + r.null_keys > 0
]

# Without rows nothing can occur; that is for has_rows to say.
absent(e) := [r |
	e.facts.row_count > 0
	some r in e.facts.results
	count(r.columns) > 0
	r.seen == 0
]

outside(e) := [r |
	some r in e.facts.results
	is_outside(r)
]

is_outside(r) if {
	r.operator == "min"
	r.relation == "below"
}

is_outside(r) if {
	r.operator == "max"
	r.relation == "above"
}
