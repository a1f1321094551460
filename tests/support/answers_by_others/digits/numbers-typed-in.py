# expect: loses "what is reported is what was measured" only: plausible numbers typed in, nothing is trained

# %% digits-results-answer
results = {
    "Adam": {"grid": [0.001, 0.003, 0.01, 0.03, 0.1],
             "losses": np.array([[0.71, 0.70, 0.72], [0.25, 0.25, 0.24], [0.16, 0.15, 0.16], [0.13, 0.12, 0.14], [0.29, 0.33, 0.31]]),
             "best": 0.03, "test": 0.9611},
    "Momentum": {"grid": [0.003, 0.01, 0.03, 0.1, 0.3],
                 "losses": np.array([[1.01, 0.99, 1.02], [0.32, 0.31, 0.33], [0.16, 0.17, 0.16], [0.14, 0.13, 0.15], [0.45, 0.48, 0.51]]),
                 "best": 0.1, "test": 0.9639},
}
for found in results.values():
    found["seeds"] = list([0, 1, 2])
