"""What there is to tell about one code."""

from dataclasses import dataclass

from segue.language.codes import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One code, explained.

    `title` says in one line what is wrong; `why` is Markdown, paragraphs apart by empty lines;
    `wrong` is a file that has the finding and `right` the same file without it.
    """

    code: Code
    title: str
    why: str
    wrong: str
    right: str
