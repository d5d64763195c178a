"""Engines that stay loaded while many decisions are taken again, as they were or in another world."""

from __future__ import annotations

from collections.abc import Mapping

from dpone.decisions.engine_choice import replaying_engine
from dpone.decisions.evaluate import Loaded, load
from dpone.decisions.gate_input import GateInput
from dpone.decisions.modes import idle, split
from dpone.decisions.request import Context
from dpone.policy.engines.choice import start_engine
from dpone.policy.engines.interface import Engine
from dpone.policy.layers import Layer

ENGINES = 12
"""How many engines stay loaded, where no more are in use: for six sets of a built-in layer and a team's. Each holds some
35 MB, and starting one takes as long as ten decisions."""


class EnginePool:
    """Engines by what is loaded in them. `engine` is the name of the engine to ask, or empty for the one that
    decided."""

    def __init__(self, context: Context, engine: str = "") -> None:
        self._context, self._engine = context, engine
        self._loaded: dict[str, tuple[Layer, Engine]] = {}
        self._used: list[Engine] = []

    def take(self, layers: Mapping[str, Layer], gate_input: GateInput) -> Loaded:
        """Layers (by keys that tell them apart, the built-in one first) with the rules that counted at the instant of
        an input, each in an engine that has it, to be given back; nobody waits until it is built. Of the engines that
        nobody has taken those used longest ago make room."""
        now = str(gate_input.document["evaluated_at"])
        name = self._engine or str(gate_input.document["engine"]["name"])
        asked = {
            f"{name} {digest} {gate_input.config_digest} {sorted(idle(layer, now))}": layer
            for digest, layer in layers.items()
        }
        free = [k for k, (_, engine) in self._loaded.items() if k not in asked and engine not in self._used]
        for key in free[: max(len(self._loaded.keys() | asked.keys()) - ENGINES, 0)]:
            self._loaded.pop(key)[1].close()
        pairs = []
        for key, layer in asked.items():
            pair = self._loaded.pop(key) if key in self._loaded else self._start(name, layer, gate_input)
            self._loaded[key] = pair
            pairs.append(pair)
        self._used += [engine for _, engine in pairs]
        return pairs

    def give_back(self, pairs: Loaded) -> None:
        """Say that these engines have answered what they were taken for."""
        for _, engine in pairs:
            self._used.remove(engine)

    def _start(self, name: str, whole: Layer, gate_input: GateInput) -> tuple[Layer, Engine]:
        layer = split(whole, str(gate_input.document["evaluated_at"]))[0]
        choice = replaying_engine(self._context, name)
        engine = start_engine(choice, self._context.config.get("limits", "decide"))
        try:
            if layer.asks:
                load(engine, layer.parts, gate_input.config)
        except BaseException:
            engine.close()  # nobody else knows of it yet
            raise
        return layer, engine

    def drop(self, pairs: Loaded) -> None:
        """End engines that shall answer nobody any more."""
        ended = [engine for _, engine in pairs]
        for engine in ended:
            engine.close()
        self._loaded = {key: pair for key, pair in self._loaded.items() if pair[1] not in ended}

    def close(self) -> None:
        """End all engines."""
        self.drop(list(self._loaded.values()))
