"""How probably a judgement is wrong, given how likely models held it that had not seen it.

A judgement that models hold for unlikely is wrong, or the models know too little. How sharp the models are is
read off the judgements but for the most surprising tenth under each label; what share is wrong follows, by
maximum likelihood, from how many more surprises there are in all than models so sharp should meet. A share
that the likelihood does not clearly ask for is held for nought, so that small or sound corpora stay silent.
The mixture is that of Natarajan et al., Learning with Noisy Labels (NIPS 2013), with a uniform choice of the
wrong label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

SHARPNESS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
"""Exponents that are tried on the models' probabilities: below one for models that claim too much."""

TRIMMED = 0.1
"""Share of the judgements under each label that sharpness is not read off. With a fifth, a set of tweets
without errors put in had 59 of 664 stances suspected, with a tenth 3."""

SHARES = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3)
"""Shares of wrong judgements that are tried."""

CLEARLY = 3.0
"""Gain in log-likelihood from which errors are believed in: chance reaches it once in a hundred sound corpora
(half of chi-squared with one degree of freedom, from twice the gain)."""

CERTAIN = 0.99
"""No suspicion is surer: models see words, not what they mean."""

FEWEST = 30
"""Judgements below which nothing is said."""


def wrong_choices(chances: NDArray[np.float64], made: Sequence[str]) -> NDArray[np.float64]:
    """Give each judgement the probability that it is wrong.

    `chances` is judgements x choices: the first column the models' probability of the choice that was made,
    the others of the choices that were not; zeros pad rows with fewer choices. `made` are the labels given.
    Returns zeros where there are fewer than FEWEST judgements, or no sign of errors beyond what the models do
    not know.

    >>> import numpy as np
    >>> alike = np.tile([[0.6, 0.4]], (60, 1)), np.tile([[0.4, 0.6]], (40, 1))
    >>> float(wrong_choices(np.concatenate(alike), ["favor"] * 100).max())
    0.0
    """
    import numpy as np

    wrong = np.zeros(len(chances))
    if len(chances) < FEWEST:
        return wrong
    kept = _expected(chances[:, 0], made)
    sharpened = [_own(chances, sharpness) for sharpness in SHARPNESS]
    own = max(sharpened, key=lambda each: float(np.log(each[kept]).sum()))
    choices = np.maximum((chances > 0).sum(axis=1), 2)
    said = {share: (1 - share) * own + share / choices for share in SHARES}
    share = max(SHARES, key=lambda each: float(np.log(said[each]).sum()))
    if np.log(said[share]).sum() - np.log(own).sum() < CLEARLY:
        return wrong
    found: NDArray[np.float64] = np.minimum(share / choices / said[share], CERTAIN)
    return found


def _own(chances: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    """The probability of the choice that was made, by models so much sharper."""
    import numpy as np

    sharp = np.maximum(chances, 1e-9) ** sharpness
    sharp[:, 1:][chances[:, 1:] <= 0] = 0.0
    own: NDArray[np.float64] = sharp[:, 0] / sharp.sum(axis=1)
    return own


def _expected(own: NDArray[np.float64], made: Sequence[str]) -> NDArray[np.bool_]:
    """Which judgements are not among the most surprising under their label."""
    import numpy as np

    labels = np.array(made)
    kept = np.ones(len(own), dtype=bool)
    for label in sorted(set(made)):
        here = np.flatnonzero(labels == label)
        kept[here[np.argsort(own[here], kind="stable")[: int(TRIMMED * len(here))]]] = False
    return kept


def forgotten(evidence: NDArray[np.float64], made: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give each place where something could be marked, and is not, the probability that it was forgotten.

    `evidence` is places x witnesses, each a log-odds for a mark; `made` tells which places are marked. What
    the witnesses are worth is read off all places but those that lack a mark most surprisingly, a tenth as
    many as there are marks; the share forgotten follows as in `wrong_choices`. Marked places get nought.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    found = np.zeros(len(made))
    open_ = np.flatnonzero(~made)
    surprising = open_[np.argsort(-evidence[open_].sum(axis=1), kind="stable")[: int(TRIMMED * made.sum())]]
    kept = np.ones(len(made), dtype=bool)
    kept[surprising] = False
    if made.sum() < FEWEST:
        return found
    # Witnesses that say nothing leave it even: without these two the curve had no start where all is marked.
    nothing = np.zeros((2, evidence.shape[1]))
    curve = LogisticRegression(C=10.0, max_iter=500).fit(
        np.concatenate([evidence[kept], nothing]), np.concatenate([made[kept], [True, False]])
    )
    likely = np.clip(curve.predict_proba(evidence)[:, 1], 1e-6, 1 - 1e-6)
    said = {
        share: np.where(made, likely * (1 - share), 1 - likely + likely * share) for share in (0.0, *SHARES)
    }
    share = max(said, key=lambda each: float(np.log(said[each]).sum()))
    if np.log(said[share]).sum() - np.log(said[0.0]).sum() < CLEARLY:
        return found
    missed = likely * share / (1 - likely + likely * share)
    return np.where(made, 0.0, np.minimum(missed, CERTAIN))
