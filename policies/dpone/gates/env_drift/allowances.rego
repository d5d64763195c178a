# What allows a difference: somebody's entry with a reason and an end, and how strictly a typed path counts.
package dpone.gates.env_drift

import rego.v1

# METADATA
# title: Whoever allows a difference answers for it
# description: A path typed on the command line has no owner, no reason and no end; a protected environment takes none.
# custom:
#   applies_to: service
#   severity: error
#   concern: "{count} paths are allowed by --allowlist-path alone"
#   message: "{path} {kind} and only --allowlist-path allows it"
#   remedy: "give it an entry under drift.allow in dpone.yaml, with path, owner, reason and expires"
allowance_recorded := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.command_line_count == 0
	],
	array.concat(
		[{"evidence": e.name, "ok": false, "severity": weight(input), "key": d.path, "pointer": d.pointer, "params": {
			"path": d.path,
			"kind": d.kind,
		}} |
			some e in items
			some d in e.facts.command_line
		],
		[{"evidence": e.name, "ok": false, "severity": weight(input), "key": "~more", "params": {
			"path": sprintf("%v more places", [e.facts.command_line_count - count(e.facts.command_line)]),
			"kind": "differ",
		}} |
			some e in items
			e.facts.command_line_count > count(e.facts.command_line)
		],
	),
)

default weight(_) := "error"

weight(i) := "warning" if {
	i.protected == false
	data.dpone.config.profile == "standard"
}

# METADATA
# title: Every allowance is used
# description: One that matches no difference is a typo, or opens a door that nobody needs any more.
# custom:
#   applies_to: service
#   severity: warning
#   concern: "{count} allowances match no difference"
#   message: "{path} ({origin}) matches no difference"
#   remedy: "correct its path, or take it out"
allowance_used := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.unused_count == 0
	],
	[{"evidence": e.name, "ok": false, "key": a.path, "params": {"path": a.path, "origin": a.origin}} |
		some e in items
		some a in e.facts.unused
	],
)

# METADATA
# title: No allowance has expired
# description: An expired one allows nothing; it stands in the file as if it did.
# custom:
#   applies_to: service
#   severity: warning
#   concern: "{count} allowances have expired"
#   message: "{path}: the allowance of {owner} counted until {expires}"
#   remedy: "take it out, or let its owner decide again and give it a new end"
allowance_current := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.expired_count == 0
	],
	[{"evidence": e.name, "ok": false, "key": a.path, "params": {
		"path": a.path,
		"owner": a.owner,
		"expires": a.expires,
	}} |
		some e in items
		some a in e.facts.expired
	],
)
