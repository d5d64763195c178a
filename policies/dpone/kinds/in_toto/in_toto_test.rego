package dpone.kinds.in_toto_test

import rego.v1

import data.dpone.kinds.in_toto

# An input with one item.
one(reported, facts) := {"evidence": [{
	"name": "a",
	"kind": "in-toto",
	"state": "present",
	"reported": reported,
	"facts": facts,
}]}

denied(answer) if count(answer.holds) == 0

cleared(answer) if count(answer.holds) == 1

test_a_valid_signature_is_cleared if {
	facts := {"signature": "valid"}
	found := in_toto.signature with input as one("unknown", facts)
	cleared(found)
}

test_an_untrusted_signature_is_denied if {
	facts := {"signature": "untrusted"}
	found := in_toto.signature with input as one("unknown", facts)
	denied(found)
}

test_a_broken_signature_is_denied if {
	facts := {"signature": "broken"}
	found := in_toto.signature with input as one("unknown", facts)
	denied(found)
}

test_an_absent_signature_is_denied if {
	facts := {"signature": "absent"}
	found := in_toto.signature with input as one("unknown", facts)
	denied(found)
}

test_a_matching_subject_is_cleared if {
	facts := {
		"subjects_total": 1,
		"mismatched": 0,
		"mismatched_names": "",
		"missing": 0,
		"missing_names": "",
	}
	found := in_toto.other_subject with input as one("unknown", facts)
	cleared(found)
}

test_another_digest_is_denied if {
	facts := {
		"subjects_total": 1,
		"mismatched": 1,
		"mismatched_names": "",
		"missing": 0,
		"missing_names": "",
	}
	found := in_toto.other_subject with input as one("unknown", facts)
	denied(found)
}

test_a_file_that_is_not_attested_is_denied if {
	facts := {
		"subjects_total": 1,
		"mismatched": 0,
		"mismatched_names": "",
		"missing": 1,
		"missing_names": "",
	}
	found := in_toto.other_subject with input as one("unknown", facts)
	denied(found)
}

test_no_subject_is_denied if {
	facts := {
		"subjects_total": 0,
		"mismatched": 0,
		"mismatched_names": "",
		"missing": 0,
		"missing_names": "",
	}
	found := in_toto.other_subject with input as one("empty", facts)
	denied(found)
}

test_a_subject_that_was_not_compared_is_denied if {
	facts := {"subjects_total": 1, "compared": 0}
	found := in_toto.unchecked with input as one("unknown", facts)
	denied(found)
}

test_a_compared_subject_is_cleared if {
	facts := {"subjects_total": 1, "compared": 1}
	found := in_toto.unchecked with input as one("unknown", facts)
	cleared(found)
}

test_a_failed_result_is_denied if {
	facts := {
		"predicate_type": "https://in-toto.io/attestation/test-result/v0.1",
		"result": "FAILED",
		"failed_tests": 0,
		"warned_tests": 0,
	}
	found := in_toto.not_passed with input as one("failed", facts)
	denied(found)
}

test_a_warned_result_is_denied if {
	facts := {
		"predicate_type": "https://in-toto.io/attestation/test-result/v0.1",
		"result": "WARNED",
		"failed_tests": 0,
		"warned_tests": 0,
	}
	found := in_toto.not_passed with input as one("passed", facts)
	denied(found)
}

test_a_passed_result_is_cleared if {
	facts := {
		"predicate_type": "https://in-toto.io/attestation/test-result/v0.1",
		"result": "PASSED",
		"failed_tests": 0,
		"warned_tests": 0,
	}
	found := in_toto.not_passed with input as one("passed", facts)
	cleared(found)
}

test_provenance_has_no_result if {
	facts := {
		"predicate_type": "https://slsa.dev/provenance/v1",
		"result": "",
		"failed_tests": 0,
		"warned_tests": 0,
	}
	found := in_toto.not_passed with input as one("unknown", facts)
	cleared(found)
}

test_no_answer_without_evidence if {
	found := in_toto.signature with input as {"evidence": []}
	count(found.holds) == 0
}
