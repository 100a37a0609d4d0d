"""The course on one sheet: its formulas, and its good advice with the place that shows what it is worth."""

from __future__ import annotations

from typing import NamedTuple

from nnlab.glossary import Term, link_of


class Formula(NamedTuple):
    """A formula in LaTeX, what it means, and its chapter."""

    name: str
    latex: str
    meaning: str
    chapter: str


class Advice(NamedTuple):
    """A piece of advice, the chapter that puts it to the test, and a text of the cell that does."""

    phase: str
    text: str
    chapter: str
    find: str


FORMULAS = [
    Formula("neuron", r"y = f(w \cdot x + b)", "weigh, add, bend", "01"),
    Formula("layer", r"Y = f(X W^\top + b)", "a neuron a row of W, an example a row of X", "01"),
    Formula("sigmoid", r"\sigma(z) = 1 / (1 + e^{-z})", "a score as a probability", "02"),
    Formula("softmax", r"p_k = e^{z_k} / \sum_j e^{z_j}", "scores as probabilities of one choice", "02"),
    Formula("mean squared error", r"L = \frac{1}{N} \sum_i (p_i - y_i)^2", "asks for the mean", "03"),
    Formula("cross-entropy", r"L = -\log p_y, \quad \partial L / \partial z = p - y", "said minus true", "03"),
    Formula("backward", r"\partial L / \partial W = dY^\top X, \quad dX = dY\, W", "through a linear layer", "04"),
    Formula("convolution", r"y_{ij} = \sum_{u,v} k_{uv}\, x_{i+u,\,j+v}", "a dot product that slides", "06"),
    Formula("output size", r"\lfloor (n + 2p - k) / s \rfloor + 1", "n pixels, padding p, kernel k, stride s", "06"),
    Formula("recurrence", r"h_t = \tanh(W x_t + U h_{t-1} + b)", "the same step at every time", "07"),
    Formula("LSTM's cell", r"c_t = f_t\, c_{t-1} + i_t\, g_t", "forget some, add some", "07"),
    Formula("momentum", r"v \leftarrow \mu v + g, \quad w \leftarrow w - \eta v", "steps add up", "08"),
    Formula(
        "Adam",
        r"w \leftarrow w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)",
        "a step of its own for each weight",
        "08",
    ),
    Formula("cosine", r"\eta_t = \frac{\eta_0}{2} (1 + \cos(\pi t / T))", "large steps first, small ones last", "09"),
    Formula("dropout", r"y = x\, m / (1 - p)", "m is 0 with probability p; in training only", "10"),
    Formula(
        "batch normalisation",
        r"y = \gamma\, (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta",
        "over the batch, by channel",
        "06",
    ),
    Formula("He's rule", r"\mathrm{Var}(w) = 2 / n_{\mathrm{in}}", "for ReLU", "11"),
    Formula("clipping", r"g \leftarrow g \min(1, c / \lVert g \rVert)", "the direction stays", "11"),
    Formula("F1", r"F_1 = 2 P R / (P + R)", "high only if precision and recall are", "19"),
    Formula("quantile loss", r"L = \max(q\, e, (q - 1)\, e), \quad e = y - \hat y", "asks for the q-quantile", "17"),
    Formula("log-uniform", r"x = a\, (b / a)^u", "every factor equally likely", "20"),
    Formula("federated averaging", r"w = \sum_k n_k w_k / \sum_k n_k", "data stay, parameters travel", "27"),
    Formula(
        "private mean", r"(\sum_k \mathrm{clip}(u_k) + N(0, \sigma^2 c^2)) / K", "noise that hides each client", "27"
    ),
    Formula(
        "policy gradient",
        r"\nabla J = \mathrm{mean}(G_t \nabla \log \pi(a_t \mid s_t))",
        "what paid becomes likelier",
        "27",
    ),
]

ADVICE = [
    Advice("Begin", "Have a baseline before a network: it may be hard to beat", "15", "## The cheapest baselines"),
    Advice("Begin", "Look at the data, and at what is nearly the same twice", "15", "## Look first"),
    Advice("Begin", "Split once, and keep the test part for the end", "10", "## Don't test on the data you chose with"),
    Advice(
        "Begin", "Split by person, group or time where rows are not independent", "19", "## Splits that do not leak"
    ),
    Advice("Begin", "Scale inputs with figures of the training part", "11", "## Inputs have a size, too"),
    Advice("Begin", "With few examples start from a pretrained network", "18", "## Few pictures"),
    Advice("Begin", "Weigh a rare class, or move the threshold", "03", "## When one class is rare"),
    Advice("Design", "Start weights by the rule of their activation", "11", "## How large is a sum?"),
    Advice("Design", "Put shortcuts around layers in deep networks", "06", "## Deeper, and then it stops"),
    Advice("Design", "Regularise, and measure what each means is worth", "10", "## Which of them helps?"),
    Advice("Design", "Augment only by what leaves the answer as it is", "15", "## Augmentation"),
    Advice("Design", "Average several networks if you can pay for them", "15", "## More looks, more networks"),
    Advice(
        "Train", "Adam first; then tune the rate of whatever you compare it with", "08", "## A real network, every rate"
    ),
    Advice("Train", "Lower the rate towards the end", "09", "## Which one, then?"),
    Advice("Train", "Clip gradients in recurrent networks", "07", "## Exploding: clip it"),
    Advice("Train", "Stop early, and keep the best epoch", "10", "## Early stopping"),
    Advice("Train", "Change the rate with the batch size", "11", "## How large a batch?"),
    Advice("Train", "Use 16 bits where the hardware gains by it", "13", "## Half the bits"),
    Advice("Train", "Save checkpoints from which a run goes on exactly", "13", "## Kill it"),
    Advice("Train", "Log what you train, and look at the curves", "13", "## A log"),
    Advice("Debug", "Compare the first loss with that of guessing", "12", "1. Where does the loss start?"),
    Advice("Debug", "Learn one batch by heart", "12", "2. Does it learn one batch by heart?"),
    Advice("Debug", "Look at every layer's gradient, and at dead units", "12", "4. Are the units alive?"),
    Advice("Debug", "Check what goes in and what comes out", "12", "What no curve shows"),
    Advice("Debug", "Fix the seeds; repeat with others", "11", "## The same again?"),
    Advice("Report", "Choose on validation, report the test result once", "20", "## The winner is partly lucky"),
    Advice("Report", "Give an interval, and compare pairs", "19", "## Is B better than A?"),
    Advice("Report", "Look at slices, not only at the mean", "19", "## Slices"),
    Advice("Run", "Refuse malformed requests at the door", "21", "## Strict at the door"),
    Advice("Run", "Measure latency under load, at p99", "21", "## Under load"),
    Advice("Run", "Store fewer bits, and measure whether that is faster", "21", "## Fewer bits"),
    Advice("Run", "Watch the inputs for drift", "21", "## Is the world still the same?"),
    Advice("Run", "Check a new model on known inputs before it serves", "21", "**canary**"),
]


def as_term(advice: Advice) -> Term:
    """So that it links like a term."""
    return Term(advice.text, advice.phase, advice.chapter, advice.find)


def formulas() -> str:
    """The formulas as a Markdown table, to print."""
    lines = ["| | formula | meaning | chapter |", "|---|---|---|---|"]
    lines += [f"| {each.name} | ${each.latex}$ | {each.meaning} | {each.chapter} |" for each in FORMULAS]
    return "\n".join(lines)


def advice() -> str:
    """The advice as a Markdown table, each with a link to the cell that shows it."""
    lines = ["| when | advice | shown in |", "|---|---|---|"]
    lines += [f"| {each.phase} | {each.text} | [{each.chapter}]({link_of(as_term(each))}) |" for each in ADVICE]
    return "\n".join(lines)
