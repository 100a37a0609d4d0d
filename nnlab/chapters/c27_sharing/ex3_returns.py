"""Exercise 27.3: REINFORCE's return."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

RNG = np.random.default_rng(2)
ONES, LATE, MIXED = np.ones(4), np.array([0.0, 0.0, 0.0, 8.0]), RNG.normal(size=7)

EXERCISE = Exercise(
    id="27.3",
    title="REINFORCE's return",
    stub='''
        def returns(rewards, discount):
            """Return an array like rewards: at step t the discounted sum of the rewards from t to the end,
            r_t + discount r_(t+1) + discount^2 r_(t+2) + ... rewards: (T,) of one episode"""
            ...  # your code
        ''',
    hints=[
        "At the last step nothing follows. So what is its return? And how does the return one step before follow from "
        "it, with one multiplication and one addition?",
        """
        G_T = 0
        G_t = r_t + discount G_(t+1)        from the last step to the first
        """,
        """
        found, after = np.zeros(len(rewards)), 0.0
        for t in reversed(range(len(rewards))):
            after = ___ + discount * ___
            found[t] = after
        return found
        """,
    ],
    solution="""
        def returns(rewards, discount):
            found, after = np.zeros(len(rewards)), 0.0
            for t in reversed(range(len(rewards))):
                after = rewards[t] + discount * after
                found[t] = after
            return found
        """,
    cases=[
        Case(
            "no discount: the steps that are left",
            "returns",
            (ONES, 1.0),
            expected=np.array([4.0, 3.0, 2.0, 1.0]),
            hint=2,
        ),
        Case(
            "discount 0.5: a late reward is worth less, the earlier you look",
            "returns",
            (LATE, 0.5),
            expected=np.array([1.0, 2.0, 4.0, 8.0]),
            hint=2,
        ),
        Case("discount 0: only the reward itself", "returns", (MIXED, 0.0), expected=MIXED, hint=2),
        Case("rewards of any sign, discount 0.9", "returns", (MIXED, 0.9), hint=3),
        Case("an episode of one step", "returns", (np.array([2.0]), 0.9), expected=np.array([2.0]), hint=3),
    ],
    wrong={
        "forwards": Wrong(
            {"for t in reversed(range(len(rewards))):": "for t in range(len(rewards)):"},
            "You add up what came before. An action cannot change the past: its return is what follows. Go backwards.",
        ),
        "whole episode": Wrong(
            """
            def returns(rewards, discount):
                return np.full(len(rewards), np.sum(rewards * discount ** np.arange(len(rewards))))
            """,
            "Every step gets the return of the whole episode, also what was earned before it. Step t gets the rewards "
            "from t on.",
        ),
        "discounted from the start": Wrong(
            """
            def returns(rewards, discount):
                worth = rewards * discount ** np.arange(len(rewards))
                return np.cumsum(worth[::-1])[::-1]
            """,
            "You discount from the first step of the episode. The reward at t itself counts in full in G_t: discount "
            "from t on.",
        ),
        "no discount": Wrong(
            {"after = rewards[t] + discount * after": "after = rewards[t] + after"},
            "The discount is not used: a reward in ten steps counts like one now.",
        ),
        "reward discounted, too": Wrong(
            {"after = rewards[t] + discount * after": "after = discount * (rewards[t] + after)"},
            "You discount the reward at t itself. Only what follows is multiplied.",
        ),
        "without its own": Wrong(
            """
            def returns(rewards, discount):
                found, after = np.zeros(len(rewards)), 0.0
                for t in reversed(range(len(rewards))):
                    found[t] = discount * after
                    after = rewards[t] + discount * after
                return found
            """,
            "The reward of step t itself is missing in G_t.",
        ),
    },
    also_right=[
        """
        def returns(rewards, discount):
            T = len(rewards)
            return np.array([sum(discount**k * rewards[t + k] for k in range(T - t)) for t in range(T)])
        """,
        """
        def returns(rewards, discount):
            found = np.array(rewards, dtype=float)
            for t in range(len(found) - 2, -1, -1):
                found[t] += discount * found[t + 1]
            return found
        """,
    ],
)
