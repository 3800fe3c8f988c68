"""Checks ONNX files with ONNX's own checker, shape inference and external data included.

usage: check_onnx.py MODEL...

Prints one JSON line a model: operator set, inferred shape of the logits, and the operators used.
"""
import json
import sys

import onnx


def list_operators(graph):
    for node in graph.node:
        yield f"{node.domain}.{node.op_type}" if node.domain else node.op_type
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from list_operators(attribute.g)


def check(path):
    onnx.checker.check_model(path, full_check=True)
    model = onnx.shape_inference.infer_shapes(onnx.load(path, load_external_data=False), strict_mode=True)
    logits = next(output for output in model.graph.output if output.name == "logits")
    shape = [dim.dim_param or dim.dim_value for dim in logits.type.tensor_type.shape.dim]
    embedded = sum(len(tensor.raw_data) for tensor in model.graph.initializer)
    loaded = onnx.load(path)
    return {
        "opset": model.opset_import[0].version,
        "logits": shape,
        "embedded_bytes": embedded,
        "weights": {t.name: float(onnx.numpy_helper.to_array(t).sum()) for t in loaded.graph.initializer if len(t.dims)},
        "operators": sorted(set(list_operators(model.graph))),
    }


if __name__ == "__main__":
    for model_path in sys.argv[1:]:
        print(json.dumps(check(model_path)))
