"""Record the paths that torch.optim and Optax take, for our rules to be checked against.

    python tests/parity/record.py            write torch.json and optax.json beside this file
    python tests/parity/record.py --check    record again and fail if anything differs from those files

Each case is a pair: one of our rules, and the same thing as the library spells it. Both are fed the gradients of
`fixed_gradients.py`; this file never looks at our code. It needs exactly the versions below, which `make oracles`
installs in an environment of their own; the tests that read the recordings need neither library.
"""

import argparse
import importlib.metadata
import json
import math
import os
import pathlib
import sys

import numpy as np
from support.fixed_gradients import SEED, SHAPES, STEPS, fingerprint, starts_and_gradients

VERSIONS = {"torch": "2.13.0", "jax": "0.10.2", "optax": "0.2.8", "numpy": "2.4.6"}
CHECKPOINTS = (1, 2, 6, 30, 150, 500)  # the steps after which positions are kept; 6 is RAdam's first full step
SCHEDULE_STEPS = (*range(1, 31), 100, 101, 200, 201, 333, 499, 500)
HERE = pathlib.Path(__file__).parent

# (our rule, what the library calls it, a learning-rate scheduler or None). Where our defaults are the library's,
# neither says them.
TORCH = [
    ("GradientDescent()", "SGD(theta)", None),
    ("GradientDescent(0.05, l2=0.2)", "SGD(theta, lr=0.05, weight_decay=0.2)", None),
    ("GradientDescent(step_decay(0.1, 0.3, 40))", "SGD(theta, lr=0.1)", "StepLR(optimizer, 40, 0.3)"),
    ("Momentum()", "SGD(theta, momentum=0.9)", None),
    ("Momentum(0.02, 0.7, l2=0.2)", "SGD(theta, lr=0.02, momentum=0.7, weight_decay=0.2)", None),
    ("Momentum(exponential(0.1, 0.98))", "SGD(theta, lr=0.1, momentum=0.9)", "ExponentialLR(optimizer, 0.98)"),
    ("Nesterov()", "SGD(theta, momentum=0.9, nesterov=True)", None),
    ("Nesterov(0.02, 0.7, l2=0.2)", "SGD(theta, lr=0.02, momentum=0.7, nesterov=True, weight_decay=0.2)", None),
    ("AdaGrad()", "Adagrad(theta)", None),
    ("AdaGrad(0.1, 0.05, l2=0.2)", "Adagrad(theta, lr=0.1, eps=0.05, weight_decay=0.2)", None),
    ("RMSProp()", "RMSprop(theta, lr=0.001, alpha=0.9)", None),
    ("RMSProp(0.01, 0.99, 0.05)", "RMSprop(theta, eps=0.05)", None),
    ("RMSProp(0.02, 0.95, l2=0.2)", "RMSprop(theta, lr=0.02, alpha=0.95, weight_decay=0.2)", None),
    ("Adam()", "Adam(theta)", None),
    ("Adam(0.02, 0.8, 0.98, 0.05)", "Adam(theta, lr=0.02, betas=(0.8, 0.98), eps=0.05)", None),
    ("Adam(0.02, l2=0.2)", "Adam(theta, lr=0.02, weight_decay=0.2)", None),
    ("Adam(cosine(0.1, 500, 0.001))", "Adam(theta, lr=0.1)", "CosineAnnealingLR(optimizer, 500, 0.001)"),
    ("AdamW()", "AdamW(theta)", None),
    (
        "AdamW(0.02, 0.8, 0.98, 0.05, weight_decay=0.2)",
        "AdamW(theta, lr=0.02, betas=(0.8, 0.98), eps=0.05, weight_decay=0.2)",
        None,
    ),
    ("AdamW(warmup(50, 0.02))", "AdamW(theta, lr=0.02)", "LinearLR(optimizer, 1 / 50, 1, 49)"),
    ("AMSGrad()", "Adam(theta, amsgrad=True)", None),
    (
        "AMSGrad(0.02, 0.8, 0.98, 0.05, l2=0.2)",
        "Adam(theta, lr=0.02, betas=(0.8, 0.98), eps=0.05, weight_decay=0.2, amsgrad=True)",
        None,
    ),
    ("AMSGrad(0.02, weight_decay=0.2)", "AdamW(theta, lr=0.02, weight_decay=0.2, amsgrad=True)", None),
    ("AdaMax()", "Adamax(theta)", None),
    (
        "AdaMax(0.02, 0.8, 0.98, 0.05, l2=0.2)",
        "Adamax(theta, lr=0.02, betas=(0.8, 0.98), eps=0.05, weight_decay=0.2)",
        None,
    ),
    ("RAdam(eps=0, threshold=5)", "RAdam(theta, eps=0)", None),
    (
        "RAdam(0.02, 0.8, 0.98, 0, 5, weight_decay=0.2)",
        "RAdam(theta, lr=0.02, betas=(0.8, 0.98), eps=0, weight_decay=0.2, decoupled_weight_decay=True)",
        None,
    ),
    ("RAdam(0.02, eps=0, threshold=5, l2=0.2)", "RAdam(theta, lr=0.02, eps=0, weight_decay=0.2)", None),
    ("RAdamEpsBeforeCorrection(0.02, eps=0.05, threshold=5)", "RAdam(theta, lr=0.02, eps=0.05)", None),
]

# (our rule, what the library calls it). add_decayed_weights in front of a rule is our l2, behind it our decay.
# Optax's exponential_decay divides its 32-bit count in float32, so it is handed a float64 one.
OPTAX = [
    ("GradientDescent()", "sgd(0.001)"),
    ("GradientDescent(0.05, l2=0.2)", "chain(add_decayed_weights(0.2), sgd(0.05))"),
    ("GradientDescent(0.05, weight_decay=0.2)", "chain(add_decayed_weights(0.2), sgd(0.05))"),
    (
        "GradientDescent(0.05, l2=cosine(0.2, 300))",
        "chain(add_decayed_weights(cosine_decay_schedule(0.2, 300)), sgd(0.05))",
    ),
    ("Momentum()", "sgd(0.001, momentum=0.9)"),
    (
        "Momentum(0.02, 0.7, weight_decay=0.2)",
        "chain(trace(0.7), add_decayed_weights(0.2), scale_by_learning_rate(0.02))",
    ),
    ("Momentum(0.02 * (1 - 0.7), 0.7)", "chain(ema(0.7, debias=False), scale_by_learning_rate(0.02))"),
    ("Nesterov()", "sgd(0.001, momentum=0.9, nesterov=True)"),
    ("Nesterov(0.02, 0.7, l2=0.2)", "chain(add_decayed_weights(0.2), sgd(0.02, momentum=0.7, nesterov=True))"),
    (
        "Nesterov(0.02, 0.7, weight_decay=0.2)",
        "chain(trace(0.7, nesterov=True), add_decayed_weights(0.2), scale_by_learning_rate(0.02))",
    ),
    ("AdaGrad(0.1, 0)", "adagrad(0.1, initial_accumulator_value=0, eps=0)"),
    (
        "AdaGrad(0.1, 0, weight_decay=0.2)",
        "chain(scale_by_rss(0, 0), add_decayed_weights(0.2), scale_by_learning_rate(0.1))",
    ),
    ("AdaGradEpsInside(0.1, 0.05)", "adagrad(0.1, initial_accumulator_value=0, eps=0.05)"),
    ("AdaGradEpsInside(0.1, 0.1 + 1e-7)", "adagrad(0.1)"),
    ("RMSProp()", "rmsprop(0.001, eps_in_sqrt=False)"),
    (
        "RMSProp(0.02, 0.95, 0.05, weight_decay=0.2)",
        "chain(scale_by_rms(0.95, 0.05, eps_in_sqrt=False), add_decayed_weights(0.2), scale_by_learning_rate(0.02))",
    ),
    ("RMSPropEpsInside(0.001)", "rmsprop(0.001)"),
    ("Adam(0.02, 0, 0.9)", "rmsprop(0.02, eps_in_sqrt=False, bias_correction=True)"),
    ("Adam()", "adam(0.001)"),
    ("Adam(0.02, 0.8, 0.98, 0.05)", "adam(0.02, b1=0.8, b2=0.98, eps=0.05)"),
    ("Adam(0.02, l2=0.2)", "chain(add_decayed_weights(0.2), adam(0.02))"),
    ("Adam(cosine(0.1, 300, 0.001))", "adam(cosine_decay_schedule(0.1, 300, alpha=0.01))"),
    ("Adam(weight_decay=0.2)", "adamw(0.001, weight_decay=0.2)"),
    ("AdamW(l2=0.2)", "chain(add_decayed_weights(0.2), adamw(0.001, weight_decay=0.01))"),
    (
        "AdamW(exponential(0.1, 0.98), weight_decay=0.2)",
        "adamw(lambda count: exponential_decay(0.1, 1, 0.98)(count.astype('float64')), weight_decay=0.2)",
    ),
    (
        "AdamW(0.02, weight_decay=cosine(0.2, 300))",
        "chain(scale_by_adam(), add_decayed_weights(cosine_decay_schedule(0.2, 300)), scale_by_learning_rate(0.02))",
    ),
    ("AMSGrad(bias_correction='m')", "amsgrad(0.001, bias_correction_nu=False)"),
    (
        "AMSGrad(0.02, 0.8, 0.98, 0.05, 'none')",
        "amsgrad(0.02, 0.8, 0.98, 0.05, bias_correction_mu=False, bias_correction_nu=False)",
    ),
    ("AMSGradOfCorrected()", "amsgrad(0.001)"),
    ("AMSGradOfCorrected(0.02, 0.8, 0.98, 0.05)", "amsgrad(0.02, 0.8, 0.98, 0.05)"),
    ("AdaMax()", "adamax(0.002)"),
    ("AdaMax(0.02, 0.8, 0.98, 0.05, weight_decay=0.2)", "adamaxw(0.02, 0.8, 0.98, 0.05, weight_decay=0.2)"),
    ("RAdam(threshold=5)", "radam(0.001)"),
    ("RAdam(0.02, 0.8, 0.98, 0.05, 4.5)", "radam(0.02, 0.8, 0.98, 0.05, threshold=4.5)"),
    ("Signum()", "signum(0.0001)"),
    ("Signum(0.02, 0.7, l2=0.2)", "chain(add_decayed_weights(0.2), signum(0.02, beta=0.7))"),
    (
        "Signum(0.02, 0.7, weight_decay=0.2)",
        "chain(ema(0.7, debias=False), scale_by_sign(), add_decayed_weights(0.2), scale_by_learning_rate(0.02))",
    ),
    ("Lion()", "lion(0.0001, weight_decay=0)"),
    ("Lion(0.02, 0.8, 0.95, l2=0.2)", "chain(add_decayed_weights(0.2), lion(0.02, b1=0.8, b2=0.95, weight_decay=0))"),
    ("Lion(0.02, weight_decay=0.2)", "lion(0.02, weight_decay=0.2)"),
]

# Schedules on their own: (ours, how torch.optim.lr_scheduler spells it for a start at lr = 0.1).
TORCH_SCHEDULES = [
    ("constant(0.1)", "ConstantLR(optimizer, 1, 500)"),
    ("step_decay(0.1)", "StepLR(optimizer, 30)"),
    ("step_decay(0.1, 0.3, 100)", "StepLR(optimizer, 100, 0.3)"),
    ("exponential(0.1)", "ExponentialLR(optimizer, 0.99)"),
    ("cosine(0.1, 100, 0.002, restart=True)", "CosineAnnealingWarmRestarts(optimizer, 100, 1, 0.002)"),
    ("warmup(10, 0.1)", "LinearLR(optimizer, 1 / 10, 1, 9)"),
]
OPTAX_SCHEDULES = [
    ("constant(0.1)", "constant_schedule(0.1)"),
    ("step_decay(0.1)", "exponential_decay(0.1, 30, 0.1, staircase=True)"),
    ("exponential(0.1)", "exponential_decay(0.1, 1, 0.99)"),
    ("cosine(0.1, 200)", "cosine_decay_schedule(0.1, 200)"),
    (
        "cosine(0.1, 100, 0.002, restart=True)",
        "join_schedules([cosine_decay_schedule(0.1, 100, 0.02)] * 5, [100, 200, 300, 400])",
    ),
    (
        "warmup(10, cosine(0.1, 200))",
        "join_schedules([linear_schedule(0.01, 0.1, 9), cosine_decay_schedule(0.1, 200)], [10])",
    ),
    (
        "warmup(20, exponential(0.1))",
        "join_schedules([linear_schedule(0.005, 0.1, 19), exponential_decay(0.1, 1, 0.99)], [20])",
    ),
]


def torch_path(theirs, scheduler, dtype):
    """Return the positions at the checkpoints, one list of arrays for each checkpoint."""
    import torch

    given = starts_and_gradients()
    theta = [torch.tensor(start.astype(dtype), requires_grad=True) for start, _ in given]
    gradients = [torch.tensor(gradient.astype(dtype)) for _, gradient in given]
    optimizer = eval("torch.optim." + theirs, {"torch": torch, "theta": theta})
    schedule = scheduler and eval("torch.optim.lr_scheduler." + scheduler, {"torch": torch, "optimizer": optimizer})
    kept = []
    for t in range(1, STEPS + 1):
        for parameter, gradient in zip(theta, gradients):
            parameter.grad = gradient[t - 1].clone()
        optimizer.step()
        if schedule:
            schedule.step()
        if t in CHECKPOINTS:
            kept.append([parameter.detach().numpy().copy() for parameter in theta])
    return kept


def torch_schedule(theirs):
    """Return the learning rates at SCHEDULE_STEPS."""
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    schedule = eval("torch.optim.lr_scheduler." + theirs, {"torch": torch, "optimizer": optimizer})
    rates = []
    for _ in range(STEPS):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        schedule.step()
    return [rates[t - 1] for t in SCHEDULE_STEPS]


def optax_path(theirs, dtype):
    """Return the positions at the checkpoints, one list of arrays for each checkpoint."""
    import jax.numpy as jnp
    import optax

    given = starts_and_gradients()
    theta = [jnp.asarray(start.astype(dtype)) for start, _ in given]
    optimizer = eval(theirs, vars(optax))
    state = optimizer.init(theta)
    kept = []
    for t in range(1, STEPS + 1):
        gradients = [jnp.asarray(gradient[t - 1].astype(dtype)) for _, gradient in given]
        updates, state = optimizer.update(gradients, state, theta)
        theta = optax.apply_updates(theta, updates)
        if t in CHECKPOINTS:
            kept.append([np.asarray(parameter) for parameter in theta])
    return kept


def optax_schedule(theirs):
    """Return the learning rates at SCHEDULE_STEPS; Optax counts from 0."""
    import optax

    schedule = eval(theirs, vars(optax))
    return [float(schedule(t - 1)) for t in SCHEDULE_STEPS]


def as_numbers(path, dtype):
    """Return, for each shape, one flat list a checkpoint: the shortest decimals that give the same floats."""
    for checkpoint in path:
        for array in checkpoint:
            if array.dtype != dtype or not np.isfinite(array).all():
                raise SystemExit(f"a recorded path is not finite {np.dtype(dtype)}: {array!r}")
    return [[[float(str(x)) for x in checkpoint[i].ravel()] for checkpoint in path] for i in range(len(SHAPES))]


def record(library):
    """Return the recording of one library as a string: the same text every time."""
    cases = TORCH if library == "torch" else [(*case, None) for case in OPTAX]
    paths = []
    for ours, theirs, scheduler in cases:
        entry = {"ours": ours, "theirs": theirs} | ({"scheduler": scheduler} if scheduler else {})
        for dtype in (np.float64, np.float32):
            path = torch_path(theirs, scheduler, dtype) if library == "torch" else optax_path(theirs, dtype)
            entry[np.dtype(dtype).name] = as_numbers(path, dtype)
        paths.append(entry)
    schedules = [
        {"ours": ours, "theirs": theirs, "rates": (torch_schedule if library == "torch" else optax_schedule)(theirs)}
        for ours, theirs in (TORCH_SCHEDULES if library == "torch" else OPTAX_SCHEDULES)
    ]
    versions = {name: VERSIONS[name] for name in (["torch"] if library == "torch" else ["optax", "jax"]) + ["numpy"]}
    head = {
        "versions": versions,
        "gradients": {"seed": SEED, "steps": STEPS, "shapes": SHAPES, "sha256": fingerprint()},
        "checkpoints": CHECKPOINTS,
        "schedule_steps": SCHEDULE_STEPS,
    }
    lines = [f' "{key}": {json.dumps(value)},' for key, value in head.items()]
    for key, entries in (("paths", paths), ("schedules", schedules)):
        body = ",\n".join("  " + _entry(entry) for entry in entries)
        lines.append(f' "{key}": [\n{body}\n ]' + ("," if key == "paths" else ""))
    return "{\n" + "\n".join(lines) + "\n}\n"


def _entry(entry):
    fields = (f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in entry.items())
    return "{" + ",\n   ".join(fields) + "}"


def numbers_in(value):
    """Yield every number of a recording, depth first."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from numbers_in(part)
    elif isinstance(value, (int, float)):
        yield value


def difference(old, new):
    """Say in one line what has changed between two recordings that are not the same text."""
    try:
        before, after = list(numbers_in(json.loads(old))), list(numbers_in(json.loads(new)))
    except ValueError:
        return "the file on disk is not JSON"
    if len(before) != len(after):
        return f"the file on disk has {len(before)} numbers, the new recording {len(after)}"
    changed = [(abs(a - b) / max(1.0, abs(a)), a, b) for a, b in zip(before, after) if a != b]
    if not changed:
        return "the numbers are the same, the text around them is not (cases, versions, the gradients' hash, spaces)"
    worst, a, b = max(changed)
    return (
        f"{len(changed)} of {len(before)} numbers differ, at most by {worst:.1e} (relative to 1 or more): "
        f"{a!r} on disk, {b!r} in the new recording"
    )


def check_versions():
    for name, wanted in VERSIONS.items():
        try:
            found = importlib.metadata.version(name).split("+")[0]  # torch adds +cpu to the version of its CPU build
        except importlib.metadata.PackageNotFoundError:
            found = "absent"
        if found != wanted:
            raise SystemExit(f"record.py needs {name} {wanted}; here it is {found}. Run `make oracles`.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the files would change")
    check = parser.parse_args().check
    check_versions()
    # Without fused multiply-add and the like, which round differently from one kind of processor to another.
    os.environ |= {"ATEN_CPU_CAPABILITY": "default", "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2"}
    os.environ |= {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1"}
    import torch

    torch.set_num_threads(1)
    failed = False
    for library in ("torch", "optax"):
        file = HERE / f"{library}.json"
        text = record(library)
        if not check:
            file.write_text(text)
            print(f"{file.name}: written, {math.ceil(len(text) / 1000)} kB")
        elif not file.exists():
            failed = True
            print(f"{file.name}: FAILED: there is no recording on disk")
        elif (old := file.read_text()) != text:
            failed = True
            print(f"{file.name}: FAILED: {difference(old, text)}")
        else:
            print(f"{file.name}: the same, {text.count('theirs')} cases")
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
