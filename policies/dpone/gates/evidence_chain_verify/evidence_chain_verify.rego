# The evidence chain holds: links, ledger, view, and the files of the newest link.
package dpone.gates.evidence_chain_verify

import rego.v1

states := [e.facts |
	some e in input.evidence
	e.kind == "evidence_chain_state"
	e.state == "present"
]

# METADATA
# title: The chain has links
# description: An empty chain proves nothing.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the chain is empty"
#   remedy: "append the first release: dpone ops evidence-chain --release v1.2.3 --artifact-index PATH"
not_empty := [{"ok": ok, "key": "chain.empty", "params": {}} |
	some f in states
	ok := f.links > 0
]

# METADATA
# title: Every link follows the one before
# description: A link with another hash was changed, removed or reordered.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the link of {release} does not hold"
#   remedy: "treat it as an audit event: compare the ledger with a checkpoint kept elsewhere"
links_hold := array.concat(
	[{"ok": true} | count(broken) == 0],
	[{"ok": false, "key": name, "params": {"release": name}} | some name in broken],
)

broken := [name |
	some f in states
	some name in f.broken
]

# METADATA
# title: The ledger is intact
# description: The chain stands in the ledger; a changed ledger changes the chain.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the ledger is {ledger}"
#   remedy: "see what is wrong: dpone ledger verify"
ledger_intact := [{"ok": ok, "key": "ledger", "params": {"ledger": f.ledger}} |
	some f in states
	ok := f.ledger == "intact"
]

# METADATA
# title: The files of the chain folder say what the ledger says
# description: The folder is a view; where it differs somebody edited it.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{file} differs from the ledger"
#   remedy: "delete the file; the next dpone ops evidence-chain writes it again from the ledger"
view_matches := array.concat(
	[{"ok": true} | count(differing) == 0],
	[{"ok": false, "key": name, "params": {"file": name}} | some name in differing],
)

differing := [name |
	some f in states
	some name in f.view_problems
]

# METADATA
# title: The indexed files are the ones that were indexed
# description: A file that changed or went after the release was chained is not what was released on.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{file} is {state} since it was indexed"
#   remedy: "review the difference, then index and chain again: dpone ops artifact-index"
files_same := array.concat(
	[{"ok": true} | count(touched) == 0],
	[{"ok": false, "key": t.file, "params": t} | some t in touched],
)

touched := array.concat(
	[{"file": name, "state": "changed"} |
		some f in states
		some name in f.changed
	],
	[{"file": name, "state": "missing"} |
		some f in states
		some name in f.missing
	],
)
