# expect: loses the two numbers of part 2 only: times_too_long has one digit after the point, longest_step is right

# %% adam-peak
r = [uncorrected_over_corrected(t, TERM["beta1"], TERM["beta2"]) for t in range(1, 5000)]
longest_step = int(np.argmax(r)) + 1
times_too_long = round(r[longest_step - 1], 1)
