"""How fast is it? `make bench` runs this: all rivals in one process, on one core, and writes results.md and
results.svg.

All times are of the processor (so that other work on the machine counts little). The rivals take turns, round after
round; a ratio is taken within each round, and what is shown is the median over the rounds. The seconds of one machine
are nobody else's; the ratios nearly are.
"""

import os

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core for everyone
os.environ |= {"OMP_NUM_THREADS": "1", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "JAX_ENABLE_X64": "1"}

import argparse  # noqa: E402
import pathlib  # noqa: E402
import platform  # noqa: E402
import resource  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

import jax  # noqa: E402
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
import tasks  # noqa: E402
import tasks_optax  # noqa: E402
import torch  # noqa: E402
from rivals import STEPS, operations  # noqa: E402

from descent import figures  # noqa: E402

HERE = pathlib.Path(__file__).parent
SIZES = {2: "2", 100: "100", 10**4: "10⁴", 10**6: "10⁶", 10**7: "10⁷"}


def seconds(function, times=1):
    begin = time.process_time()
    for _ in range(times):
        function()
    return (time.process_time() - begin) / times


def compare(rivals, rounds, slice_of=0.003):
    """Return a dict from name to the list of its seconds in each round; each turn lasts about `slice_of` seconds."""
    turns = {}
    for name, function in rivals.items():
        function()  # compiles, allocates
        once = seconds(function)
        turns[name] = 1 if once > slice_of else max(1, int(slice_of / min(seconds(function) for _ in range(5))))
    taken = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, function in rivals.items():
            taken[name].append(seconds(function, turns[name]))
    return taken


def ratio(taken, name, base):
    return statistics.median(a / b for a, b in zip(taken[name], taken[base]))


def table(head, rows):
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def one_step(quick):
    """Return {dtype: {n: what `compare` gives}} for one step of Adam."""
    results = {}
    for dtype in ("float64", "float32"):
        results[dtype] = {}
        for n in SIZES:
            say(f"one step, {dtype}, n = {n}")
            rounds = {10**6: 15, 10**7: 7}.get(n, 61) // (3 if quick else 1)
            results[dtype][n] = compare({name: make(n, dtype) for name, make in STEPS.items()}, rounds)
    return results


def steps_in_words(results):
    parts = []
    for dtype, sizes in results.items():
        head = [dtype, *(f"n = {label}" for label in SIZES.values())]
        rows = [[name, *(f"{ratio(taken, name, 'torch'):.2f}" for taken in sizes.values())] for name in STEPS]
        rows.append(
            ["ours to the first version", *(f"{ratio(t, 'ours', 'the first version'):.2f}" for t in sizes.values())]
        )
        rows.append(["torch, in µs", *(f"{statistics.median(t['torch']) * 1e6:,.3g}" for t in sizes.values())])
        parts.append(table(head, rows))
    return "\n\n".join(parts)


def draw(results):
    figures.style()
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True)
    shown = ["ours", "the first version", "torch", "torch, fused", "optax, jit", "memory alone"]
    for ax, (dtype, sizes) in zip(axes, results.items()):
        for name, marker in zip(shown, "osD^vX"):
            ax.plot(range(len(SIZES)), [ratio(t, name, "torch") for t in sizes.values()], marker=marker, label=name)
        ax.set_xticks(range(len(SIZES)), SIZES.values())
        ax.set(title=dtype, xlabel="number of parameters", yscale="log")
        ax.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5], ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5"])
        ax.minorticks_off()
    axes[0].set_ylabel("time of one Adam step (torch = 1)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(shown))
    figure.savefig(HERE / "results.svg", metadata={"Date": None})


def cold(rounds):
    """Return what `compare` would for whole processes: 1,000 steps on Rosenbrock's valley, imports and all."""
    taken = {name: [] for name in tasks.COLD}
    for _ in range(rounds):
        for name, arguments in tasks.COLD.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *arguments], check=True, cwd=HERE, stdout=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            taken[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return taken


def tasks_in_words(quick):
    rows = []

    def add(words, taken, mine, theirs):
        times = [statistics.median(taken[name]) for name in (mine, theirs)]
        rows.append([words, *(f"{1e3 * t:,.3g} ms" for t in times), f"{ratio(taken, mine, theirs):.3g}"])

    say("1,000 steps")
    add("1,000 steps on Rosenbrock's valley, a whole process (optax)", cold(3 if quick else 7), "ours", "optax")
    rounds = 3 if quick else 9
    add("the same, warm (optax, jitted scan)", compare(tasks.one_path(), rounds), "ours", "optax")
    add("10,000 paths of it at once (optax, jitted scan)", compare(tasks.many_paths(), rounds), "ours", "optax")
    for batch in (32, 128, None):
        say(f"an epoch, batch {batch or 'full'}")
        words = f"an epoch of the digits network, batch {batch or 'full'} (torch)"
        add(words, compare(tasks.epoch(batch), rounds), "ours", "torch")
    say("the sweep")
    add(
        "a 40 × 40 sweep of lr × β, 100 steps (its cells one by one)",
        compare(tasks.sweep(), 1 if quick else 3),
        "at once",
        "cells",
    )
    return table(["task (compared with)", "ours", "theirs", "ratio"], rows)


def parts_in_words(quick):
    taken = compare(tasks.parts_of_many_paths(), 5 if quick else 15)
    steps = {"optax": tasks_optax.STEPS}
    each = {name: statistics.median(times) / steps.get(name, tasks.PARTS) * 1e6 for name, times in taken.items()}
    rows = [[name, f"{time:.1f}", f"{time / each['optax']:.2f}"] for name, time in each.items()]
    return table(["one step of 10,000 paths", "µs", "optax = 1"], rows)


def operations_in_words(quick):
    taken = compare(operations(), 20 if quick else 60, slice_of=0.001)
    each = {name: statistics.median(times) / 10_000 * 1e9 for name, times in taken.items()}
    total = sum(time * int(name.split("(")[1].rstrip(")")) for name, time in each.items())
    rows = [[name, f"{time:.2f}"] for name, time in each.items()]
    return table(["operation (how often in a step)", "ns a number"], [*rows, ["**all of a step**", f"**{total:.2f}**"]])


def say(words):
    print(words, file=sys.stderr, flush=True)


def main():
    options = argparse.ArgumentParser(description="How fast is it? Writes bench/results.md and bench/results.svg.")
    options.add_argument("--quick", action="store_true", help="fewer rounds: a minute or two, rougher numbers")
    quick = options.parse_args().quick
    torch.set_num_threads(1)
    steps = one_step(quick)
    draw(steps)
    versions = f"NumPy {np.__version__}, torch {torch.__version__}, JAX {jax.__version__}, Optax {optax.__version__}"
    text = f"""# How fast it is

Written by `make bench` (`bench/bench.py` says how it measures). One core of {platform.machine()}, Python \
{platform.python_version()}, {versions}.

## One step of Adam, as a multiple of the time of torch.optim.Adam

![The tables as a picture](results.svg)

{steps_in_words(steps)}

"The text" is the rule as it is printed; "ours" is `Adam.step` with all its checks, which does the same operations to
the same bits without temporaries (`descent.engine.kernel`). "Memory alone" reads and writes the arrays that any Adam
must and computes next to nothing. A loop that Numba compiles (without a check) wins only while the arrays are small.

What a step costs at n = 10⁴ in float64, where everything is in the cache, is the sum of its operations. With NumPy it
cannot be faster, and the first version does the same ones (but for the check); its root and divisions alone take longer
than the whole step of a library that compiles them into one loop:

{operations_in_words(quick)}

## Whole tasks

{tasks_in_words(quick)}

Ten thousand paths at once cannot come near a jitted scan, which compiles the gradient, the rule and the loop into one
pass over the numbers. Here each operation is a pass of its own:

{parts_in_words(quick)}
"""
    (HERE / "results.md").write_text(text, encoding="utf8")
    print(text)


if __name__ == "__main__":
    main()
