# What a manifest bundle must not hand on.
package dpone.gates.manifest_bundle

import rego.v1

# METADATA
# title: Redaction is complete
# description: A file that could not be redacted completely is not copied, and the bundle is not whole.
# custom:
#   applies_to: service
#   severity: error
#   mandatory: true
#   message: "{file} was not copied: {reason}"
#   remedy: "give it as JSON, YAML, TOML, env, INI, CSV, XML or text that reads without errors, or leave it out"
redacted_completely := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.states.left_out == 0
	],
	[{"evidence": e.name, "ok": false, "key": f.file, "pointer": f.pointer, "params": {
		"file": f.name,
		"reason": f.reason,
	}} |
		some e in items
		some f in e.facts.files
		f.state == "left_out"
	],
)

# METADATA
# title: No secret is copied in clear
# description: Whoever gets the bundle gets the secret.
# custom:
#   applies_to: service
#   severity: error
#   message: "{file} is copied in clear, secrets found in it: {count}"
#   remedy: "build the bundle with --redact, and rotate what was in the file"
no_secret_in_clear := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.in_clear_count == 0
	],
	[{"evidence": e.name, "ok": false, "severity": weight(input), "key": f.file, "pointer": f.pointer, "params": {
		"file": f.name,
		"count": f.secrets,
	}} |
		some e in items
		some f in e.facts.files
		in_clear(e.facts.redact, f)
	],
)

in_clear(redact, f) if {
	redact == false
	f.state == "copied"
	f.secrets > 0
}

# METADATA
# title: Copies were searched for secrets
# description: What is no text was not searched, and may hold anything.
# custom:
#   applies_to: service
#   severity: error
#   message: "{file} is copied and could not be searched for secrets"
#   remedy: "leave it out, or give its content as text"
copies_searched := array.concat(
	[{"evidence": e.name, "ok": true} |
		some e in items
		e.facts.unsearched_count == 0
	],
	[{"evidence": e.name, "ok": false, "severity": weight(input), "key": f.file, "pointer": f.pointer, "params": {"file": f.name}} |
		some e in items
		some f in e.facts.files
		f.state == "copied"
		f.secrets < 0
	],
)

# Without --redact somebody may know what is in a file; where the profile is strict, that is not enough.
default weight(_) := "warning"

weight(i) := "error" if i.protected

weight(_) := "error" if data.dpone.config.profile == "strict"
