"""Make digits.npz beside this file from scikit-learn's copy of the UCI digits.

    pip install scikit-learn==1.9.1
    python code/descent/data/make_digits.py

The file holds `images`, uint8 (1797, 64), the pixels 0 to 16 row by row, and `digits`, uint8 (1797,), what
they show. NumPy writes no dates into it: made again with the same versions, it is the same, byte for byte.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

data = load_digits()
images, digits = data.data.astype(np.uint8), data.target.astype(np.uint8)
assert np.array_equal(images, data.data) and images.shape == (1797, 64) and images.max() == 16
np.savez_compressed(Path(__file__).with_name("digits.npz"), images=images, digits=digits)
