# What every built-in rule may share; read-only for team layers.
package dpone.lib

import rego.v1

# The evidence of one kind that could be read; other states are judged by the rules on evidence itself.
of_kind(kind) := [e |
	some e in input.evidence
	e.kind == kind
	e.state == "present"
]

# Evidence of that name is there and does not hold, which the mandatory rules on evidence say; what it would
# prove need not be missed a second time.
default refused(_) := false

refused(name) if {
	some state in [e.state | some e in input.evidence; e.name == name]
	state != "present"
}

refused(name) if {
	some fields in [e.foreign_fields | some e in input.evidence; e.name == name]
	count(fields) > 0
}

# How strictly a configured concern is judged.
severity("fail") := "error"

severity("warn") := "warning"

severity("allow") := "none"

# Where the evidence of a name lies.
default uri_of(_) := "PATH"

uri_of(name) := uri if {
	some uri in [e.source.uri | some e in input.evidence; e.name == name]
}
