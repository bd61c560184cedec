"""The network of corpus.clean.model, trained in plain numpy: a tape of operations, run back for gradients.

Deterministic: seeded, single-threaded, no library beyond numpy. The same pages, numpy and kind of processor
give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clean_pages import Lesson

F = np.float32


class Plan(NamedTuple):
    """What is chosen and not learned. `layers`: neighbours looked at to each side, 0 for a look around."""

    width: int = 48
    word_width: int = 12
    drawn_width: int = 12
    last_width: int = 32
    layers: tuple[int, ...] = (1, 0, 2, 0, 1, 4)
    drop: float = 0.15
    drop_numbers: float = 0.05
    drop_words: float = 0.3
    rate: float = 2e-3
    decay: float = 0.05
    average: float = 0.998
    epochs: int = 10
    first_epochs: int = 0
    pages_a_step: int = 6


class Knot:
    """A value on the tape, and its gradient once the tape has run back; `fixed` values get none."""

    __slots__ = ("fixed", "gradient", "value")

    def __init__(self, value: np.ndarray, *, fixed: bool = False) -> None:
        self.value = value
        self.gradient: np.ndarray | None = None
        self.fixed = fixed

    def add(self, gradient: np.ndarray) -> None:
        if not self.fixed:
            self.gradient = gradient if self.gradient is None else self.gradient + gradient


class Tape:
    """Operations in the order they were done."""

    def __init__(self, generator: np.random.Generator | None) -> None:
        self.done: list[tuple[Knot, Callable[[], None]]] = []
        self.generator = generator

    def put(self, value: np.ndarray, back: Callable[[Knot], None]) -> Knot:
        knot = Knot(value)
        self.done.append((knot, lambda: back(knot)))
        return knot

    def back(self) -> None:
        for knot, step in reversed(self.done):
            if knot.gradient is not None:
                step()

    def linear(self, x: Knot, weight: Knot, bias: Knot) -> Knot:
        def back(out: Knot) -> None:
            weight.add(x.value.T @ out.gradient)
            bias.add(out.gradient.sum(axis=0))
            if not x.fixed:
                x.add(out.gradient @ weight.value.T)

        return self.put(x.value @ weight.value + bias.value, back)

    def rectified(self, x: Knot) -> Knot:
        mask = x.value > 0
        return self.put(x.value * mask, lambda out: x.add(out.gradient * mask))

    def squashed(self, x: Knot) -> Knot:
        value = sigmoid(x.value)
        return self.put(value, lambda out: x.add(out.gradient * value * (1 - value)))

    def plus(self, x: Knot, y: Knot) -> Knot:
        def back(out: Knot) -> None:
            x.add(out.gradient)
            y.add(out.gradient)

        return self.put(x.value + y.value, back)

    def side_by_side(self, parts: Sequence[Knot]) -> Knot:
        cuts = np.cumsum([part.value.shape[1] for part in parts])[:-1]

        def back(out: Knot) -> None:
            for part, gradient in zip(parts, np.split(out.gradient, cuts, axis=1), strict=True):
                part.add(gradient)

        return self.put(np.concatenate([part.value for part in parts], axis=1), back)

    def dropped(self, x: Knot, share: float) -> Knot:
        if self.generator is None or not share:
            return x
        mask = (self.generator.random(x.value.shape, dtype=F) >= share).astype(F) / F(1 - share)
        return self.put(x.value * mask, lambda out: x.add(out.gradient * mask))

    def bags(self, vectors: Knot, ids: np.ndarray, row: np.ndarray, count: int) -> Knot:
        """Sum the vectors of the words of each row; `row` is sorted."""
        value = np.zeros((count, vectors.value.shape[1]), F)
        if len(ids):
            starts = np.flatnonzero(np.diff(row, prepend=-1))
            value[row[starts]] = np.add.reduceat(vectors.value[ids], starts, axis=0)

        def back(out: Knot) -> None:
            if vectors.gradient is None:
                vectors.gradient = np.zeros_like(vectors.value)
            np.add.at(vectors.gradient, ids, out.gradient[row])

        return self.put(value, back)

    def at_places(self, rows: Knot, places: np.ndarray) -> Knot:
        """Fetch rows by place: five beside each other, then the sum of the rest; -1 fetches nothing."""
        count, width = len(places), rows.value.shape[1]
        padded = np.concatenate([rows.value, np.zeros((1, width), F)])
        found = padded[places]
        value = np.concatenate([found[:, :5].reshape(count, -1), found[:, 5:].sum(axis=1)], axis=1)

        def back(out: Knot) -> None:
            near = out.gradient[:, : 5 * width].reshape(count, 5, width)
            far = np.repeat(out.gradient[:, None, 5 * width :], places.shape[1] - 5, axis=1)
            total = np.zeros_like(padded)
            np.add.at(total, places.ravel(), np.concatenate([near, far], axis=1).reshape(-1, width))
            rows.add(total[:-1])

        return self.put(value, back)

    def shifted(self, x: Knot, by: int, page: np.ndarray) -> Knot:
        """Move rows down (up for a negative number) within their page; zeros come in."""
        value, far = np.zeros_like(x.value), abs(by)
        if far >= len(value):
            return self.put(value, lambda _out: None)
        same = (page[far:] == page[:-far])[:, None].astype(F)
        low, high = slice(far, None), slice(None, -far)
        to, source = (low, high) if by > 0 else (high, low)
        value[to] = x.value[source] * same

        def back(out: Knot) -> None:
            gradient = np.zeros_like(x.value)
            gradient[source] = out.gradient[to] * same
            x.add(gradient)

        return self.put(value, back)

    def means(self, x: Knot, spans: np.ndarray, size: np.ndarray) -> Knot:
        """Average rows over spans, by size; the spans of a row stand beside each other."""
        count, width = x.value.shape
        sums = np.zeros((count + 1, width + 1))
        sums[1:, :width], sums[1:, width] = x.value * size[:, None], size
        np.cumsum(sums, axis=0, out=sums)
        inside = sums[spans[:, :, 1]] - sums[spans[:, :, 0]]
        total = np.maximum(inside[:, :, width:], 1e-6)

        def back(out: Knot) -> None:
            gradient = (out.gradient.reshape(count, -1, width) / total).reshape(-1, width)
            steps = np.zeros((count + 1, width))
            np.add.at(steps, spans[:, :, 0].ravel(), gradient)
            np.add.at(steps, spans[:, :, 1].ravel(), -gradient)
            x.add((np.cumsum(steps, axis=0)[:-1] * size[:, None]).astype(F))

        return self.put((inside[:, :, :width] / total).reshape(count, -1).astype(F), back)


class Batch(NamedTuple):
    """Several pages end to end."""

    numbers: np.ndarray
    page: np.ndarray
    places: np.ndarray
    tags: tuple[np.ndarray, np.ndarray, int]
    texts: tuple[np.ndarray, np.ndarray, int]
    spans: np.ndarray
    tokens: np.ndarray
    targets: np.ndarray
    weights: np.ndarray


def batch(
    lessons: Sequence[Lesson], generator: np.random.Generator | None = None, drop: float = 0.0
) -> Batch:
    """Join pages; of the words a share is dropped."""
    units = np.cumsum([0, *(len(lesson.features.tokens) for lesson in lessons)])
    rows = np.cumsum([0, *(len(lesson.features.tags.offsets) - 1 for lesson in lessons)])
    page = np.repeat(np.arange(len(lessons)), np.diff(units))
    ends = np.stack([units[page], units[page + 1]], axis=1)[:, None]
    seen = [lesson.features for lesson in lessons]

    def joined(part: str, first: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
        bags = [getattr(one, part) for one in seen]
        ids = np.concatenate([one.ids for one in bags])
        lengths = np.concatenate([np.diff(one.offsets) for one in bags])
        row = np.repeat(np.arange(first[-1]), lengths)
        if generator is not None and drop:
            kept = generator.random(len(ids)) >= drop
            ids, row = ids[kept], row[kept]
        return ids, row, int(first[-1])

    return Batch(
        np.concatenate([one.numbers for one in seen]),
        page,
        np.concatenate(
            [np.where(one.places < 0, -1, one.places + at) for one, at in zip(seen, rows, strict=False)]
        ),
        joined("tags", rows),
        joined("text", units),
        np.concatenate(
            [np.concatenate([one.spans + at for one, at in zip(seen, units, strict=False)]), ends], axis=1
        ),
        np.minimum(np.concatenate([one.tokens for one in seen]), 400),
        np.stack(
            [np.concatenate([getattr(one, part) for one in lessons]) for part in ("main", "comment")], axis=1
        ),
        np.stack(
            [
                np.concatenate([getattr(one, part) for one in lessons])
                for part in ("main_weight", "comment_weight")
            ],
            axis=1,
        ),
    )


class Net:
    """The weights under training, with what Adam remembers of their gradients and their running average."""

    def __init__(self, plan: Plan, lessons: Sequence[Lesson], sizes: tuple[int, int], seed: int) -> None:
        self.plan = plan
        sample = np.concatenate([lesson.features.numbers[:400] for lesson in lessons])
        self.mean, self.spread = sample.mean(axis=0), np.maximum(sample.std(axis=0), 0.05).astype(F)
        self.weights: dict[str, Knot] = {}
        self._generator = np.random.default_rng(seed)
        width, words, drawn = plan.width, plan.word_width, plan.drawn_width
        self.weights["tag"] = Knot((self._generator.standard_normal((sizes[0], words)) * 0.1).astype(F))
        self.weights["text"] = Knot((self._generator.standard_normal((sizes[1], words)) * 0.1).astype(F))
        self._dense("in", sample.shape[1] + 7 * words, width)
        for at, layer in enumerate(plan.layers):
            if not layer:
                self._dense(f"p{at}", width, drawn)
            self._dense(f"b{at}", 3 * width if layer else width + 6 * drawn, width, 0.5)
        self._dense("aux", width, 2, 0.1)
        self._dense("fin", width + 14, plan.last_width)
        self._dense("out", plan.last_width, 2, 0.2)
        self.weights["out.b"].value[:] = (-0.5, -3)
        self.steps = 0
        self.first = {name: np.zeros_like(knot.value) for name, knot in self.weights.items()}
        self.second = {name: np.zeros_like(knot.value) for name, knot in self.weights.items()}
        self.average = {name: knot.value.copy() for name, knot in self.weights.items()}

    def _dense(self, name: str, wide: int, narrow: int, scale: float = 1.0) -> None:
        start = self._generator.standard_normal((wide, narrow)) * scale * np.sqrt(2 / wide)
        self.weights[f"{name}.W"] = Knot(start.astype(F))
        self.weights[f"{name}.b"] = Knot(np.zeros(narrow, F))

    def forward(self, pages: Batch, generator: np.random.Generator | None = None) -> tuple[Tape, Knot, Knot]:
        tape, plan, weights = Tape(generator), self.plan, self.weights

        def dense(name: str, x: Knot) -> Knot:
            return tape.linear(x, weights[f"{name}.W"], weights[f"{name}.b"])

        numbers = ((pages.numbers - self.mean) / self.spread).astype(F)
        if generator is not None:
            numbers *= generator.random(numbers.shape, dtype=F) >= plan.drop_numbers
        words = tape.at_places(tape.bags(weights["tag"], *pages.tags), pages.places)
        text = tape.bags(weights["text"], *pages.texts)
        state = tape.rectified(dense("in", tape.side_by_side([Knot(numbers, fixed=True), words, text])))
        state = tape.dropped(state, plan.drop)
        size = np.sqrt(pages.tokens)
        for at, layer in enumerate(plan.layers):
            if layer:
                before, after = (
                    tape.shifted(state, layer, pages.page),
                    tape.shifted(state, -layer, pages.page),
                )
                mixed = tape.side_by_side([before, state, after])
            else:
                mixed = tape.side_by_side([state, tape.means(dense(f"p{at}", state), pages.spans, size)])
            state = tape.plus(state, tape.dropped(tape.rectified(dense(f"b{at}", mixed)), plan.drop))
        early = dense("aux", state)
        summed = tape.means(tape.squashed(early), pages.spans, pages.tokens)
        late = dense("out", tape.rectified(dense("fin", tape.side_by_side([state, early, summed]))))
        return tape, early, late

    def learn(self, pages: Batch, rate: float, generator: np.random.Generator) -> float:
        """Take one step of Adam with decoupled weight decay; returns the loss."""
        tape, early, late = self.forward(pages, generator)
        for out, share in ((early, 0.4), (late, 1.0)):
            out.add((share * (sigmoid(out.value) - pages.targets) * pages.weights).astype(F))
        tape.back()
        self.steps += 1
        keep = min(self.plan.average, self.steps / (self.steps + 30))
        for name, knot in self.weights.items():
            first, second, gradient = self.first[name], self.second[name], knot.gradient
            if gradient is None:
                continue
            first += 0.1 * (gradient - first)
            second += 0.01 * (gradient * gradient - second)
            step = (first / (1 - 0.9**self.steps)) / (np.sqrt(second / (1 - 0.99**self.steps)) + 1e-7)
            knot.value -= (rate * step).astype(F)
            if not name.endswith(".b"):
                knot.value *= F(1 - rate * self.plan.decay)
            knot.gradient = None
            self.average[name] += F(1 - keep) * (knot.value - self.average[name])
        chance = np.clip(sigmoid(late.value[:, 0]), 1e-7, 1 - 1e-7)
        wanted = pages.targets[:, 0]
        return -float(
            (pages.weights[:, 0] * (wanted * np.log(chance) + (1 - wanted) * np.log(1 - chance))).sum()
        )


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def train(
    lessons: Sequence[Lesson], sizes: tuple[int, int], plan: Plan, seed: int, say: Callable = print
) -> Net:
    """Train on pages; with `first_epochs`, what snippets leave open is filled in by a net trained before."""
    if plan.first_epochs:
        teacher = train(
            lessons, sizes, plan._replace(epochs=plan.first_epochs, first_epochs=0), seed + 100, say
        )
        lessons = [taught(teacher, lesson) for lesson in lessons]
    generator = np.random.default_rng(seed)
    net = Net(plan, lessons, sizes, seed)
    order = np.arange(len(lessons))
    total = plan.epochs * -(-len(lessons) // plan.pages_a_step)
    for epoch in range(plan.epochs):
        generator.shuffle(order)
        loss = 0.0
        for at in range(0, len(order), plan.pages_a_step):
            chosen = [lessons[number] for number in order[at : at + plan.pages_a_step]]
            warm = min(1, (net.steps + 1) / 60)
            rate = plan.rate * warm * (0.02 + 0.49 * (1 + np.cos(np.pi * net.steps / total)))
            loss += net.learn(batch(chosen, generator, plan.drop_words), rate, generator)
        say(f"epoch {epoch + 1}: loss {loss / len(order):.4f}")
    for name, knot in net.weights.items():
        knot.value = net.average[name]
    return net


def taught(teacher: Net, lesson: Lesson) -> Lesson:
    """Fill in what snippets leave open on a page with what the teacher says, as far as it is sure."""
    if lesson.page.row.get("gt_path"):
        return lesson
    chance = sigmoid(teacher.forward(batch([lesson]))[2].value[:, 0])
    tokens = lesson.features.tokens
    told = (
        np.minimum(1, (tokens + 2) / max(float(tokens[chance > 0.5].sum()), 40)) * np.abs(2 * chance - 1) / 2
    )
    known = lesson.main_weight > 0
    return lesson._replace(
        main=np.where(known, lesson.main, chance), main_weight=np.where(known, lesson.main_weight, told)
    )
