"""What a datasheet answers: the questions of Gebru et al., "Datasheets for Datasets", in our own short words.

The list is that of the paper's eighth version (Communications of the ACM 64/12, 2021;
https://arxiv.org/abs/1803.09010v8): seven sections, and each ends by asking for anything else. Whether
people are told of, which earlier versions ask apart, is asked with what depends on it. A datasheet may put a
question in its own words and language; its number is what is looked for.
"""

from __future__ import annotations

SECTIONS: dict[str, tuple[str, ...]] = {
    "Motivation": (
        "Why was it made?",
        "Who made it, and for whom?",
        "Who paid for it?",
        "Anything else about its motivation?",
    ),
    "Composition": (
        "What is in it?",
        "How much of it is there?",
        "Is it a sample of something larger?",
        "What does each row hold?",
        "What labels are there?",
        "What is missing?",
        "How are rows tied to each other?",
        "Which splits are recommended?",
        "Which errors, noise and repetitions are in it?",
        "Does it rely on anything outside?",
        "Is anything in it confidential?",
        "Could anything in it offend or frighten?",
        "Does it tell of people, and which groups of them does it tell apart?",
        "Can a person be recognised in it?",
        "Is anything in it sensitive?",
        "Anything else about its composition?",
    ),
    "Collection process": (
        "Where does each row come from?",
        "By what means was it collected?",
        "If it is a sample, how was it drawn?",
        "Who collected it, and how were they paid?",
        "Over what time was it collected?",
        "Was it reviewed for its ethics?",
        "Does it tell of people, and was it taken from them or from others?",
        "Were the people concerned told?",
        "Did they consent?",
        "Can they take their consent back?",
        "Was its effect on the people concerned studied?",
        "Anything else about its collection?",
    ),
    "Preprocessing, cleaning, labelling": (
        "How was it cleaned and labelled?",
        "Are the raw files kept?",
        "Is the software to be had?",
        "Anything else about its preparation?",
    ),
    "Uses": (
        "What was it used for so far?",
        "Where are its uses listed?",
        "What else could it be used for?",
        "What about it could distort later uses?",
        "What should it not be used for?",
        "Anything else about its uses?",
    ),
    "Distribution": (
        "Who will get it?",
        "How is it handed out?",
        "When?",
        "Under which licence?",
        "Do others hold rights in it?",
        "Do export controls or other rules apply?",
        "Anything else about its distribution?",
    ),
    "Maintenance": (
        "Who looks after it?",
        "How are they reached?",
        "Where are its errors listed?",
        "Will it be updated?",
        "How long may it keep what it holds of people?",
        "What becomes of older versions?",
        "How can others add to it?",
        "Anything else about its maintenance?",
    ),
}
"""Section -> its questions, in the order of the paper."""

QUESTIONS: dict[str, str] = {
    f"{section}.{place}": question
    for section, questions in enumerate(SECTIONS.values(), 1)
    for place, question in enumerate(questions, 1)
}
"""Number, such as `2.4` -> question."""
