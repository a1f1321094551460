"""Record what PyTorch, Optax and pytorch-optimizer make of the rules after Adam, and PyTorch of bfloat16, for ours to
be checked against.

    python tests/parity/record_after_adam.py            write after_adam.json beside this file
    python tests/parity/record_after_adam.py --check    record again and fail if anything differs from that file

Like record.py, in the environment that `make oracles` makes; here theta is one matrix. The tests need no library.
"""

import argparse
import json
import os
import pathlib
import sys

import numpy as np
from record import VERSIONS, check_versions
from support.fixed_matrices import STEPS, starts_and_gradients

CHECKPOINTS = (1, 2, 6, STEPS)
FILE = pathlib.Path(__file__).with_name("after_adam.json")
VERSIONS["pytorch-optimizer"] = "4.1.0"

# (our rule, what the library calls it). PyTorch's Muon iterates in bfloat16; Optax in float64 is the last.
TORCH = [
    ("Muon(0.02)", "Muon(theta, lr=0.02, weight_decay=0)"),
    ("Muon(0.02, 0.8, weight_decay=0.2)", "Muon(theta, lr=0.02, momentum=0.8, weight_decay=0.2)"),
    ("Adafactor(0.05)", "Adafactor(theta, lr=0.05)"),
]
WALK = "rmsprop(0.02, {}, 1e-8, eps_in_sqrt=False, bias_correction=True)"
OPTAX = [
    ("ADOPT(0.02)", "contrib.adopt(0.02)"),
    ("ADOPT(0.02, 0.8, 0.98, 1e-3)", "contrib.adopt(0.02, b1=0.8, b2=0.98, eps=1e-3)"),
    ("ScheduleFree(0.02)", f"contrib.schedule_free({WALK.format(0.999)}, 0.02, 0.9)"),
    ("ScheduleFree(0.02, 0.8, 0.98)", f"contrib.schedule_free({WALK.format(0.98)}, 0.02, 0.8)"),
    ("Orthogonal(0.02)", "chain(contrib.scale_by_muon(beta=0.0, nesterov=False), scale_by_learning_rate(0.02))"),
]
# Kozistr's package has the rules for matrices that neither of the two has. Shampoo is ours in every setting.
# SOAP is ours up to where eps stands (there beside the uncorrected root of v), once its first call is made up for.
KOZISTR = [
    ("Shampoo()", "Shampoo([theta], lr=0.1, matrix_eps=1e-4)"),
    ("Shampoo(0.02, 1e-6)", "Shampoo([theta], lr=0.02, matrix_eps=1e-6)"),
    ("SOAP()", "SOAP([theta], weight_decay=0)"),
    ("SOAP(0.02, 0.9, 0.8, every=5)", "SOAP([theta], 0.02, (0.9, 0.8), weight_decay=0, precondition_frequency=5)"),
    ("SOAP(0.02, 0.8, 0.9, every=1)", "SOAP([theta], 0.02, (0.8, 0.9), weight_decay=0, precondition_frequency=1)"),
]


def torch_path(theirs, start, gradients):
    import torch

    theta = [torch.tensor(start, requires_grad=True)]
    optimizer = eval("torch.optim." + theirs, {"torch": torch, "theta": theta})
    for gradient in gradients:
        theta[0].grad = torch.tensor(gradient)
        optimizer.step()
        yield theta[0].detach().numpy().copy()


def optax_path(theirs, start, gradients):
    import jax.numpy as jnp
    import optax
    import optax.contrib

    theta = jnp.asarray(start)
    optimizer = eval(theirs, vars(optax))
    state = optimizer.init(theta)
    for gradient in gradients:
        updates, state = optimizer.update(jnp.asarray(gradient), state, theta)
        theta = optax.apply_updates(theta, updates)
        yield np.asarray(theta)


def kozistr_path(theirs, start, gradients):
    import pytorch_optimizer
    import torch

    theta = torch.tensor(start, requires_grad=True)
    optimizer = eval(theirs, vars(pytorch_optimizer) | {"theta": theta})
    if theirs.startswith("SOAP"):
        # The first call moves nothing: it finds the axes, of (1 - beta2) gg'. Ours finds those of gg' and takes a step.
        rows, columns = start.shape
        if rows != columns:
            return  # one of gg' and g'g has not the full rank, leaves some axes to chance, and the path hangs on them
        theta.grad = torch.tensor(gradients[0]) / (1 - optimizer.param_groups[0]["betas"][1]) ** 0.5
        optimizer.step()
    for gradient in gradients:
        theta.grad = torch.tensor(gradient)
        optimizer.step()
        yield theta.detach().numpy().copy()


def bfloat16_pairs():
    """Return the bits of float32 numbers, and those of the bfloat16s to which PyTorch rounds them."""
    import torch

    raw = np.random.PCG64(1).random_raw(400)
    ties = (raw[:200] & np.uint64(0xFFFF0000)) | np.uint64(0x8000)  # half-way between two
    bits = np.concatenate([ties, raw[200:]]).astype(np.uint32)
    bits = bits[(bits & 0x7F800000) != 0x7F800000]
    rounded = torch.tensor(bits.view(np.float32)).bfloat16().float().numpy().view(np.uint32) >> 16
    return [bits.tolist(), rounded.tolist()]


def record():
    entries = []
    for cases, path in ((TORCH, torch_path), (OPTAX, optax_path), (KOZISTR, kozistr_path)):
        for ours, theirs in cases:
            kept = [
                [theta.ravel().tolist() for t, theta in enumerate(path(theirs, *given), 1) if t in CHECKPOINTS]
                for given in starts_and_gradients()
            ]
            entries.append(json.dumps({"ours": ours, "theirs": theirs, "float64": kept}))
    paths = ",\n  ".join(entries)
    return f'{{"checkpoints": {list(CHECKPOINTS)}, "bfloat16": {bfloat16_pairs()}, "paths": [\n  {paths}\n]}}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file would change")
    check = parser.parse_args().check
    check_versions()
    os.environ |= {"ATEN_CPU_CAPABILITY": "default", "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2"}
    os.environ["MKL_CBWR"] = "COMPATIBLE"  # eigenvectors, too, with the same bits on every processor
    os.environ |= {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1"}
    import torch

    torch.set_num_threads(1)
    text = record()
    if not check:
        FILE.write_text(text)
        print(f"{FILE.name}: written, {len(text) // 1000} kB")
    elif FILE.read_text() != text:
        sys.exit(f"{FILE.name}: FAILED: it is not what the libraries do now")
    else:
        print(f"{FILE.name}: the same")


if __name__ == "__main__":
    main()
