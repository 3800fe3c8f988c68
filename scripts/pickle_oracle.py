"""What Python itself says about a pickle or a value. Used by make-pickle-fixtures.py."""

import base64
import enum
import io
import json
import math
import pickle
import pickletools
from pathlib import Path

import torch

OUT = Path(__file__).resolve().parent.parent / "test" / "files" / "training-args"


class Stub:
    """Stands for every import, instance and call result."""

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return Stub()

    def __setstate__(self, state):
        pass

    def __setitem__(self, key, value):
        pass

    def append(self, item):
        pass


class ImportNotes:
    """Makes an unpickler that only writes down what it is told to import."""

    def __init__(self, data):
        super().__init__(io.BytesIO(data), fix_imports=False)
        self.imports = set()

    def find_class(self, module, name):
        self.imports.add(f"{module}.{name}")
        return Stub

    def persistent_load(self, pid):
        return Stub()


class ImportLister(ImportNotes, pickle._Unpickler):
    """CPython's unpickler in Python."""


class CompiledImportLister(ImportNotes, pickle.Unpickler):
    """CPython's unpickler in C."""


def list_imports(data):
    lister = ImportLister(data)
    lister.load()
    # Where every import is a GLOBAL, pickletools must name the same ones.
    names = [op.name for op, _, _ in pickletools.genops(data)]
    if not {"STACK_GLOBAL", "INST"} & set(names):
        found = {arg.replace(" ", ".") for op, arg, _ in pickletools.genops(data) if op.name == "GLOBAL"}
        assert found == lister.imports, (found, lister.imports)
    return sorted(lister.imports)


def plain(value):
    """The live value as JSON, by the rules of TrainingArgsReading.arguments."""
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, (bool, str)):
        return value
    if hasattr(value, "call"):
        return None  # a payload of make-pickle-fixtures.py
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, torch.device):
        return str(value)
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    return {key: plain(item) for key, item in vars(value).items()}


def tagged(value):
    """Any plain Python value as JSON that keeps tuples, bytes, sets and odd numbers apart."""
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    if isinstance(value, tuple):
        return {"tuple": [tagged(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(value)}
    if isinstance(value, dict):
        return {"dict": [[tagged(key), tagged(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [tagged(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"int": str(value)}
    return value


def encode(data):
    return base64.b64encode(data).decode()


def write_json(name, value):
    (OUT / name).write_text(json.dumps(value, indent=1, ensure_ascii=True, allow_nan=False) + "\n")
