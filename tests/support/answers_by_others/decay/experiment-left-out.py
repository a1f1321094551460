# expect: loses the experiment only (the stub is still there)

# %% decay-experiment
# Your code here.
raise RuntimeError('Your code goes here.')
