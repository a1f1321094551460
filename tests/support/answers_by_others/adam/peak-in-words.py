# expect: loses the two numbers of part 2 only: they are printed and not put into the names asked for

# %% adam-peak
best_t, best = 1, 0
for t in range(1, 1000):
    r = uncorrected_over_corrected(t, TERM["beta1"], TERM["beta2"])
    if r > best:
        best_t, best = t, r
print("The longest step is step", best_t, "and it is", best, "times too long.")
