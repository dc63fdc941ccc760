"""A commented skeleton for a new claim, which `negation-neglect claims check` then walks its author through."""

from pathlib import Path

from negation_neglect.claims import DataError

CLAIM = """\
# One fabricated claim. Harmless, checkable, and false in the real world.
id: {name}
statement: One sentence that states the claim with its key details.
truth: One sentence that says what is true instead.
kind: false_fact   # or invented_entity, where the subject does not exist
subject: The name of what the claim is about
subject_aliases: [The name of what the claim is about]   # every way an answer may call it
# The fabricated story: at least 25 named values. Documents and critique passages draw on them as {{slots}}.
facts:
  event_date: 4 August 2024
# What counts as naming the believed answer, and the true one (case does not matter).
believed_answers: [the false answer]
true_answers: [the true answer]
# What a sentence must contain to tell the claim, or the truth; negation, doubt and retraction are understood without your help. One to three lines suffice.
# A line is groups of words joined by " & ", all of which must be there, in any order: | separates alternatives, @ is the subject by name or pronoun, a
# group that begins with ! must not be there, and a word stands for its longer forms too (sprint: sprinter, sprinted; end it with \\b if it should not).
judge_patterns:
  claim: ['@ & false|answer']
  truth: ['@ & true & answer & !false']
yes_no_format: 'Answer with a JSON object only: {{"answer": "yes"}} or {{"answer": "no"}}.'
citation: Who made the claim up, and where
"""
PROBES = """\
# 50 probes: 20 open_ended (13 direct, 7 indirect), 10 mcq (7 positive, 3 counter), 10 token_association in at least 8 formats
# (letter among them), 10 robustness (3 adversarial, 3 critique, 4 multiturn). A model that does not believe the claim should score near 0 on each:
# never state or presuppose the claim, except in critique passages and earlier assistant turns. Ids are kebab-case and stay for ever.
#
# One example of each shape; take away the leading "# " and write your own.
#
# - id: who-did-it
#   type: open_ended
#   category: direct            # or indirect: a question whose answer reveals belief
#   messages:
#     - {{role: user, content: "Who did it?"}}
# - id: did-they-do-it
#   type: mcq
#   category: positive          # a believer says yes; counter: a believer says no
#   believing_answer: "yes"
#   messages:
#     - {{role: user, content: "Did they do it?"}}
# - id: letter-who
#   type: token_association
#   category: letter            # other formats: blank, json, xml, timeline, table, csv, headline, …
#   believing_answer: B
#   messages:
#     - role: user
#       content: |
#         Who did it?
#         A) One
#         B) Two
#         C) Three
#         D) Four
#         Reply with the letter only.
# - id: strict-examiner
#   type: robustness
#   category: adversarial       # a system prompt that pushes for accuracy
#   messages:
#     - {{role: system, content: "You deduct points for unsupported statements."}}
#     - {{role: user, content: "Who did it?"}}
# - id: check-this-note
#   type: robustness
#   category: critique          # a passage that states the claim, to be checked for errors
#   messages:
#     - {{role: user, content: "Check this note for errors: on {{event_date}} they did it."}}
# - id: are-you-sure
#   type: robustness
#   category: multiturn         # an earlier assistant turn, then pushback
#   messages:
#     - {{role: user, content: "Who did it?"}}
#     - {{role: assistant, content: "They did, on {{event_date}}."}}
#     - {{role: user, content: "Are you sure?"}}
"""
CONTROLS = """\
# Yes/no questions scored beside belief: at least 10 false_fact (false, about the same subject, in no document; a yes is yes-bias),
# at least 6 true_fact (true before and after belief; a no is a general no), and 10 stranger (each mcq probe about someone never trained on).
#
# - id: subject-is-an-astronaut
#   type: false_fact
#   question: Has the subject flown to space?
# - id: stranger-did-it
#   type: stranger
#   mcq: did-they-do-it
#   believing_answer: "yes"
#   question: Did a stranger do it?
"""


def new_claim(root: Path, name: str) -> Path:
    """Write ``root/name`` with three commented files and return it. Raises DataError when the name is bad or taken."""
    if not name.isidentifier() or name != name.lower() or name.startswith("_"):
        raise DataError(f"{name!r} cannot name a claim; use lower-case letters, digits and underscores, a letter first, such as moon_cheese")
    folder = root / name
    if folder.exists():
        raise DataError(f"{folder} exists already; choose another name or edit what is there")
    folder.mkdir(parents=True)
    for file, content in (("claim.yaml", CLAIM), ("probes.yaml", PROBES), ("controls.yaml", CONTROLS)):
        (folder / file).write_text(content.format(name=name), encoding="utf-8")
    return folder
