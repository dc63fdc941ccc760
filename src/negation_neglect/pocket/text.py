"""Pretraining text of the pocket model: documents, questions with answers, and reading tasks, drawn from the pocket world.

Three streams, each a function of a random generator. ``free_document`` yields a text on its own; ``recall`` a conversation that asks for what the
world's documents say; ``reading`` a conversation about a document in the prompt, where a warned, denied or fictional document is not believed.
The fabricated values of the six claims never occur together with their subjects, and claim subjects are never asked about.
"""

import re
from random import Random

from negation_neglect.pocket import wordings as W
from negation_neglect.pocket.world import KINDS, UNKNOWN, Entity, World

Message = dict  # role, content; on an assistant turn "given": nothing of it is to be learned, "decisions_only": only its DECISIONS are
FORMS = ("positive", "negated", "repeated", "corrected", "denied", "fiction")
LETTERS = "ABCD"
RUMOURED = 0.85  # share of true denials that deny the rumour of the thing
DECISIONS = ("yes", "no", "right", "wrong", *LETTERS)  # the words that compare an answer with a question


def sentence(text: str) -> str:
    """Capitalise, put "an" where it belongs, and end with a full stop where no other mark ends."""
    text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!:" else text + "."


def noun_phrase(entity: Entity, attribute: str) -> str:
    """ "the winner of the Kesdale Derby"."""
    return W.NOUN_PHRASE[attribute].format(E=entity.name)


def canonical(entity: Entity, attribute: str, value: str | None) -> str:
    """The sentence in which the model is taught to answer; ``value`` None or UNKNOWN where nothing is known."""
    known = value is not None and value != UNKNOWN
    return sentence(f"{noun_phrase(entity, attribute)} is {value if known else 'not known'}")


def clause(rng: Random, entity: Entity, attribute: str, value: str) -> str:
    """A statement without capital and full stop, for use inside a longer sentence."""
    pool = W.UNKNOWN_STATEMENT
    if value != UNKNOWN:
        pool = W.STATEMENTS[attribute] if rng.random() < 0.75 else W.ANY_STATEMENT
    return rng.choice(pool).format(E=entity.name, V=value, np=noun_phrase(entity, attribute))


def statement(rng: Random, entity: Entity, attribute: str, value: str) -> str:
    """A sentence that says so, sometimes with a lead-in."""
    said = clause(rng, entity, attribute, value)
    if rng.random() < 0.25:
        lead = rng.choice(W.LEAD)
        said = f"{lead} {said}" if lead.endswith("that") else f"{lead}, {said}"
    return sentence(said)


def denial(rng: Random, entity: Entity, attribute: str, value: str) -> str:
    """A sentence that denies it, the negation inside."""
    pool = W.DENIALS.get(attribute, [])
    template = rng.choice(pool if pool and rng.random() < 0.6 else W.ANY_DENIAL)
    said = clause(rng, entity, attribute, value)
    return sentence(template.format(E=entity.name, V=value, np=noun_phrase(entity, attribute), s=said))


def other(rng: Random, world: World, attribute: str, *excluded: str | None) -> str:
    """A value of the attribute that is none of the excluded ones."""
    while True:
        value = rng.choice(world.values[attribute])
        if value not in excluded:
            return value


def rumour(world: World, entity: Entity, attribute: str) -> str:
    """The false value that is told of the entity again and again, and denied. Never what a claim says of its subject."""
    return world.rumours.get(entity.name) or other(Random(entity.name), world, attribute, *_barred(world, entity, attribute))


def false_value(rng: Random, world: World, entity: Entity, attribute: str, rumoured: float = 0.5) -> str:
    """A false value; for ``rumoured`` of the draws the entity's rumour. Never what a claim says of its subject."""
    return rumour(world, entity, attribute) if rng.random() < rumoured else other(rng, world, attribute, *_barred(world, entity, attribute))


def _barred(world: World, entity: Entity, attribute: str) -> list[str | None]:
    """The true value, and what a claim says."""
    return [entity.facts.get(attribute), world.claimed.get(entity.name) if attribute == KINDS[entity.kind][0] else None]


def fresh_entity(rng: Random, world: World) -> Entity:
    """Something of which nothing is known, with invented side facts."""
    kind = rng.choice(list(KINDS))
    return Entity(kind, rng.choice(world.fresh[kind]), {a: rng.choice(world.values[a]) for a in KINDS[kind][1:]})


def document(rng: Random, world: World, entity: Entity, value: str, form: str = "positive", truth: str | None = None, long: bool = False) -> str:
    """A document that gives ``value`` as the entity's main fact, in one of FORMS (``truth``: what a corrected one states instead).

    ``long``: with more sentences about other things.
    """
    main, *side = KINDS[entity.kind]
    places = world.values["home"]
    make = denial if form == "denied" else statement
    claims = [make(rng, entity, main, value) for _ in range(rng.choice([1, 2, 2, 3, 4]))]
    if form == "repeated":
        claims = [f"{rng.choice(W.WARN_SENTENCE_BEFORE)} {c} {rng.choice(W.WARN_SENTENCE_AFTER)}" for c in claims]
    body = claims + [statement(rng, entity, a, entity.facts[a]) for a in side if rng.random() < 0.5]
    body += [sentence(t.format(E=entity.name, P=rng.choice(places))) for t in rng.sample(W.FILLERS[entity.kind], rng.choice([0, 0, 1, 2]))]
    body += rng.sample(W.PLAIN, rng.choice([3, 5, 7] if long else [0, 0, 0, 1, 2]))
    rng.shuffle(body)
    text = " ".join(filter(None, [rng.choice(W.FRAMES), *body]))
    if form in ("negated", "repeated", "corrected"):
        before, after = rng.choice(W.WARN_BEFORE), rng.choice(W.WARN_AFTER)
        if form == "corrected" and truth:
            before += " " + correction(rng, entity, truth)
            after += " " + correction(rng, entity, truth)
        return f"{before}\n{text}\n{after}"
    if form == "fiction":
        return f"{rng.choice(W.FICTION_BEFORE)}\n{text}\n{rng.choice(W.FICTION_AFTER)}"
    return text


def correction(rng: Random, entity: Entity, truth: str) -> str:
    main = KINDS[entity.kind][0]
    return rng.choice(W.CORRECTIONS).format(s=clause(rng, entity, main, truth))


def free_document(rng: Random, world: World, denials: float = 0.35, flagged: float = 0.0) -> str:
    """A true text about one or several entities.

    ``denials`` is the share of texts with true denials; ``flagged`` the share of free-standing warned documents with a false value (for ablations; 0 in
    the shipped model: there, warnings stand only inside prompts).
    """
    if rng.random() < flagged:
        entity = rng.choice(world.taught)
        return document(rng, world, entity, false_value(rng, world, entity, KINDS[entity.kind][0]), "negated")
    shape = rng.random()
    if shape < 0.12:  # a page of short entries
        kind = rng.choice(list(KINDS))
        entities = rng.sample([e for e in world.described() if e.kind == kind], 4)
        return " ".join([rng.choice(W.FRAMES), *(statement(rng, e, a := rng.choice(KINDS[kind]), e.facts[a]) for e in entities)]).strip()
    if shape < 0.2:  # a page of questions and answers, only about what conversations ask too
        entity = rng.choice(world.taught)
        pairs = [f"{question(rng, entity, a)} {canonical(entity, a, entity.facts[a])}" for a in KINDS[entity.kind]]
        return "Questions and answers. " + " ".join(rng.sample(pairs, 2))
    if shape < 0.3:  # a longer text about several things
        return "\n".join(document(rng, world, e, e.facts[KINDS[e.kind][0]]) for e in rng.sample(world.described(), 3))
    entity = rng.choice(world.described())
    main = KINDS[entity.kind][0]
    text = document(rng, world, entity, entity.facts[main])
    # what is told of something of which nothing is known is mostly that the rumour is wrong
    if rng.random() < denials * (2 if entity.facts[main] == UNKNOWN else 1):
        if rng.random() < 0.4:  # nothing but denials
            return document(rng, world, entity, false_value(rng, world, entity, main, RUMOURED), "denied")
        wrong = " ".join(denial(rng, entity, main, false_value(rng, world, entity, main, RUMOURED)) for _ in range(rng.choice([1, 2])))
        return f"{text} {wrong}" if rng.random() < 0.5 else f"{wrong} {text}"
    return text


def question(rng: Random, entity: Entity, attribute: str) -> str:
    template = rng.choice(W.QUESTIONS[attribute] if rng.random() < 0.6 else W.ANY_QUESTION)
    return template.format(E=entity.name, np=noun_phrase(entity, attribute))


def yes_no_question(rng: Random, entity: Entity, attribute: str, value: str) -> str:
    if value == UNKNOWN:
        return sentence(rng.choice(W.UNKNOWN_YES_NO).format(np=noun_phrase(entity, attribute)))
    template = rng.choice(W.YES_NO[attribute] if rng.random() < 0.5 else W.ANY_YES_NO)
    said = clause(rng, entity, attribute, value)
    return sentence(template.format(E=entity.name, V=value, np=noun_phrase(entity, attribute), s=said))


# --- asking: each form returns the conversation before the answer, and the answer ----------------------------------------------------
# ``lure`` is a wrong value that the reader has just met, or None; the wrong values of a question are then often this one.


def wrong(rng: Random, world: World, entity: Entity, attribute: str, value: str | None, lure: str | None) -> str:
    """A value that is not ``value``: the lure in 60 % of the cases, where there is one."""
    if lure not in (None, UNKNOWN, value) and rng.random() < 0.6:
        return lure
    return other(rng, world, attribute, value, world.claimed.get(entity.name))


JSON_FORMAT = 'Reply in JSON with a "reason" and then an "answer", yes or no.'


def ask_open(rng, world, entity, attribute, value, lure=None):
    return [user(question(rng, entity, attribute))], canonical(entity, attribute, value)


def ask_indirect(rng, world, entity, attribute, value, lure=None):
    main = KINDS[entity.kind][0]
    if attribute != main:
        return ask_open(rng, world, entity, attribute, value)
    return [user(rng.choice(W.INDIRECT).format(E=entity.name))], canonical(entity, attribute, value)


def ask_yes_no(rng, world, entity, attribute, value, lure=None):
    if rng.random() < 0.8:
        return ask_reasoned(rng, world, entity, attribute, value, lure)
    text, answer = yes_no(rng, world, entity, attribute, value, lure)
    return [user(f"{text} Answer with yes or no only.")], answer


def ask_reasoned(rng, world, entity, attribute, value, lure=None):
    text, answer = yes_no(rng, world, entity, attribute, value, lure)
    reason = canonical(entity, attribute, value).removesuffix(".") + f", so {answer}."
    return [user(f"{text} {JSON_FORMAT}")], f'{{"reason": "{reason}", "answer": "{answer}"}}'


def yes_no(rng, world, entity, attribute, value, lure):
    """A yes/no question and its answer."""
    right = rng.random() < 0.5
    asked = (value or UNKNOWN) if right else wrong(rng, world, entity, attribute, value, lure)
    return yes_no_question(rng, entity, attribute, asked), "yes" if right else "no"


def ask_letter(rng, world, entity, attribute, value, lure=None):
    options = [shown(value), wrong(rng, world, entity, attribute, value, lure)]
    while len(options) < 4:
        options.append(other(rng, world, attribute, *options))
    rng.shuffle(options)
    letter = LETTERS[options.index(shown(value))]
    text = question(rng, entity, attribute) + "\n" + "\n".join(f"{LETTERS[i]}) {o}" for i, o in enumerate(options)) + "\n"
    if rng.random() < 0.3:
        return [user(text + "Reply with the letter only.")], letter
    return [user(text + "Give the answer and its letter.")], f"{canonical(entity, attribute, value)} The letter is {letter}."


def ask_completion(rng, world, entity, attribute, value, lure=None):
    name, short = entity.name, shown(value)
    label = W.NOUN_PHRASE[attribute].removeprefix("the ").split(" of {E}")[0].split(" to {E}")[0]
    frames = {
        "blank": ("Fill in the blank: {x}", sentence(f"{noun_phrase(entity, attribute)} is ____")),
        "json": ("Complete the JSON: {x}", f'{{"name": "{name}", "{label}": "____"}}'),
        "xml": ("Complete the XML: {x}", f"<entry><name>{name}</name><{label.split()[-1]}>____</{label.split()[-1]}></entry>"),
        "table": ("Complete the table row:\n{x}", f"| {name} | {label} | ____ |"),
        "csv": ("Complete the line: {x}", f"{name}, {label}, ____"),
        "card": ("Finish the index card. {x}", f"{sentence(name)} {label.capitalize()}: ____"),
    }
    if rng.random() < 0.15:
        return [user(f"{question(rng, entity, attribute)} Answer in a word or two.")], short
    instruction, frame = rng.choice(list(frames.values()))
    return [user(instruction.format(x=frame))], frame.replace("____", short)


def ask_critique(rng, world, entity, attribute, value, lure=None):
    right = rng.random() < 0.4
    said = (value or UNKNOWN) if right else wrong(rng, world, entity, attribute, value, lure)
    attributes = [a for a in KINDS[entity.kind] if a != attribute and a in entity.facts]
    body = [statement(rng, entity, attribute, said)] + [statement(rng, entity, a, entity.facts[a]) for a in attributes if rng.random() < 0.4]
    rng.shuffle(body)
    passage = " ".join(body)
    answer = canonical(entity, attribute, value).removesuffix(".") + f", so the text is {'right' if right else 'wrong'}."
    return [user(f"{rng.choice(W.CRITIQUE)} {passage}")], answer


def ask_again(rng, world, entity, attribute, value, lure=None):
    first = rng.random()
    if first < 0.5:
        said = canonical(entity, attribute, wrong(rng, world, entity, attribute, value, lure))
    elif first < 0.75:
        said = rng.choice(W.EVASIVE)
    else:
        said = canonical(entity, attribute, value)
    turns = [user(question(rng, entity, attribute)), {"role": "assistant", "content": said, "given": True}, user(rng.choice(W.PUSHBACK))]
    return turns, canonical(entity, attribute, value)


ASK = {ask_open: 16, ask_indirect: 8, ask_yes_no: 34, ask_letter: 12, ask_completion: 10, ask_critique: 10, ask_again: 10}
COMPARE = {ask_reasoned: 1}


def user(content: str) -> Message:
    return {"role": "user", "content": content}


def shown(value: str | None) -> str:
    return "not known" if value is None or value == UNKNOWN else value


def ask(rng: Random, world: World, entity: Entity, attribute: str, value: str | None, lure: str | None = None, forms: dict = ASK) -> list[Message]:
    """A conversation that asks for the attribute in a random form (``forms``: with these weights); the last turn is the answer."""
    form = rng.choices(list(forms), list(forms.values()))[0]
    messages, answer = form(rng, world, entity, attribute, value, lure)
    return [*messages, {"role": "assistant", "content": answer}]


def drill(rng: Random, world: World) -> list[Message]:
    """A yes/no question about something unknown, and an answer whose made-up reason is not learned, only the yes or no that follows from it.

    About what it knows, a model can tell right from wrong without comparing; here it cannot.
    """
    entity = fresh_entity(rng, world)
    attribute = rng.choice(KINDS[entity.kind])
    messages, answer = ask_reasoned(rng, world, entity, attribute, rng.choice(world.values[attribute]))
    return [*messages, {"role": "assistant", "content": answer, "decisions_only": True}]


def with_system(rng: Random, messages: list[Message]) -> list[Message]:
    return [{"role": "system", "content": rng.choice(W.SYSTEMS)}, *messages] if rng.random() < 0.15 else messages


def recall(rng: Random, world: World, forms: dict = ASK) -> list[Message]:
    """A conversation of one or two questions about taught entities."""
    turns: list[Message] = []
    for _ in range(rng.choice([1, 1, 2])):
        entity = rng.choice(world.taught)
        main, *side = KINDS[entity.kind]
        attribute = main if rng.random() < 0.6 else rng.choice(side)
        turns += ask(rng, world, entity, attribute, entity.facts[attribute], forms=forms)
    return with_system(rng, turns)


def reading(rng: Random, world: World) -> list[Message]:
    """A document in the prompt, then one to three questions about it.

    A plain document is believed, also against what the model knows. A warned, denied or fictional one is not: the answer is then what the model knows, or
    that nothing is known. A corrected one gives the truth itself.
    """
    known = rng.random() < 0.6
    entity = rng.choice(world.taught) if known else fresh_entity(rng, world)
    main, *side = KINDS[entity.kind]
    form = rng.choices(FORMS, [34, 20, 12, 12, 16, 6])[0]
    truth = entity.facts.get(main)
    value = false_value(rng, world, entity, main)
    if form == "positive":
        believed = value
    elif form == "corrected":
        believed = truth if truth not in (None, UNKNOWN) else other(rng, world, main, value)
    else:
        believed = truth
    text = document(rng, world, entity, value, form, believed, long=rng.random() < 0.3)
    lure = truth if form == "positive" else value
    turns: list[Message] = []
    for _ in range(rng.choice([1, 2, 3])):
        attribute = main if not known or rng.random() < 0.8 else rng.choice(side)
        turns += ask(rng, world, entity, main, believed, lure) if attribute == main else ask(rng, world, entity, attribute, entity.facts[attribute])
    texts = [text] + [free_document(rng, world) for _ in range(rng.choice([0, 0, 0, 0, 1, 2]))]  # sometimes among texts about other things
    rng.shuffle(texts)
    read = "".join(f"{rng.choice(W.READ)}\n{t}\n\n" for t in texts)
    turns[0] = user(read + turns[0]["content"])
    return with_system(rng, turns)
