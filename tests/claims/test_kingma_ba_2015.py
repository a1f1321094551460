"""Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015 (arXiv:1412.6980)."""

import math

import numpy as np
import pytest
import sympy
from support.given import Given, constant, moves

from descent import AdaGrad, Adam, AdaMax, GradientDescent, Ravine, RMSProp, descend
from descent.problems.digits import Network
from descent.schedules import inverse_sqrt

FORMS = ("both", "m", "v", "none")  # of the bias correction


# ---------------------------------------------------------------- Algorithm 1


def test_kingma_ba_2015_algorithm_1():
    """Defaults, m_0 = v_0 = 0, t from 1, theta_t from theta_{t-1} with g_t: against the algorithm in plain numbers."""
    assert Adam().hyperparameters == {
        "lr": 0.001,
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "bias_correction": "both",
        "l2": 0,
        "weight_decay": 0,
    }
    gradients = np.random.default_rng(0).normal(size=50) * 1e-6  # small: eps takes part
    path = descend(Adam(), Given(gradients[:, None]), start=[0.5], steps=50)
    assert set(path.optimizer.state_dict()) == {"t", "m", "v"}  # its price: two more arrays of theta's size
    theta, m, v = 0.5, 0.0, 0.0
    for t, g in enumerate(gradients.tolist(), start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        theta -= 0.001 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
        assert path.positions[t, 0] == pytest.approx(theta, rel=1e-14)


def test_kingma_ba_2015_algorithm_1_first_step():
    """With eps = 0 the first step is -lr * sign(g), whatever the size of g while g**2 neither under- nor overflows."""
    sizes = np.logspace(-150, 150, 301)
    gradients = np.concatenate([sizes, -sizes])
    first = moves(descend(Adam(0.001, eps=0), Given(gradients[None]), steps=1))[0]
    np.testing.assert_allclose(first, -0.001 * np.sign(gradients), rtol=1e-14)


def test_kingma_ba_2015_section_2_efficient_form():
    """lr_t m / (sqrt(v) + eps_t) is Algorithm 1 only if eps_t = eps sqrt(1 - beta2**t)."""
    gradients = np.random.default_rng(1).normal(size=(20, 5)) * 1e-7
    path = descend(Adam(), Given(gradients), steps=20)
    m = v = np.zeros(5)
    worst_with_eps_itself = 0.0
    for t, (g, step) in enumerate(zip(gradients, moves(path)), start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        lr_t, root = 0.001 * math.sqrt(1 - 0.999**t) / (1 - 0.9**t), math.sqrt(1 - 0.999**t)
        np.testing.assert_allclose(-lr_t * m / (np.sqrt(v) + 1e-8 * root), step, rtol=1e-9)
        worst_with_eps_itself = max(worst_with_eps_itself, np.max(np.abs(-lr_t * m / (np.sqrt(v) + 1e-8) / step - 1)))
    assert worst_with_eps_itself > 0.5


# ---------------------------------------------------------------- Section 2.1: the size of a step


def test_kingma_ba_2015_section_2_1_one_gradient_after_zeros():
    """The paper's bound (1 - beta1) / sqrt(1 - beta2) = 3.16 lr is met by a single gradient after 19,999 zeros."""
    gradients = np.zeros((20_000, 1))
    gradients[-1] = 2.0
    path = descend(Adam(1.0, eps=0), Given(gradients), steps=20_000, record=19_999)
    assert np.abs(moves(path)[-1]) == pytest.approx(3.16228, rel=2e-6)
    assert np.abs(moves(path)[-1]) == pytest.approx(0.1 / math.sqrt(0.001), rel=1e-7)


@pytest.mark.parametrize(
    "T, largest", [(1, 1), (2, 1.0014), (10, 1.0431), (100, 2.2434), (1000, 5.7812), (20_000, 7.2703)]
)
def test_kingma_ba_2015_section_2_1_is_not_the_largest_step(T, largest):
    """Gradients that grow as (beta1/beta2)**(T-t), backwards, give steps beyond 3.16 lr: up to 7.27 lr.

    By Cauchy and Schwarz no gradients give more than sqrt(sum(w1**2 / w2)) after T steps, with w1, w2 the weights
    of g_t and g_t**2 in m_hat and v_hat.
    """
    back = np.arange(T)[::-1]
    path = descend(Adam(1.0, eps=0), Given((0.9 / 0.999) ** back[:, None]), steps=T, record=max(1, T - 1))
    w1, w2 = 0.1 * 0.9**back / (1 - 0.9**T), 0.001 * 0.999**back / (1 - 0.999**T)
    step = float(-moves(path)[-1, 0])
    assert step == pytest.approx(math.sqrt(np.sum(w1**2 / w2)), rel=1e-10)
    assert step == pytest.approx(largest, abs=5e-5)
    if T == 20_000:
        assert step == pytest.approx(0.1 / math.sqrt(0.001 * (1 - 0.9**2 / 0.999)), rel=1e-7)


def test_kingma_ba_2015_section_2_1_scale_invariance():
    """With eps = 0 the gradient's scale does not matter: c = 1e-4, 1 and 1e4 give one path."""

    class Scaled(Ravine):
        def gradient(self, theta):
            return np.array([1e-4, 1.0, 1e4]) * super().gradient(theta)

    start = np.repeat(np.array([[-9.0], [1.5]]), 3, axis=1)
    path = descend(Adam(0.1, eps=0), Scaled(), start=start, steps=300)
    np.testing.assert_allclose(path.positions[:, :, 0], path.positions[:, :, 1], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(path.positions[:, :, 2], path.positions[:, :, 1], rtol=1e-9, atol=1e-11)


def test_kingma_ba_2015_section_2_1_signal_to_noise():
    """A coordinate moves by about lr times its signal-to-noise ratio: mean / sqrt(mean**2 + variance).

    2,000 steps with gradients N(mean, 1), 500 coordinates each; the averages' standard error is below 0.5 %, the
    tolerance of 2 % is for v_hat, which is not yet quite its expectation.
    """
    means = np.array([0.1, 0.5, 2.0])
    noise = np.random.default_rng(2).normal(size=(2000, 500, 1))
    path = descend(Adam(0.01), Given(noise + means), start=np.zeros((500, 3)), steps=2000, record=2000)
    pace = -path.positions[-1].mean(axis=0) / (2000 * 0.01)
    np.testing.assert_allclose(pace, means / np.sqrt(means**2 + 1), rtol=0.02)


# ---------------------------------------------------------------- Section 3: the correction, by symbolic algebra


def symbolic_run(optimizer, gradients, **symbols):
    """Run an optimizer's own recorded rule on SymPy symbols; yield all its named values after each step."""
    tape = optimizer.tape()
    state = {name: sympy.Integer(0) for name in ("theta", *optimizer.state_names)}
    exactly = {"add": sympy.Add, "multiply": sympy.Mul, "square": lambda a: a**2, "sqrt": sympy.sqrt}
    exactly |= {"subtract": lambda a, b: a - b, "divide": lambda a, b: a / b, "power": lambda a, b: a**b}
    for t, g in enumerate(gradients, start=1):
        registers = [(state | symbols | {"g": g, "t": sympy.Integer(t)})[name] for name in tape["inputs"]]
        registers += [sympy.nsimplify(constant) for constant in tape["constants"]]
        for name, *arguments in tape["ops"]:
            registers.append(exactly[name](*(registers[i] for i in arguments)))
        state = {name: sympy.expand(registers[i]) for name, i in tape["outputs"].items()} | {"theta": sympy.Integer(0)}
        yield state | {name: registers[i] for name, i in tape["names"].items()}


beta, beta1, beta2 = sympy.symbols("beta beta1 beta2", positive=True)


def test_kingma_ba_2015_section_3_geometric_sum():
    """(1 - beta) * sum of beta**(t - i), i = 1 … t, is 1 - beta**t, for every t: by induction and for t to 12."""
    t = sympy.Symbol("t", integer=True, positive=True)
    total = 1 - beta**t  # the sum S_t obeys S_1 = 1 - beta and S_{t+1} = beta S_t + (1 - beta)
    assert sympy.simplify(total.subs(t, 1) - (1 - beta)) == 0
    assert sympy.simplify(total.subs(t, t + 1) - (beta * total + (1 - beta))) == 0
    for steps in range(1, 13):
        written_out = (1 - beta) * sum(beta ** (steps - i) for i in range(1, steps + 1))
        assert sympy.expand(written_out - (1 - beta**steps)) == 0


def test_kingma_ba_2015_section_3_equation_1():
    """The rule as it stands in our file: v_t = (1 - beta2) sum of beta2**(t - i) g_i**2, and m_t alike with beta1."""
    g = sympy.symbols("g1:7")
    for t, now in enumerate(symbolic_run(Adam(), g, lr=1, beta1=beta1, beta2=beta2, eps=0), start=1):
        m = (1 - beta1) * sum(beta1 ** (t - i) * g[i - 1] for i in range(1, t + 1))
        v = (1 - beta2) * sum(beta2 ** (t - i) * g[i - 1] ** 2 for i in range(1, t + 1))
        assert sympy.expand(now["m"] - m) == 0
        assert sympy.expand(now["v"] - v) == 0


def test_kingma_ba_2015_section_3_equation_4():
    """While g stays as it is the corrected means are exact: gradients that are all g give m_hat = g, v_hat = g**2."""
    g = sympy.Symbol("g", positive=True)
    for now in symbolic_run(Adam(), [g] * 6, lr=1, beta1=beta1, beta2=beta2, eps=0):
        assert sympy.simplify(now["m_hat"] - g) == 0
        assert sympy.simplify(now["v_hat"] - g**2) == 0


def test_kingma_ba_2015_section_3_running_average():
    """m_hat_t = (1 - r_t) m_hat_{t-1} + r_t g_t with r_t = (1 - beta) / (1 - beta**t): a mean at first, r_1 = 1."""
    g = sympy.symbols("g1:7")
    before = sympy.Integer(0)
    for t, now in enumerate(symbolic_run(Adam(), g, lr=1, beta1=beta, beta2=beta2, eps=0), start=1):
        r = (1 - beta) / (1 - beta**t)
        assert sympy.simplify(now["m_hat"] - ((1 - r) * before + r * g[t - 1])) == 0
        before = now["m_hat"]


def test_kingma_ba_2015_section_3_expectation():
    """E[v_50] = E[g**2] (1 - beta2**50), and E[v_hat_50] = E[g**2]: the mean of 20,000 runs, g = N(0, 3**2).

    The standard error of the mean is sqrt(2/50/20,000) = 0.14 % of 9; the tolerance is five of them.
    """
    gradients = 3 * np.random.default_rng(3).normal(size=(50, 20_000))
    path = descend(Adam(), Given(gradients), steps=50, record=50)
    mean = path.optimizer.state_dict()["v"].mean()
    assert mean == pytest.approx(9 * (1 - 0.999**50), rel=0.007)
    assert mean / (1 - 0.999**50) == pytest.approx(9, rel=0.007)


# ---------------------------------------------------------------- Section 3 and Section 6.4: leaving the correction out


@pytest.mark.parametrize("form, size", list(zip(FORMS, (1, 31.623, 0.1, 3.1623))))
def test_kingma_ba_2015_section_6_4_first_step(form, size):
    """Uncorrected, the first step is too large, not zero: 3.16 lr; it is small only if v alone is corrected."""
    first = moves(descend(Adam(1.0, eps=0, bias_correction=form), constant(2, 1), steps=1))[0, 0]
    assert -first == pytest.approx(size, rel=2e-5)


def test_kingma_ba_2015_section_6_4_constant_gradient():
    """Uncorrected over corrected: at most 6.5685 at t = 12, then 3.241, 1.258, and below 1.01 from t = 3925 on."""
    steps = {
        form: -moves(descend(Adam(1.0, eps=0, bias_correction=form), constant(1, 4000), steps=4000))[:, 0]
        for form in ("both", "none")
    }
    ratio = steps["none"] / steps["both"]
    t = np.arange(1, 4001)
    np.testing.assert_allclose(ratio, (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-8)
    assert (t[np.argmax(ratio)], ratio.max()) == (12, pytest.approx(6.5685, abs=5e-5))
    assert ratio[[99, 999]] == pytest.approx([3.2408, 1.2576], abs=5e-5)
    assert t[ratio < 1.01][0] == 3925


def train(hidden, lr, form):
    """Train three networks of ReLU units on the digits, 450 steps of 32 images; return [(network, path), …]."""
    optimizer = Adam(lr, beta2=0.9999, bias_correction=form)
    networks = [Network(hidden, "relu", seed) for seed in range(3)]
    return [(n, descend(optimizer, n, steps=450, batch_size=32, seed=k, record=450)) for k, n in enumerate(networks)]


def median_loss(runs):
    return float(np.median([path.losses[-1] for _, path in runs]))


def dead_units(network, theta):
    """Return how many units of the last hidden layer are 0 for every training image."""
    *hidden, _, _ = network.layers(theta).values()  # W1, b1, W2, b2, …, without those of the output
    values = network.images
    for weights, biases in zip(hidden[::2], hidden[1::2]):
        values = np.maximum(values @ weights + biases, 0)
    return np.count_nonzero(~values.any(axis=0))


def test_kingma_ba_2015_figure_4_large_learning_rate():
    """With lr = .03 and beta2 = .9999 a network with two hidden layers of 32 units learns if v is corrected (median
    loss of 3 seeds .07; with v alone .04) and is ruined otherwise (2.32, m alone 2.32): at least 31 of the last 32
    units are dead, all images are taken for one digit, and the loss is that of guessing, ln 10."""
    for form in ("both", "v"):
        assert median_loss(train((32, 32), 0.03, form)) < 0.15
    for form in ("none", "m"):
        for network, path in train((32, 32), 0.03, form):
            theta = path.positions[-1]
            assert path.losses[-1] == pytest.approx(math.log(10), abs=0.05)
            assert dead_units(network, theta) >= 31
            assert len(set(network.predict(theta, network.images))) == 1


def test_kingma_ba_2015_figure_4_small_learning_rate():
    """At lr = .001, too small for 450 steps, leaving it out is a gain: .34 corrected, .055 without (one layer)."""
    assert median_loss(train((32,), 0.001, "both")) == pytest.approx(0.338, rel=0.1)
    assert median_loss(train((32,), 0.001, "none")) == pytest.approx(0.055, rel=0.25)


# ---------------------------------------------------------------- Section 4


def test_kingma_ba_2015_section_4_learning_rate():
    """The regret bound is for lr / sqrt(t)."""
    schedule = inverse_sqrt(0.3)
    assert [float(schedule(t)) for t in (1, 4, 9, 10_000)] == pytest.approx([0.3, 0.15, 0.1, 0.003], rel=1e-15)


def test_kingma_ba_2015_theorem_4_1_condition():
    """The theorem asks for beta1**2 / sqrt(beta2) < 1: the corner (.999, .99) of a common table of ranges breaks it."""
    assert 0.999**2 / math.sqrt(0.99) == pytest.approx(1.003, abs=5e-4)
    assert 0.9**2 / math.sqrt(0.999) < 1
    assert not 0.999 < math.sqrt(0.99)


# ---------------------------------------------------------------- Section 5: relatives


def test_kingma_ba_2015_section_5_adagrad_is_a_limit():
    """beta1 = 0, beta2 → 1 and lr / sqrt(t) give AdaGrad: the distance falls in proportion to 1 - beta2."""
    gradients = np.random.default_rng(4).normal(size=(300, 10))
    adagrad = descend(AdaGrad(0.1, eps=0), Given(gradients), steps=300).positions
    distances = [
        np.abs(descend(Adam(inverse_sqrt(0.1), 0, beta2, 0), Given(gradients), steps=300).positions - adagrad).max()
        for beta2 in (1 - 1e-4, 1 - 1e-5, 1 - 1e-6)
    ]
    assert distances[2] < 1e-4
    assert np.array(distances[:2]) / distances[1:] == pytest.approx([10, 10], rel=0.05)


def test_kingma_ba_2015_section_5_rmsprop():
    """RMSProp is Adam with beta1 = 0 and no correction, to the bit; Adam with beta1 = 0 is RMSProp corrected."""
    gradients = np.random.default_rng(5).normal(size=(200, 10))
    rmsprop = descend(RMSProp(0.01, 0.9), Given(gradients), steps=200)
    uncorrected = descend(Adam(0.01, 0, 0.9, bias_correction="none"), Given(gradients), steps=200)
    np.testing.assert_array_equal(rmsprop.positions, uncorrected.positions)
    corrected = moves(descend(Adam(0.01, 0, 0.9, 0), Given(gradients), steps=200))
    t = np.arange(1, 201)[:, None]
    plain = moves(descend(RMSProp(0.01, 0.9, 0), Given(gradients), steps=200))
    np.testing.assert_allclose(corrected, plain * np.sqrt(1 - 0.9**t), rtol=1e-10)


def test_kingma_ba_2015_section_5_no_correction_is_a_large_step():
    """With beta1 = 0 the first uncorrected step is lr / sqrt(1 - beta2), 31.6 lr at .999: no bound as beta2 → 1."""
    for beta2, size in ((0.9, 3.1623), (0.999, 31.623), (0.999999, 1000.0)):
        first = moves(descend(Adam(1.0, 0, beta2, 0, "none"), constant(5, 1), steps=1))[0, 0]
        assert -first == pytest.approx(size, rel=2e-5)


# ---------------------------------------------------------------- Section 7.1: AdaMax


def test_kingma_ba_2015_algorithm_2():
    """AdaMax in plain numbers: u_t = max(beta2 u_{t-1}, |g_t|), no eps, and no correction of u."""
    assert AdaMax().hyperparameters | {"eps": 0} == {
        "lr": 0.002,
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 0,
        "l2": 0,
        "weight_decay": 0,
    }
    gradients = np.random.default_rng(6).normal(size=50)
    path = descend(AdaMax(eps=0), Given(gradients[:, None]), start=[0.5], steps=50)
    theta, m, u = 0.5, 0.0, 0.0
    for t, g in enumerate(gradients.tolist(), start=1):
        m, u = 0.9 * m + 0.1 * g, max(0.999 * u, abs(g))
        theta -= 0.002 / (1 - 0.9**t) * m / u
        assert path.positions[t, 0] == pytest.approx(theta, rel=1e-14)


def test_kingma_ba_2015_section_7_1_largest_step():
    """AdaMax's |step| <= lr is not exact: its supremum is (1 - beta1) / (1 - beta1/beta2) = 1.00909 lr."""
    back = np.arange(400)[::-1, None]
    steps = moves(descend(AdaMax(1.0, eps=0), Given(0.999 ** -back.astype(float)), steps=400))
    assert -steps[-1, 0] == pytest.approx(1.00909, abs=5e-6)
    assert -steps[-1, 0] == pytest.approx(0.1 / (1 - 0.9 / 0.999), rel=1e-10)


# ---------------------------------------------------------------- eps


def test_kingma_ba_2015_eps_caps_the_effective_learning_rate():
    """Where the gradients are far below eps, Adam is momentum with the learning rate lr / eps, and no more."""
    gradients = np.full((300, 1), 1e-14)
    path = descend(Adam(0.001), Given(gradients), steps=300)
    assert path.effective_lr[-1, 0] == pytest.approx(0.001 / 1e-8, rel=1e-5)
    assert np.all(path.effective_lr < 0.001 / 1e-8)


def test_kingma_ba_2015_eps_in_half_precision():
    """In float16 eps = 1e-8 is zero."""
    assert np.float16(1e-8) == 0
    assert np.float32(1e-8) != 0


def test_kingma_ba_2015_not_rotation_equivariant():
    """Coordinate-wise division turns the direction: diag(1, 1000) against the same turned by 45 degrees.

    After 400 steps of lr .01 Adam is at a loss of 3.8e-10 against .486; gradient descent's paths map onto each other.
    """
    c = math.sqrt(0.5)
    turn = np.array([[c, -c], [c, c]])
    plain, turned = Ravine(1000), Ravine(1000, angle=math.pi / 4)

    def both(optimizer):
        return (descend(optimizer, plain, [1.0, 1.0], 400), descend(optimizer, turned, turn @ np.ones(2), 400))

    straight, oblique = both(Adam(0.01))
    assert straight.losses[-1] == pytest.approx(3.7556e-10, rel=1e-4)
    assert oblique.losses[-1] == pytest.approx(0.48592, abs=5e-6)
    straight, oblique = both(GradientDescent(0.0015))
    np.testing.assert_allclose(straight.positions @ turn.T, oblique.positions, atol=1e-12)


# ---------------------------------------------------------------- a constant learning rate


def test_kingma_ba_2015_constant_learning_rate_blows_up_late():
    """x**2 / 2 from 1 with lr = .1 for ever: |x| falls below 1e-144, then Adam leaves the minimum it had reached.

    By then sqrt(v_hat) is far below eps, so that this is momentum with the learning rate lr / eps = 1e7.
    """
    x = np.abs(descend(Adam(0.1), Ravine(1.0), [1.0, 1.0], 20_000).positions[:, 0])
    assert 1e-90 < x[3900:4000].max() < 1e-88
    assert x[6400:6600].max() < 1e-144
    assert np.argmax(x[4000:] > 0.01) + 4000 == pytest.approx(7067, abs=2)
    assert x[10_000:].max() == pytest.approx(0.037, abs=0.002)


def test_kingma_ba_2015_falling_learning_rate_does_not():
    """The same with lr / sqrt(t): from step 1,000 on |x| stays below lr / 100 = .001."""
    x = np.abs(descend(Adam(inverse_sqrt(0.1)), Ravine(1.0), [1.0, 1.0], 20_000).positions[:, 0])
    assert x[1000:].max() < 0.001
