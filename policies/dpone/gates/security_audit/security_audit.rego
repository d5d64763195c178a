# Security audit: something was scanned, nothing holds a secret, nothing was left unscanned.
package dpone.gates.security_audit

import rego.v1

import data.dpone.lib

items := lib.of_kind("security_audit")

allowed_types := ["env", "airflow", "vault", "params"]

# METADATA
# title: Something was scanned
# description: An audit of nothing finds nothing.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "nothing was scanned"
#   remedy: "give files, folders, --manifest-json or --log-text"
something_scanned := [{"evidence": e.name, "ok": ok, "key": "security.nothing_scanned"} |
	some e in items
	ok := e.facts.scanned > 0
]

# METADATA
# title: No secret stands in clear
# description: A secret in a manifest, report or log is known to everybody who can read it.
# custom:
#   applies_to: service
#   severity: error
#   message: "{rule} in {file} line {line}"
#   remedy: "replace it by a reference (env, vault, airflow) or [REDACTED], and rotate it"
no_secret := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.finding_count == 0
	],
	[{"evidence": e.name, "ok": false, "key": f.code, "pointer": f.pointer, "params": {
		"rule": f.rule,
		"file": f.uri,
		"line": f.line,
	}} |
		some e in items
		some f in e.facts.findings
	],
)

# METADATA
# title: Connections get their credentials from a safe place
# description: Only env, airflow, vault and params keep credentials out of the manifest.
# custom:
#   applies_to: service
#   severity: error
#   message: "connection_type {type} in {file} line {line}"
#   remedy: "use env, airflow, vault or params"
safe_connection_type := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(unsafe(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": c.code, "params": {"type": c.type, "file": c.uri, "line": c.line}} |
		some e in items
		some c in unsafe(e)
	],
)

unsafe(e) := [c |
	some c in e.facts.connection_types
	type := c.type
	not allows_type(type)
]

allows_type(type) if type in allowed_types

# METADATA
# title: Everything given was scanned
# description: A file that could not be read may hold the secret.
# custom:
#   applies_to: service
#   severity: error
#   message: "{file} was not scanned: {reason}"
#   remedy: "give it as readable text, or leave it out"
all_scanned := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		count(unread(e)) == 0
	],
	[{"evidence": e.name, "ok": false, "key": n.uri, "params": {"file": n.uri, "reason": n.reason}} |
		some e in items
		some n in unread(e)
	],
)

unread(e) := [n |
	some n in e.facts.not_scanned
	n.reason != "binary"
]

# METADATA
# title: Binary files are named
# description: Binary files are not searched; that is said rather than hidden.
# custom:
#   applies_to: service
#   severity: warning
#   message: "{count} binary files were not searched"
#   remedy: "keep archives and images out of what is published, or audit their contents before packing"
binaries_named := [{"evidence": e.name, "ok": ok, "params": {"count": total}} |
	some e in items
	total := sum([r.count |
		some r in e.facts.not_scanned_reasons
		r.reason == "binary"
	])
	ok := total == 0
]
