# expect: loses the experiment only: the numbers are worked out with what_is_left and typed in, not measured

# %% decay-experiment
p = what_is_left(TERM["lr"], TERM["decay"], TERM["steps"])
left = {"AdamL2": (p, 0.95), "AdamW": (p, p)}
