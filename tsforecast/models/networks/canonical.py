"""One form for one network: an exporter names and orders by memory address and hash seed, so its bytes differ by run.

Values are renamed by what they are (a digest of the operator, its attributes and its inputs), equal ones are merged,
and nodes are sorted by depth and name. The graph computes the same.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

Names = dict[str, str]


def canonical_onnx(content: bytes) -> bytes:
    """The same ONNX model without what differs from run to run."""
    import onnx

    model = onnx.load_from_string(content)
    canonical = onnx.ModelProto(ir_version=model.ir_version)
    canonical.opset_import.extend(sorted(model.opset_import, key=lambda opset: opset.domain))
    canonical.graph.CopyFrom(_graph(model.graph, {}, ""))
    encoded: bytes = canonical.SerializeToString(deterministic=True)
    return encoded


def canonical_config(config: Any) -> Any:
    """A Keras configuration with its shared objects numbered in order of appearance, instead of by address."""
    numbers: dict[int, int] = {}

    def renumber(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {k: numbers.setdefault(v, len(numbers)) if k == "shared_object_id" else v for k, v in pairs}

    return json.loads(json.dumps(config), object_pairs_hook=renumber)


def _graph(graph: Any, outer: Names, scope: str) -> Any:
    """A graph in canonical form.

    Args:
        graph: Sorted so that values come before their use, as ONNX demands.
        outer: New names of the values of the graphs around it.
        scope: Prefix of its own names, none for the outermost.
    """
    import onnx

    names = dict(outer)
    names |= {value.name: f"{scope}input{i}" if scope else value.name for i, value in enumerate(graph.input)}
    names |= {tensor.name: _name(scope, _encoded(tensor, name="")) for tensor in graph.initializer}
    nodes: dict[str, Any] = {}
    depth: dict[str, int] = {}
    for node in graph.node:
        if node.op_type == "Identity":
            names[node.output[0]] = names[node.input[0]]
            continue
        made = onnx.NodeProto(op_type=node.op_type, domain=node.domain)
        made.attribute.extend(sorted((_attribute(a, names, scope) for a in node.attribute), key=lambda a: str(a.name)))
        made.input.extend(names[name] if name else "" for name in node.input)
        key = _name(scope, _encoded(made))
        made.output.extend(f"{key}.{i}" if name else "" for i, name in enumerate(node.output))
        names.update(zip(node.output, made.output, strict=True))
        depth[key] = 1 + max((depth.get(name.split(".")[0], 0) for name in _uses(made)), default=0)
        nodes[key] = made
    ordered = [nodes[key] for key in sorted(nodes, key=lambda key: (depth[key], key))]
    tensors = {names[tensor.name]: tensor for tensor in graph.initializer}
    outputs, copies = _outputs([names[value.name] for value in graph.output], set(outer.values()))
    return onnx.GraphProto(
        name="network",
        node=[*ordered, *copies],
        initializer=[onnx.TensorProto.FromString(_encoded(tensors[name], name=name)) for name in sorted(tensors)],
        input=[_value(value, names[value.name]) for value in graph.input],
        output=[_value(value, name) for value, name in zip(graph.output, outputs, strict=True)],
    )


def _outputs(wanted: list[str], outer: set[str]) -> tuple[list[str], list[Any]]:
    """Names of the outputs, and a copy of each value that is put out twice or is not the graph's own."""
    import onnx

    outputs: list[str] = []
    copies = []
    for i, name in enumerate(wanted):
        if name in outputs or name in outer:
            copies.append(onnx.NodeProto(op_type="Identity", input=[name], output=[f"{name}.copy{i}"]))
            name = f"{name}.copy{i}"
        outputs.append(name)
    return outputs, copies


def _attribute(attribute: Any, names: Names, scope: str) -> Any:
    import onnx

    made = onnx.AttributeProto()
    made.CopyFrom(attribute)
    made.doc_string = ""
    if attribute.type == onnx.AttributeProto.GRAPH:
        made.g.CopyFrom(_graph(attribute.g, names, scope + "inner_"))
    elif attribute.type == onnx.AttributeProto.TENSOR:
        made.t.name = ""
    return made


def _uses(node: Any) -> list[str]:
    """Values that a node takes, those that graphs inside it take included."""
    graphs = [attribute.g for attribute in node.attribute if attribute.HasField("g")]
    return [*node.input, *(name for graph in graphs for inner in graph.node for name in _uses(inner))]


def _value(value: Any, name: str) -> Any:
    import onnx

    made = onnx.ValueInfoProto(name=name, type=value.type)
    for axis in made.type.tensor_type.shape.dim:
        if axis.dim_param:
            axis.dim_param = "window"
    return made


def _encoded(message: Any, **changes: str) -> bytes:
    made = type(message)()
    made.CopyFrom(message)
    for field, value in changes.items():
        setattr(made, field, value)
    encoded: bytes = made.SerializeToString(deterministic=True)
    return encoded


def _name(scope: str, content: bytes) -> str:
    return f"{scope}{hashlib.sha256(content).hexdigest()[:16]}"
