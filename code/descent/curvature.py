"""How sharply the loss curves at a point: products with its Hessian, and the largest eigenvalue."""

import numpy as np


def hessian_product(problem, theta, direction, length=1e-4):
    """Return the Hessian at theta times `direction`, from the gradients at two points `length` to either side of theta.

    theta, direction : vectors (n,). Raises ValueError for a direction of length 0 or of another shape.
    """
    theta, direction = np.asarray(theta, dtype=float), np.asarray(direction, dtype=float)
    if direction.shape != theta.shape:
        raise ValueError(f"hessian_product(direction=…): expected the shape {theta.shape}, not {direction.shape}.")
    size = np.linalg.norm(direction)
    if size == 0:
        raise ValueError("hessian_product(direction=…): expected a direction, not zeros.")
    if not 0 < length < np.inf:
        raise ValueError(f"hessian_product(length={length!r}): expected a distance greater than 0.")
    step = direction * (length / size)
    return (problem.gradient(theta + step) - problem.gradient(theta - step)) * (size / (2 * length))


def hessian(problem, theta):
    """Return the whole Hessian at theta, (n, n), column by column: for hundreds of parameters, not for thousands."""
    columns = [hessian_product(problem, theta, direction) for direction in np.eye(len(theta))]
    return (np.array(columns) + np.array(columns).T) / 2


def sharpness(problem, theta, divisor=1.0, iterations=20, seed=0):
    """Return the largest eigenvalue of the Hessian at theta, by Lanczos's method (1950).

    Parameters
    ----------
    problem : has gradient(theta).
    theta : vector (n,).
    divisor : what a rule divides each coordinate of its gradient by, such as sqrt(v_hat) + eps: a positive number
        or a vector (n,). The eigenvalue is then that of the preconditioned Hessian diag(1/divisor) H, which has the
        eigenvalues of the symmetric matrix that is used here, with 1/sqrt(divisor) on both sides of H.
    iterations : products with the Hessian. The value approaches the eigenvalue from below.
    seed : of the first direction.

    Raises ValueError for a divisor that is not positive, or less than one iteration.
    """
    theta = np.asarray(theta, dtype=float)
    if np.shape(divisor) not in ((), theta.shape) or not iterations >= 1:
        raise ValueError(
            f"sharpness: expected a number or a vector {theta.shape} as divisor, and iterations of 1 or more."
        )
    if not np.all((np.asarray(divisor) > 0) & np.isfinite(divisor)):
        raise ValueError("sharpness(divisor=…): expected positive numbers; for Adam with eps=0 leave out where v is 0.")
    scale = 1 / np.sqrt(np.broadcast_to(divisor, theta.shape))
    direction = np.random.default_rng(seed).normal(size=len(theta))
    basis, diagonal, beside = [direction / np.linalg.norm(direction)], [], []
    for _ in range(min(iterations, len(theta))):
        product = scale * hessian_product(problem, theta, scale * basis[-1])
        diagonal.append(product @ basis[-1])
        for earlier in basis:  # the textbook's three terms lose orthogonality to rounding
            product -= (product @ earlier) * earlier
        beside.append(np.linalg.norm(product))
        if beside[-1] <= 1e-12 * max(np.abs(diagonal)):
            break
        basis.append(product / beside[-1])
    tridiagonal = np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1)
    return float(np.linalg.eigvalsh(tridiagonal)[-1])
