"""Writes test/files/training-args/: files made by torch, and what Python itself says is in them.

Run it with a Python that has torch, transformers and accelerate. Nothing hostile is ever executed: hostile
pickles are written as bytes, and read back by an unpickler whose imports are stubs.
"""

import collections
import enum
import math
import os
import pickle
import random
import types
import warnings
import zipfile

import torch
from pickle_oracle import OUT, CompiledImportLister, ImportLister, encode, list_imports, plain, tagged, write_json
from transformers import TrainingArguments

PROTOCOLS = [0, 1, 2, 3, 4, 5]


def save(name, value, **options):
    """A torch file, and beside it what Python would import and, for training arguments, their values."""
    path = OUT / f"{name}.bin"
    torch.save(value, path, **options)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            expected = {"imports": list_imports(archive.read(f"{name}/data.pkl"))}
        if isinstance(value, TrainingArguments):
            expected["arguments"] = plain(value)
        write_json(f"{name}.json", expected)


def make_arguments(**options):
    defaults = dict(
        output_dir="out", learning_rate=2e-5, num_train_epochs=3, per_device_train_batch_size=16,
        gradient_accumulation_steps=2, warmup_steps=100, weight_decay=0.01, lr_scheduler_type="cosine",
        eval_strategy="epoch", save_strategy="epoch", metric_for_best_model="mse", greater_is_better=False,
        load_best_model_at_end=True, seed=7, use_cpu=True, report_to=[],
    )
    return TrainingArguments(**(defaults | options))


class Payload:
    """What an attacker puts where a value should be."""

    def __init__(self, call):
        self.call = call

    def __reduce__(self):
        return self.call


def make_getattr_pickle():
    """Some releases of Python 3.11 pickled enum members as getattr(Class, 'MEMBER')."""

    class Pickler(pickle._Pickler):
        def reducer_override(self, value):
            return (getattr, (type(value), value.name)) if isinstance(value, enum.Enum) else NotImplemented

    return types.SimpleNamespace(Pickler=Pickler, __name__="getattr_pickle")


def write_torch_files():
    save("plain", make_arguments())
    save("protocol-4", make_arguments(), pickle_protocol=4)
    leaky = make_arguments(output_dir="/home/example-user/runs/reward-1", hub_token="hf_NOT_A_REAL_TOKEN")
    leaky.logging_dir = "runs/Jan31_23-59-59_example-host"
    save("leaky", leaky)
    rich = make_arguments(debug="underflow_overflow", lr_scheduler_kwargs={"num_cycles": 2})
    rich.floats = [math.nan, math.inf, -math.inf, 1e-300]
    rich.big = 2**70
    rich.dtype = torch.bfloat16
    rich.other_device = torch.device("cuda", 1)
    rich.ordered = collections.OrderedDict(b=1, a=(1, None))
    rich.one = {3}
    rich.numbered = {1: "one"}
    save("rich", rich)
    save("getattr-enum", make_arguments(), pickle_module=make_getattr_pickle())
    hostile = make_arguments()
    hostile.run_name = Payload((os.system, ("true",)))
    save("hostile-argument", hostile)
    save("hostile-root", Payload((eval, ("1",))))
    save("legacy", make_arguments(), _use_new_zipfile_serialization=False)
    tensors = collections.OrderedDict(
        weight=torch.arange(6, dtype=torch.float32).reshape(2, 3), bias=torch.ones(2, dtype=torch.float16)
    )
    save("tensors", tensors)
    write_json("tensors.json", {k: {"shape": list(t.shape), "hex": t.numpy().tobytes().hex()} for k, t in tensors.items()})


def make_random(rng, depth=0):
    kind = rng.randrange(10 if depth < 4 else 7)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.choice([0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -(2**31) - 1, 2**53, -(2**70)])
    if kind == 2:
        return rng.choice([0.0, 1.5, -2e-5, 1e300, 5e-324, math.inf, -math.inf, math.nan, rng.random()])
    if kind < 5:
        return "".join(rng.choice("ab \\'\"\n\r\t\0\x1aé\ufeffβ😀u0041") for _ in range(rng.randrange(12)))
    if kind == 5:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(6)))
    if kind == 6:
        return {rng.randrange(9) for _ in range(3)}
    items = [make_random(rng, depth + 1) for _ in range(rng.randrange(5))]
    if kind == 7:
        return items
    if kind == 8:
        return tuple(items)
    return {rng.choice([f"key {index}", index, ("k", index)]): item for index, item in enumerate(items)}


def holds(value, kinds):
    if isinstance(value, dict):
        return any(holds(part, kinds) for pair in value.items() for part in pair)
    return isinstance(value, kinds) or isinstance(value, (list, tuple)) and any(holds(part, kinds) for part in value)


def write_values():
    rng = random.Random(5)
    shared = ["shared"]
    values = [
        [shared, shared], [], (), {}, "", b"", set(), frozenset({1, 2}), bytearray(b"ab"), list(range(1100)),
        {"__proto__": {"polluted": True}, "constructor": 1}, "x" * 300, b"\xff" * 300, (1, 2, 3, 4), True, -0.0,
    ] + [make_random(rng) for _ in range(60)]
    rows = []
    for value in values:
        # Before these protocols Python writes such values as calls.
        first = 5 if isinstance(value, bytearray) else 4 if holds(value, (set, frozenset)) else 3 if holds(value, bytes) else 0
        pickles = {p: encode(pickle.dumps(value, p)) for p in PROTOCOLS if p >= first}
        rows.append({"value": tagged(value), "pickles": pickles})
    write_json("values.json", rows)


def reduce(call, protocol):
    return pickle.dumps(Payload(call), protocol)


def write_hostile():
    system = b"cposix\nsystem\n"
    pickles = {
        "os.system, protocol 0": reduce((os.system, ("true",)), 0),
        "os.system, protocol 2": reduce((os.system, ("true",)), 2),
        "os.system, protocol 4": reduce((os.system, ("true",)), 4),
        "eval": reduce((eval, ("1",)), 2),
        "getattr chain": b"\x80\x02cbuiltins\ngetattr\n(cbuiltins\n__import__\nX\x08\x00\x00\x00__call__tRX\x02\x00\x00\x00os\x85R.",
        "STACK_GLOBAL from the memo": b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\x00h\x01\x93\x8c\x04true\x85R.",
        "STACK_GLOBAL from an escaped text": b"V\\u006fs\nVsyst\\u0065m\n\x93(Vtrue\ntR.",
        "dotted name": b"\x80\x04\x8c\x1atransformers.training_args\x8c\x09os.system\x93\x8c\x04true\x85R.",
        "thrown away": system + b"(Vtrue\ntR0N.",
        "below the result": system + b"(Vtrue\ntRN.",
        "INST": b"(Vtrue\niposix\nsystem\n.",
        "OBJ": b"(" + system + b"Vtrue\no.",
        "NEWOBJ_EX": b"\x80\x04\x8c\x04evil\x8c\x03Cls\x93)}\x92.",
        "nested BUILD": b"ca\nA\n)\x81}Vx\ncb\nB\n)\x81}Vy\n" + system + b"(Vtrue\ntRsbsb.",
    }
    rows = [{"name": name, "pickle": encode(data), "imports": list_imports(data)} for name, data in pickles.items()]
    bomb = b"".join(b"(" + b"h%c" % i * 10 + b"tq%c" % (i + 1) for i in range(1, 41))
    refused = {
        "memo bomb": b"\x80\x02]q\x01" + bomb + b".",
        "long text, many times": b"\x80\x02X\x00\x40\x00\x00" + b"a" * 2**14 + b"q\x00(" + b"h\x00" * 1100 + b"t.",
        "list that holds itself": b"\x80\x02]q\x00h\x00a.",
        "tuple that holds itself": b"\x80\x02]q\x00h\x00\x85a.",
        "deep nesting": b"\x80\x02N" + b"\x85" * 1_000 + b".",
        "marks": b"(" * 2_000 + b".",
        "state for a class": system + b"}b.",
        "state for a dict": b"}}b.",
        "two states": b"ca\nA\n)\x81}b}b.",
        "extension code": b"\x80\x02\x82\x01.",
        "out-of-band buffer": b"\x80\x05\x97.",
        "unknown protocol": b"\x80\x06N.",
        "unknown opcode": b"\x80\x02\xff.",
        "negative length": b"T\xff\xff\xff\xff.",
        "length of 2^64": b"\x80\x04\x8e" + b"\xff" * 8 + b".",
        "frame of 2^63": b"\x80\x04\x95" + b"\0" * 7 + b"\x80N.",
        "memo index of 2^32": b"Nr\xff\xff\xff\xff.",
        "memo entry never set": b"h\x07.",
        "integer of many digits": b"L" + b"9" * 10_000 + b"L\n.",
        "octal integer": b"I010\n.",
        "dict with half an entry": b"(Na0d.",
        "list as a key": b"}]Ns.",
        "call with a list": system + b"]R.",
        "text that is not UTF-8": b"X\x01\x00\x00\x00\xff.",
        "import with control characters": b"co\x1b[31ms\nsystem\n.",
        "no STOP": b"\x80\x02N",
        "empty": b"",
        "STOP alone": b".",
    }
    rows += [{"name": name, "pickle": encode(data), "imports": None} for name, data in refused.items()]
    write_json("hostile.json", rows)


# Every kind of instruction, with arguments from a small world, so that random programs often run to the end.
INSTRUCTIONS = [
    *[bytes([byte]) for byte in b"(.012N]aelt)}dsubRoQ\x81\x85\x86\x87\x88\x8f\x90\x91\x92\x93\x93\x93\x94"],
    b"K\x00", b"M\x01\x01", b"J\x01\0\0\0", b"I1\n", b"I01\n", b"L1L\n", b"F1.5\n", b"S'os'\n", b"S'sys\\x74em'\n",
    b"Vos\n", b"Vsy\\u0073tem\n", b"V\\\\u0061\n", b"U\x02os", b"X\x06\0\0\0system", b"\x8c\x02os", b"C\x01a",
    b"g0\n", b"h\1", b"j\1\0\0\0", b"p0\n", b"q\1", b"r\1\0\0\0", b"cos\nsystem\n", b"cevil\nA\n", b"ios\nsystem\n",
    b"\x80\x04", b"\x95\x02" + b"\0" * 7, b"\x95\x0e" + b"\0" * 7, b"Pid\n", b"\x8a\x01\xff",
]
OPENINGS = [b"", b"Vos\nVsystem\n\x93", b")cA\nB\n)", b"}(Vos\nVsystem\n", b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94"]


def write_programs():
    """Random programs: what CPython's two unpicklers import before they end or fail."""
    warnings.simplefilter("ignore")
    rng = random.Random(11)
    rows = []
    while len(rows) < 400:
        data = rng.choice(OPENINGS) + b"".join(rng.choices(INSTRUCTIONS, k=rng.randrange(1, 14))) + b"."
        imports = set()
        for lister in (ImportLister(data), CompiledImportLister(data)):
            try:
                lister.load()
            except Exception:
                continue
            imports |= lister.imports
        if imports:
            rows.append({"pickle": encode(data), "imports": sorted(imports)})
    write_json("programs.json", rows)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    write_torch_files()
    write_values()
    write_hostile()
    write_programs()
