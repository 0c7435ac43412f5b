"""One file, ten different mistakes: all of them are reported at once, each where it is."""

from segue.checking import check

FILE = """\
segue: 1
name: deploy
input:
  host: {type: strng}
  retries: {type: integer, default: "three"}
tasks:
  build:
    action: core.local
    inptu: {cmd: make}
    timeout: 10 seconds
    next:
      - when: succeeded()
        do: notfy
      - when: failed() and
        do: [fail, fail]
  notify:
    action: core.echo message="done"
    join: 3
    retry: {delay: 1s}
    next:
      - when: succeeded()
        publish:
          text: "told {{ ctx.hots }}"
"""

MISTAKES = {
    "SEG108 4:16-4:21": "a type that does not exist",
    "SEG109 5:37-5:44": "a default of the wrong type",
    "SEG101 9:5-9:10": "an unknown key",
    "SEG105 10:14-10:24": "a bad duration",
    "SEG201 13:13-13:18": "an unknown task",
    "SEG301 14:24-14:27": "half an expression",
    "SEG106 15:20-15:24": "a target named twice",
    "SEG110 17:13-17:37": "parameters behind the action",
    "SEG205 18:11-18:12": "a join that can't be satisfied",
    "SEG102 19:12-19:23": "a missing key",
    "SEG304 23:30-23:34": "an undefined variable",
}


def test_all_mistakes_of_a_file_are_reported_at_their_line_and_column() -> None:
    found = [
        f"{each.code} {each.span.line}:{each.span.column}"
        f"-{each.span.end_line}:{each.span.end_column}"
        for each in check(FILE).findings
    ]
    assert found == list(MISTAKES)
