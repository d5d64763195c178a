# What the gates of readiness share: domains, the evidence that speaks for them, and the level it allows.
package dpone.readiness

import rego.v1

domains := [d |
	some e in input.evidence
	e.kind == "domains"
	e.producer == "service"
	some d in e.facts.domains
]

required := [d |
	some d in domains
	d.required
]

# Every piece of evidence that was given for a domain and could be read.
given := [e |
	some e in input.evidence
	e.producer != "service"
	e.state == "present"
]

fits(e) if {
	some d in domains
	d.name == e.name
	e.kind in d.kinds
}

# A domain of the team's own, for which the configuration names no kinds, takes any.
fits(e) if {
	some d in domains
	d.name == e.name
	count(d.kinds) == 0
}

shared_with(e) := [o.name |
	some o in given
	o.name != e.name
	o.source.sha256 == e.source.sha256
]

# The best level needs evidence that somebody vouches for, of a known age, about this very release.
proven(e) if {
	e.seal.state == "valid"
	e.binding == "matched"
	e.dated != "none"
}

unproven := [d.name |
	some d in required
	count([e | some e in given; e.name == d.name; proven(e)]) == 0
]

default level(_) := "release_candidate"

level(best) := best if {
	count(required) > 0
	count(unproven) == 0
}
