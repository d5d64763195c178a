# Contract check: terms that rows cannot be held against here are said.
package dpone.gates.contract_check

import rego.v1

# METADATA
# title: Every term of the contract can be checked
# description: A term that is passed over in silence looks kept. Contracts in ODCS can hold SQL, patterns and vendors' rules.
# custom:
#   applies_to: service
#   severity: error
#   message: "{what} is not checked here ({place})"
#   remedy: "check it where it can be run (datacontract-cli, whose result is evidence), and waive this finding with that reason"
all_supported := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.unsupported_total == 0
	],
	[{"evidence": e.name, "ok": false, "key": u.place, "severity": how_bad(u), "params": {
		"what": u.what,
		"place": u.place,
	}} |
		some e in items
		some u in e.facts.unsupported
	],
)

# What is text for people was never meant for a tool.
how_bad(u) := "warning" if u.text

how_bad(u) := severity if not u.text

# METADATA
# title: Every unsupported term is listed
# description: The facts list the first hundred; what is beyond cannot be judged one by one.
# custom:
#   applies_to: service
#   severity: error
#   message: "{total} terms of the contract are not checked here, only {listed} of them can be shown"
#   remedy: "split the contract by its objects"
unsupported_listed := [{"evidence": e.name, "ok": ok, "params": {
	"total": e.facts.unsupported_total,
	"listed": count(e.facts.unsupported),
}} |
	some e in items
	ok := e.facts.unsupported_total <= count(e.facts.unsupported)
]
