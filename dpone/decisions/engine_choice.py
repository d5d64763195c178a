"""The engine a decision is taken with: what dpone.yaml says, and what the command line may choose."""

from __future__ import annotations

from typing import Any

from dpone.config.load import Config, Value
from dpone.decisions.request import Context
from dpone.errors import UndecidedError, UsageError
from dpone.policy.engines.choice import ENGINE_NAMES, EngineChoice
from dpone.policy.engines.interface import Engine
from dpone.workspace import Workspace


def choose_engine(config: Config, name: str) -> Config:
    """The configuration with the engine that `--engine` names; an empty name changes nothing.

    A server is reached only at the address dpone.yaml names, and the pin of the program stays: a command
    line picks among engines, it never says what vouches for one. Raises `UsageError`.
    """
    current = str(config.get("engine"))
    if not name or name == current.partition(":")[0]:
        return config
    if name == "opa-server":
        raise UsageError(
            "--engine opa-server needs a server that dpone.yaml names",
            "write its address there: engine: opa-server:http://127.0.0.1:8181",
        )
    return Config({**config.leaves, ("engine",): Value(name, "--engine")}, config.data)


def chosen_engine(context: Context) -> EngineChoice:
    """The engine of this run."""
    return engine_of(context.config, context.workspace)


def engine_item(context: Context) -> dict[str, str]:
    """The engine of this run as rules see it."""
    engine = chosen_engine(context)
    return {"name": engine.name, "trust": engine.trust}


def engine_of(config: Config, workspace: Workspace) -> EngineChoice:
    """The engine a configuration describes."""
    name, _, url = str(config.get("engine")).partition(":")
    if name == "opa-server":
        return EngineChoice("opa-server", url=url)
    if name == "opa":
        binary = config.find("opa", "binary")
        return EngineChoice(
            "opa",
            str(workspace.path(binary)) if binary else "",
            config.find("opa", "sha256") or "",
            search=workspace.env.get("PATH", ""),
        )
    return EngineChoice()


def replaying_engine(context: Context, name: str) -> EngineChoice:
    """The engine `name` as this workspace has it, to take a decision again with.

    Raises `UndecidedError` for a server that dpone.yaml does not name, because an address comes from nowhere
    else, and for an engine nobody knows.
    """
    if name not in ENGINE_NAMES:
        raise UndecidedError(f"an engine called {name[:40]!r} is not known here", "choose one: --engine regopy")
    try:
        return engine_of(choose_engine(context.config, name), context.workspace)
    except UsageError as absent:
        raise UndecidedError(absent.message, f"{absent.advice}, or ask another: --engine regopy") from None


def engine_facts(engine: Engine) -> dict[str, Any]:
    """What is signed about an engine: name, version, digest of its program, canary, and what vouches for it.
    An engine that does not answer has no version."""
    try:
        version, sha256 = engine.version, engine.sha256
    except UndecidedError:
        version = sha256 = ""
    return {
        "name": engine.name,
        "version": version,
        "sha256": sha256,
        "canary": engine.canary if version else "",
        "trust": engine.trust,
    }
