# Attestations of builds and tests.
package dpone.kinds.in_toto

import rego.v1

import data.dpone.lib

items := lib.of_kind("in-toto")

# METADATA
# title: The attestation is signed by a trusted key
# description: An attestation that nobody trusted has signed can be written by anybody.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "the signature of the attestation is {facts.signature}"
#   remedy: "name the builder's public key under trusted_keys of this item, or: {producer}"
signature := {
	"holds": [e.name |
		some e in items
		e.facts.signature == "valid"
	],
	"pointer": "/signatures",
}

# METADATA
# title: The attestation is about these files
# description: A good signature over another file's digest says nothing about the file that is shipped.
# custom:
#   applies_to: kind
#   severity: error
#   mandatory: true
#   waivable: false
#   message: "digest differs: {facts.mismatched_names}; not attested: {facts.missing_names}"
#   remedy: "attest the files that are shipped: {producer}"
other_subject := {
	"holds": [e.name |
		some e in items
		e.facts.mismatched == 0
		e.facts.missing == 0
		e.facts.subjects_total > 0
	],
	"pointer": "/payload",
}

# METADATA
# title: The attestation was compared with a file
# description: Without the digest of a file here, the attestation is about something, but nobody looked at what.
# custom:
#   applies_to: kind
#   severity: warning
#   waivable: true
#   message: "none of {facts.subjects_total} subjects was compared with a file"
#   remedy: "name the files under artifacts of this item in dpone.yaml"
unchecked := {"holds": [e.name |
	some e in items
	e.facts.compared > 0
]}

# METADATA
# title: The attested tests passed
# description: A test-result attestation says itself whether they did; only PASSED is a pass.
# custom:
#   applies_to: kind
#   severity: error
#   waivable: true
#   message: "the attested test result is {facts.result}: {facts.failed_tests} failed, {facts.warned_tests} warned"
#   remedy: "mend what the tests found, then: {producer}"
not_passed := {
	"holds": [e.name |
		some e in items
		result_is_good(e)
	],
	"pointer": "/payload",
}

result_is_good(e) if e.facts.result == "PASSED"

result_is_good(e) if e.facts.predicate_type == "https://slsa.dev/provenance/v1"
