# The evidence chain holds: links, ledger, view, and the files of the newest link.
package dpone.gates.evidence_chain_verify

import rego.v1

import data.dpone.lib

items := lib.of_kind("evidence_chain_state")

# METADATA
# title: The chain has links
# description: An empty chain proves nothing.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the chain is empty"
#   remedy: "append the first release: dpone ops evidence-chain --release v1.2.3 --artifact-index PATH"
not_empty := [{"evidence": e.name, "ok": ok, "key": "chain.empty"} |
	some e in items
	ok := e.facts.links > 0
]

# METADATA
# title: Every link follows the one before
# description: A link with another hash was changed, removed or reordered.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the link of {release} does not hold"
#   remedy: "treat it as an audit event: compare the ledger with a checkpoint kept elsewhere"
links_hold := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(e.facts.broken) == 0
	],
	[{"evidence": e.name, "ok": false, "key": name, "params": {"release": name}} |
		some e in items
		some name in e.facts.broken
	],
)

# METADATA
# title: The ledger is intact
# description: The chain stands in the ledger; a changed ledger changes the chain.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "the ledger is {ledger}"
#   remedy: "see what is wrong: dpone ledger verify"
ledger_intact := [{"evidence": e.name, "ok": ok, "key": "ledger", "params": {"ledger": e.facts.ledger}} |
	some e in items
	ok := e.facts.ledger == "intact"
]

# METADATA
# title: The files of the chain folder say what the ledger says
# description: The folder is a view; where it differs somebody edited it.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{file} differs from the ledger"
#   remedy: "delete the file; the next dpone ops evidence-chain writes it again from the ledger"
view_matches := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(e.facts.view_problems) == 0
	],
	[{"evidence": e.name, "ok": false, "key": name, "params": {"file": name}} |
		some e in items
		some name in e.facts.view_problems
	],
)

# METADATA
# title: The indexed files are the ones that were indexed
# description: A file that changed or went after the release was chained is not what was released on.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{file} is {state} since it was indexed"
#   remedy: "review the difference, then index and chain again: dpone ops artifact-index"
files_same := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(e.facts.changed) == 0
		count(e.facts.missing) == 0
	],
	[{"evidence": e.name, "ok": false, "key": t.file, "params": {"file": t.file, "state": t.state}} |
		some e in items
		some t in touched(e)
	],
)

touched(e) := array.concat(
	[{"file": name, "state": "changed"} | some name in e.facts.changed],
	[{"file": name, "state": "missing"} | some name in e.facts.missing],
)
