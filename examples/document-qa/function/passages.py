"""Passages: documents taken apart at their headings, and the passages that a question is about.

Two rankings are joined. One counts words (BM25, in plain Python) and needs no call. The other compares embeddings, and
is asked only about the best of the first.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009); Cormack, Clarke and
Buettcher, "Reciprocal Rank Fusion" (2009).
"""

import math
import re
from collections import Counter
from dataclasses import dataclass

# As many words as a passage has before it is divided between two paragraphs.
LONGEST = 220
# As many characters, for text that is divided into no words.
MOST_CHARACTERS = 8_000

K1, B = 1.2, 0.75
# How often a word of the title or the heading counts, beside one of the text.
ABOVE = 2
# How much the first places of a ranking are worth more than the next ones.
RANKS = 60

COMMON = frozenset(
    "a about all also am an and any are as at be been but by can could did do does for from had has have how i if in into "
    "is it its me may more most must my no not of on one or our should so such tell than that the their them then there "
    "these they this to us was we were what when where which who why will with would you your".split()
)


@dataclass(frozen=True)
class Passage:
    """A part of a document that can be read by itself."""

    document: str
    title: str
    heading: str
    text: str

    @property
    def above(self):
        """Title and heading, as they stand above the passage."""
        return f"{self.title}: {self.heading}" if self.heading else self.title


def of_document(name, text):
    """The passages of a document in Markdown, in their order."""
    passages, title, heading, paragraphs = [], name, "", []

    def close():
        if paragraphs:
            passages.append(Passage(name, title, heading, "\n\n".join(paragraphs)))
            paragraphs.clear()

    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        block = block.strip("\n")
        while match := re.match(r"(#{1,6})\s+(.*)(?:\n|$)", block):
            close()
            if len(match[1]) == 1:
                title, heading = match[2].strip(), ""
            else:
                heading = match[2].strip()
            block = block[match.end():].strip("\n")
        if not block.strip():
            continue
        for part in parts(block):
            joined = " ".join([*paragraphs, part])
            if paragraphs and (len(joined.split()) > LONGEST or len(joined) > MOST_CHARACTERS):
                close()
            paragraphs.append(part)
    close()
    return passages


def fits(text):
    """Whether a text is no longer than a passage."""
    return len(text.split()) <= LONGEST and len(text) <= MOST_CHARACTERS


def parts(block):
    """A paragraph as it is, or in parts if it is longer than a passage: of whole words, and a table of whole rows, each part
    with the headings of the columns."""
    if fits(block):
        return [block]
    if (rows := rows_of(block)) is not None:
        return rows
    found, part, count = [], "", 0
    for piece in re.findall(rf"\S{{1,{MOST_CHARACTERS // 8}}}\s*", block):
        if part and (count == LONGEST or len(part) + len(piece) > MOST_CHARACTERS):
            found.append(part.strip())
            part, count = "", 0
        part, count = part + piece, count + 1
    return [*found, part.strip()]


def rows_of(block):
    """The parts of a table with headings; none of what is no such table, or has a row that is too long by itself."""
    heading, rule, *rows = [*block.split("\n"), "", ""]
    rows = [row for row in rows if row]
    if not re.fullmatch(r"\s*\|[\s|:-]+", rule) or not all(row.lstrip().startswith("|") for row in [heading, *rows]):
        return None
    above, found = f"{heading}\n{rule}", []
    for row in rows:
        longer = f"{found[-1]}\n{row}" if found else ""
        if found and fits(longer):
            found[-1] = longer
        elif fits(alone := f"{above}\n{row}"):
            found.append(alone)
        else:
            return None
    return found


def words(text):
    """The stems of the words that tell something."""
    found = re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.lower())
    return [stem(word.removesuffix("'s")) for word in found if word not in COMMON]


def stem(word):
    """A word without the commonest endings of English."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + instead
            break
    return word.removesuffix("e") if len(word) > 4 else word


def by_words(question, passages):
    """Passages by how well their words fit, the best first."""
    texts = [Counter(words(p.text)) + Counter(words(p.above) * ABOVE) for p in passages]
    lengths = [sum(text.values()) for text in texts]
    average = sum(lengths) / max(len(lengths), 1) or 1
    asked = set(words(question))
    weight = {}
    for word in asked:
        having = sum(1 for text in texts if word in text)
        weight[word] = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))

    def score(at):
        text, long = texts[at], 1 - B + B * lengths[at] / average
        return sum(weight[word] * text[word] * (K1 + 1) / (text[word] + K1 * long) for word in asked if text[word])

    order = sorted(range(len(passages)), key=lambda at: (-score(at), at))
    return [passages[at] for at in order]


def by_meaning(question, passages):
    """Passages by how near their vectors are to the question's, the best first. Takes the vector, and pairs."""
    near = [(cosine(question, vector), passage) for passage, vector in passages]
    return [passage for _, passage in sorted(near, key=lambda pair: -pair[0])]


def cosine(a, b):
    """How near two vectors are: 1 if they have one direction."""
    length = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
    return sum(x * y for x, y in zip(a, b)) / length if length else 0.0


def joined(*rankings):
    """One ranking of several: what stands high in each comes first."""
    score = Counter()
    for ranking in rankings:
        for place, passage in enumerate(ranking):
            score[passage] += 1 / (RANKS + place)
    return [passage for passage, _ in score.most_common()]
