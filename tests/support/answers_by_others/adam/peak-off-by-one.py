# expect: loses the two numbers of part 2 only (argmax counts from 0, steps from 1); the value itself is right, and so are the function and the class

# %% adam-peak
steps = np.arange(1, 200)
r = uncorrected_over_corrected(steps, TERM["beta1"], TERM["beta2"])
longest_step = np.argmax(r)
times_too_long = np.max(r)
