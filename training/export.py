"""Write the weights of a state into the package, half precision, and say their hash.

python -m training.export DIR/decayed.npz tsforecast/models/zero_shot/pretrained.safetensors
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from training.train import load


def main(source: str, target: str) -> None:
    """Write `target` and print its SHA-256."""
    written = save({name: array.astype(np.float16) for name, array in load(Path(source))["weights"].items()})
    Path(target).write_bytes(written)
    print(hashlib.sha256(written).hexdigest(), len(written), "bytes")  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
