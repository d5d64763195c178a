"""Data contract guard: rows held against required columns, nullability, uniqueness, counts and ranges."""

from __future__ import annotations

from typing import Any

from dpone.data.contract_check import ContractFacts, check
from dpone.data.contracts import Contract, read_contract, read_rows
from dpone.data.odcs import is_odcs, read_odcs
from dpone.data.strict import parse_documents, parse_exact
from dpone.decisions.request import GateRequest, Verdict
from dpone.errors import UsageError
from dpone.evidence.collect import Service
from dpone.ops.session import Session
from dpone.ops.source import Source, interpret, unusable
from dpone.record import replace

GATE, ARTIFACT = "contract-check", "data_contract_report"


def request(session: Session, rows: Source, contract: Source, mode: str, name: str = "") -> GateRequest:
    """Ask whether the rows keep the contract; `mode` warn turns what is broken into warnings. `name` chooses
    the object of a contract in ODCS that has several."""
    data, rows = interpret(rows, lambda s: read_rows(parse_exact(s.data, s.option)))
    terms, contract = interpret(contract, lambda s: read_terms(s, name))
    found = check(data, terms) if data is not None and terms is not None else None
    service = unusable("contract", ARTIFACT, (rows, contract)) or _service(found, (rows, contract))
    return replace(
        session.ask(ARTIFACT, lambda verdict: view(verdict, found, mode)),
        services=(service,),
        parameters={"mode": mode},
        title="Data contract report",
    )


def read_terms(source: Source, name: str) -> Contract:
    """The contract in either form, told by its content. Raises `UsageError`."""
    documents = parse_documents(source.data, source.option)
    if len(documents) != 1:
        raise UsageError(f"{source.option} holds {len(documents)} documents", "give one contract")
    if is_odcs(documents[0]):
        return read_odcs(documents[0], name)
    if name:
        raise UsageError("--contract-object is for contracts in ODCS", "leave it out")
    return read_contract(documents[0])


def _service(found: ContractFacts | None, sources: tuple[Source, ...]) -> Service:
    assert found is not None
    facts = found.facts()
    return Service(
        "contract",
        ARTIFACT,
        facts,
        f"{len(found.results)} checks on {facts['row_count']} rows",
        materials=tuple(source.material() for source in sources),
    )


def view(verdict: Verdict, found: ContractFacts | None, mode: str) -> dict[str, Any]:
    """The fields old scripts read; whether a check holds is what the rules said."""
    red, noted = verdict.red("contract"), verdict.noted("contract")
    rows = []
    for result in found.results if found else ():
        severity = "fail" if result.code in red else ("warn" if result.code in noted else "pass")
        rows.append(
            {
                "code": result.code,
                "severity": severity,
                "passed": severity != "fail",
                "message": result.message,
                "action": red.get(result.code, noted.get(result.code, "")),
            }
        )
    return {"mode": mode, "results": rows}
