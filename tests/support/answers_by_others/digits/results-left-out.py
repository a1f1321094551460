# expect: loses the two checks of part 3 (4 marks) only; the stub is still there

# %% digits-results-answer
# Your code here.
raise RuntimeError('Your code goes here.')
