"""Problems on real data: a softmax regression and a small network that read handwritten digits.

The data are the 1,797 images of 8 × 8 pixels that scikit-learn ships (Alpaydin & Kaynak 1998; licence and
origin in `data/LICENSE-digits.md`). All weights and biases of a network stand in one flat vector theta, so
that one optimizer serves them all; `layers` shows the vector as matrices.
"""

import math
from functools import cache
from pathlib import Path

import numpy as np

from descent.problems.base import Problem, checked_count

TRAINING = 1437  # four fifths; the other 360 images are for testing

# name: (the function of the sum z, its slope as a function of its value a, the spread of the first weights)
ACTIVATIONS = {
    "tanh": (np.tanh, lambda a: 1 - a * a, 1.0),
    "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0, math.sqrt(2)),  # He et al. 2015, eq. 10
}


@cache
def _data():
    with np.load(Path(__file__).parents[1] / "data" / "digits.npz") as file:
        return file["images"], file["digits"]


class Network(Problem):
    """A network that reads digits: layers of `hidden` units, then a softmax with the mean cross-entropy as loss.

    Parameters
    ----------
    hidden : number of units in each hidden layer; () for none.
    activation : "tanh" or "relu".
    seed : of the split into 1,437 training and 360 test images, and of the first weights.
    dtype : float or np.float32, for the images and the start; everything is computed in it.

    Attributes
    ----------
    images, digits : the training images, (1437, 64), pixels from 0 to 1, and what they show, (1437,).
    test_images, test_digits : those set aside.
    size : 1437, the number of examples for mini-batches.
    start : the first weights, a vector (n,): normal with variance 1/inputs (tanh) or 2/inputs (relu); biases 0.

    Raises
    ------
    ValueError : for hidden units that are not whole numbers of 1 or more, another activation or dtype.
    """

    labels = ()
    broadcasts = False

    def __init__(self, hidden=(32,), activation="tanh", seed=0, dtype=float):
        if activation not in ACTIVATIONS:
            raise ValueError(f'Network(activation={activation!r}): expected "tanh" or "relu".')
        if dtype not in (float, np.float32, np.float64, "float32", "float64"):
            raise ValueError(f"Network(dtype={dtype!r}): expected float or np.float32.")
        if not isinstance(hidden, (tuple, list)) or not all(type(units) is int and units > 0 for units in hidden):
            raise ValueError(f"Network(hidden={hidden!r}): expected numbers of units, such as (32,) or (64, 32).")
        self.activation = activation
        self.sizes = (64, *hidden, 10)
        self.name = f"network {'-'.join(str(units) for units in self.sizes)} on the digits"
        rng = np.random.default_rng(checked_count(type(self).__name__, "seed", seed, least=0))
        images, digits = _data()
        order = rng.permutation(len(digits))
        images, digits = (images[order] / 16).astype(dtype), digits[order]
        self.images, self.test_images = images[:TRAINING], images[TRAINING:]
        self.digits, self.test_digits = digits[:TRAINING], digits[TRAINING:]
        self.size = TRAINING
        self._wanted = np.eye(10, dtype=dtype)[self.digits]  # the probabilities of a perfect answer
        self._places = list(self._find_places())
        self.start = self._first_weights(rng, dtype)

    def _find_places(self):
        """Yield (name, part of theta, shape) for each matrix of weights and each vector of biases."""
        begin = 0
        for k, (inputs, outputs) in enumerate(zip(self.sizes, self.sizes[1:]), start=1):
            for name, shape in ((f"W{k}", (inputs, outputs)), (f"b{k}", (outputs,))):
                end = begin + math.prod(shape)
                yield name, slice(begin, end), shape
                begin = end

    def _first_weights(self, rng, dtype):
        spread = ACTIVATIONS[self.activation][2]
        theta = np.zeros(self._places[-1][1].stop, dtype)
        for name, weights in self.layers(theta).items():
            if name.startswith("W"):
                weights[...] = spread / math.sqrt(len(weights)) * rng.standard_normal(weights.shape)
        return theta

    def layers(self, theta):
        """Return {"W1": (64, units), "b1": (units,), …}: parts of theta as matrices and vectors.

        They are views: to change them changes theta. Raises ValueError unless theta is a vector of start's length.
        """
        if theta.ndim != 1 or len(theta) != self._places[-1][1].stop:
            raise ValueError(
                f"{self.name}: expected theta as one vector of shape ({self._places[-1][1].stop},), "
                f"not {theta.shape}. It takes one run at a time."
            )
        return {name: theta[part].reshape(shape) for name, part, shape in self._places}

    def _forward(self, layers, images):
        """Return the values of all layers for each image, the first being the images, the last the scores.

        The largest score of each image is 0: softmax sees only differences, and so no exponential overflows.
        """
        function = ACTIVATIONS[self.activation][0]
        values = [images]
        last = len(self.sizes) - 1
        for k in range(1, last + 1):
            z = values[-1] @ layers[f"W{k}"]
            z += layers[f"b{k}"]
            values.append(function(z) if k < last else z - z.max(axis=1, keepdims=True))
        return values

    def loss(self, theta, batch=slice(None)):
        """Return the mean cross-entropy over the training images (or those of `batch`), a number."""
        scores = self._forward(self.layers(theta), self.images[batch])[-1]
        right = (scores * self._wanted[batch]).sum(axis=1)
        return np.mean(np.log(np.exp(scores).sum(axis=1)) - right)

    def gradient(self, theta, batch=slice(None)):
        """Return the gradient of that loss by backpropagation, a vector of theta's shape."""
        slope = ACTIVATIONS[self.activation][1]
        layers = self.layers(theta)
        values = self._forward(layers, self.images[batch])
        gradient = np.empty_like(theta)
        parts = self.layers(gradient)
        probabilities = np.exp(values[-1])
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        delta = (probabilities - self._wanted[batch]) / len(probabilities)  # of the loss by the scores
        for k in range(len(self.sizes) - 1, 0, -1):
            np.matmul(values[k - 1].T, delta, out=parts[f"W{k}"])
            np.sum(delta, axis=0, out=parts[f"b{k}"])
            if k > 1:
                delta = (delta @ layers[f"W{k}"].T) * slope(values[k - 1])
        return gradient

    def predict(self, theta, images):
        """Return the digit that each of `images`, an array (m, 64) with pixels from 0 to 1, is taken for."""
        return np.argmax(self._forward(self.layers(theta), images)[-1], axis=1)

    def accuracy(self, theta, part="test"):
        """Return the share of images that are read right: of the test images, or with part="train" of the others.

        Raises ValueError for another part.
        """
        if part not in ("test", "train"):
            raise ValueError(f'{self.name}: accuracy(part={part!r}): expected "test" or "train".')
        images, digits = (self.test_images, self.test_digits) if part == "test" else (self.images, self.digits)
        return float(np.mean(self.predict(theta, images) == digits))


class SoftmaxRegression(Network):
    """Softmax regression on the digits: a network without hidden layers, which makes the loss convex; from 0.

    seed : of the split into training and test images. dtype : float or np.float32.
    """

    def __init__(self, seed=0, dtype=float):
        super().__init__(hidden=(), seed=seed, dtype=dtype)
        self.name = "softmax regression on the digits"
        self.start = np.zeros_like(self.start)
