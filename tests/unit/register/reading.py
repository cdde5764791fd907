"""How hard a text is to read, and what none may say, in each language."""

import re

from mindhaven.register.model import Language

SENTENCE = re.compile(r"[.!?:]+\s|[.!?:]+$")
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
LEAST_WORDS = 12
"""The formulas were made for pages: of less they say little."""
NEVER = {
    "en": r"100 ?%|don't worry|guarante|totally safe|military",
    "de": r"100 ?%|keine Sorge|garantier|absolut sicher",
    "es": r"100 ?%|no te preocupes|garantiz|totalmente segur",
}


def syllables(word: str) -> int:
    return max(1, len(re.findall(r"[aeiouyäöüáéíóú]+", re.sub(r"e\b", "", word.lower()))))


def hard(text: str, language: Language) -> float:
    """Return how far a text is above the limit of its language (docs/explanation/design-language.md).

    English: Flesch-Kincaid grade (Kincaid et al. 1975), 8. German: first Wiener Sachtextformel (Bamberger and Vanecek
    1984), 8. Spanish: INFLESZ (Barrio 2008), 65 or more.
    """
    count = max(1, len([one for one in SENTENCE.split(text) if one.strip()]))
    found = WORD.findall(text)
    each = [syllables(word) for word in found]
    length = len(found) / count
    if language == "en":
        return 0.39 * length + 11.8 * sum(each) / len(found) - 15.59 - 8
    if language == "es":
        return 65 - (206.835 - 62.3 * sum(each) / len(found) - length)
    share = 100 / len(found)
    many, letters = share * sum(one >= 3 for one in each), share * sum(len(word) > 6 for word in found)
    short = share * sum(one == 1 for one in each)
    return 0.1935 * many + 0.1672 * length + 0.1297 * letters - 0.0327 * short - 0.875 - 8
