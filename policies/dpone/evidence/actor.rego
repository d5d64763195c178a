# What every gate asks of the one who decides.
package dpone.evidence

import rego.v1

import data.dpone.lib

# METADATA
# title: A protected environment is decided by a key the trust root vouches for
# description: A key that only this machine or this folder knows proves nothing to anybody else.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{subject.environment} is protected and the decision is signed with trust {actor.trust}, anchored is needed"
#   remedy: "sign with a key of dpone.trust.json and anchor that file: --trust-root FINGERPRINT or DPONE_TRUST_ROOT"
signer_anchored := [{"ok": ok} |
	ok := signer_is_enough(input)
]

default signer_is_enough(_) := false

signer_is_enough(i) if i.protected == false

signer_is_enough(i) if i.actor.trust == "anchored"

# A key that may not decide at all is judged by the next rule.
signer_is_enough(i) if {
	i.actor.signing == "key"
	i.actor.trust == "none"
}

# METADATA
# title: The key that decides may decide
# description: A key that was revoked, has expired, or was not granted this gate speaks for nobody.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "the trust file does not let the key of {actor.identity} decide this: revoked, expired or not granted"
#   remedy: "sign with a key that dpone.trust.json grants this gate and artifact: dpone keys list"
signer_trusted := [{"ok": ok} |
	ok := signer_may_decide(input.actor)
]

default signer_may_decide(_) := false

signer_may_decide(actor) if actor.signing == "preview"

signer_may_decide(actor) if actor.trust != "none"

# METADATA
# title: The decision is signed
# description: Without a key the decision is a preview that nobody can check later.
# custom:
#   applies_to: gate
#   severity: error
#   waivable: false
#   message: "there is no signing key, so this is a preview: it is not signed and not recorded"
#   remedy: "set DPONE_SIGNING_KEY to a key of dpone.trust.json; see dpone keys generate"
decision_signed := [{"ok": ok, "severity": severity} |
	severity := lib.severity(data.dpone.config.concerns.unsealed)
	ok := input.actor.signing == "key"
]

# METADATA
# title: Who decides is who signs
# description: A typed name is a claim; only the key says who it was.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{actor.claimed} is named, but the key belongs to {actor.identity}"
#   remedy: "name the identity of the signing key, or sign with the key of the person named"
claim_matches_signer := [{"ok": ok} |
	ok := claim_holds(input.actor)
]

default claim_holds(_) := false

claim_holds(actor) if actor.claimed == ""

claim_holds(actor) if actor.claim_matches

# Nobody knows whose these keys are, so they contradict no name; that it is only asserted is said below.
claim_holds(actor) if actor.trust == "local"

claim_holds(actor) if actor.signing == "preview"

# METADATA
# title: Who decides is known by a key
# description: A name that no key vouches for is what somebody typed.
# custom:
#   applies_to: gate
#   severity: error
#   waivable: false
#   message: "{actor.claimed} is only asserted: the trust file knows no key that signed this"
#   remedy: "give {actor.claimed} a key and trust it: dpone keys generate, dpone keys trust"
claim_vouched := [{"ok": ok, "severity": severity} |
	severity := lib.severity(data.dpone.config.concerns.unsealed)
	ok := claim_is_vouched(input.actor)
]

default claim_is_vouched(_) := false

claim_is_vouched(actor) if actor.claimed == ""

claim_is_vouched(actor) if actor.claim_matches

# Another name than the key's is judged above.
claim_is_vouched(actor) if {
	actor.signing == "key"
	actor.trust != "local"
}

# METADATA
# title: A protected environment is judged at the real time
# description: A clock that was set can make stale evidence look fresh.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "{subject.environment} is protected and the clock was set to {evaluated_at}"
#   remedy: "leave out --at, and unset SOURCE_DATE_EPOCH for this command"
clock_is_real := [{"ok": ok} |
	ok := clock_is_enough(input)
]

default clock_is_enough(_) := false

clock_is_enough(i) if i.protected == false

clock_is_enough(i) if i.clock == "system"

# METADATA
# title: Something was required or given
# description: A gate that looks at nothing proves nothing.
# custom:
#   applies_to: gate
#   severity: error
#   mandatory: true
#   message: "no evidence was given and none is required"
#   remedy: "name it: dpone ops init finds it and writes dpone.yaml, or give --artifact NAME=PATH"
something_to_judge := [{"ok": ok} |
	ok := (count(input.evidence) + count(input.required)) > 0
]
