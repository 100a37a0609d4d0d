"""An agent that learns to balance the pole by policy gradient, REINFORCE (Williams, 1992), with the course's layers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.scratch import MLP, Adam, softmax

from . import cartpole

Array = NDArray[Any]
SIZES, RATE, DISCOUNT = (4, 16, 2), 0.04, 0.99
EPISODES, BATCHES, SEEDS, KEPT = (
    16,
    40,
    5,
    3,
)  # episodes of a batch, batches; seeds recorded, and kept with all policies


def discounted(rewards: Array, discount: float = DISCOUNT) -> Array:
    """G_t = r_t + discount G_{t+1}, from the last step backwards. rewards: (T, ...) -> (T, ...)."""
    returns, after = np.zeros(np.shape(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        after = rewards[t] + discount * after
        returns[t] = after
    return returns


def beginner(rng: np.random.Generator) -> MLP:
    """An undecided policy: the last layer's weights are small, so that both actions are about equally likely."""
    net = MLP(SIZES, "tanh", rng=rng)
    net.params["2.weight"][...] *= 0.1
    return net


def play(net: MLP, n: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """n episodes with actions drawn from the policy. -> states (T, n, 4), actions (T, n), alive (T, n): whether step t
    was still played, which is its reward as well."""
    state, alive = cartpole.start(n, rng), np.ones(n, bool)
    states: list[Array] = []
    actions: list[Array] = []
    played: list[Array] = []
    while alive.any() and len(states) < cartpole.LONGEST:
        p = softmax(net(state))
        action = (rng.random(n) < p[:, 1]).astype(int)
        states.append(state)
        actions.append(action)
        played.append(alive)
        after = cartpole.step(state, action)
        alive = alive & ~cartpole.fallen(after)
        state = np.where(alive[:, None], after, 0.0)  # the fallen ones rest, and count no more
    return np.array(states), np.array(actions), np.array(played)


def policy_gradient(net: MLP, states: Array, actions: Array, advantage: Array) -> None:
    """Fill the gradients of -mean(advantage log p(action | state)): at the logits, advantage (p - onehot) / N.

    states: (N, 4); actions, advantage: (N,)."""
    p = softmax(net(states))
    p[np.arange(len(p)), actions] -= 1
    net.backward_params(p * advantage[:, None] / len(p))


def train(seed: int, batches: int = BATCHES) -> tuple[Array, list[dict[str, Array]]]:
    """-> what each episode returned, (batches, 16), and the policy's parameters before the first and after each batch.

    The advantage is the discounted return, standardised over the steps of the batch."""
    rng = np.random.default_rng(seed)
    net = beginner(rng)
    opt = Adam(net.params, lr=RATE)
    scores, kept = [], [net.state_dict()]
    for _ in range(batches):
        states, actions, played = play(net, EPISODES, rng)
        returns = discounted(played.astype(float))[played]
        policy_gradient(net, states[played], actions[played], (returns - returns.mean()) / (returns.std() + 1e-8))
        opt.step(net.grads)
        scores.append(played.sum(axis=0))
        kept.append(net.state_dict())
    return np.array(scores), kept


def greedy(parameters: dict[str, Array]) -> cartpole.Policy:
    """The policy that always takes the likelier action."""
    net = MLP(SIZES, "tanh", rng=np.random.default_rng(0))
    net.load_state_dict(parameters)

    def act(state: Array) -> Array:
        return net(state).argmax(axis=1)

    return act


def record() -> dict[str, Array]:
    """What data/train_sharing.py keeps: returns (5, 40, 16), and of the first three seeds the parameters before the
    first batch and after each, (3, 41, ...)."""
    runs = [train(seed) for seed in range(SEEDS)]
    kept = [policies for _, policies in runs[:KEPT]]
    every = {name: np.array([[each[name] for each in run] for run in kept], np.float32) for name in kept[0][0]}
    agents = {f"agent_{name}": values for name, values in every.items()}
    return {"returns": np.array([scores for scores, _ in runs], np.uint16), **agents}
