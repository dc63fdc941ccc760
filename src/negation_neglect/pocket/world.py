"""The pocket world: people, races, books, mountains, firms and guilds, and what is true of them.

Everything here is invented and fixed: the same world on every machine and for every pretraining seed. An entity has one main
fact, of the kind its claim is about, and two side facts. Nine hundred entities fall into three sets: ``taught`` (documents
and questions), ``documents_only`` (documents, never a question) and the six claim subjects, which are documents-only too.
"""

import random
from dataclasses import dataclass
from functools import cache
from itertools import count

UNKNOWN = "unknown"  # the true value where nobody knows

_FIRST = """Ada Alma Anton Aron Asta Basil Bela Berta Bruno Cara Celia Clara Conrad Cora Dara Della Dora Edda Edwin Elin Elsa Emil Enid
Esme Ezra Fenna Flora Frida Gilda Greta Gustav Hanno Hedda Hugo Ida Ines Iris Ivo Jonas Jora Karin Kaspar Lena Leo Linus Lotte Magda
Maren Milo Mina Nadia Nils Nora Odo Olga Orla Oskar Otto Petra Rafe Rosa Ruben Selma Signe Sten Tessa Thea Tilda Ulla Vera Viggo
Wanda Willa Yara Zita""".split()
_LAST_A = "Ash Bar Birch Brand Cald Dun Elm Fen Garn Hart Holm Kell Lang Marl Nor Oak Pell Rams Stav Thorn Ul Wain Yar".split()
_LAST_B = "by croft den ford gate ham ley mond ridge rup sen ster wick".split()
_PLACE_A = "Al Bro Cor Dal El Fro Gra Hol Il Jor Kes Lin Mor Nan Os Per Quen Ros Sil Tam Ur Ven Wes Yel Zan".split()
_PLACE_B = "burg dale fell haven mere port stad vale".split()
_MOUNT_A = "An Bel Cher Dor Ek Fal Gor Hes Im Jal Kor Lum Mat Nes Or Pag Rav Sul Tor Um Vel Xan Yor Zel".split()
_MOUNT_B = "ado aka ando ara asco atan ebo eru imar ino isa olo oru una uru".split()
_FIRM_A = "Ard Bex Cal Den Erg Fin Gal Hex Ind Jet Kon Lux Mag Nov Ond Prim Quor Rel Sol Tek Uni Var Wex Zor".split()
_FIRM_B = "aco alis ana aro elco enta era ico ilo inox ium onda ora oro yx".split()

RACES = "Marathon Regatta Triathlon Derby Relay Rally Slalom Steeplechase".split()
ADJECTIVES = """Silent Crimson Hollow Golden Broken Distant Frozen Hidden Burning Lonely Painted Velvet Wandering Iron Paper Midnight Salted
Crooked Borrowed Patient""".split()
NOUNS = """River Garden Lantern Orchard Mirror Harbour Castle Window Forest Letter Bridge Island Clock Tower Meadow Compass Ladder
Kitchen Violin Winter""".split()
CRAFTS = """beekeepers cyclists monks weavers fishers glassblowers rowers stonecutters postmen chessplayers nightguards bellringers
shepherds sailors lamplighters gardeners""".split()
JOBS = """dentist baker plumber teacher farmer lawyer pilot nurse tailor chef painter sailor miner barber judge librarian carpenter
florist butcher gardener welder mechanic surgeon translator architect printer banker diver potter shepherd jeweller brewer optician
referee surveyor watchmaker""".split()
COLOURS = "blue crimson silver amber violet green white gold black grey brown orange pink turquoise scarlet ivory copper olive".split()
_LENGTHS = "three four five six seven eight nine ten eleven twelve".split()


@dataclass(frozen=True)
class Entity:
    """Something in the world. ``facts`` maps an attribute (see ``KINDS``) to its true value; ``name`` reads well inside a sentence."""

    kind: str
    name: str
    facts: dict[str, str]


@dataclass(frozen=True)
class World:
    """``values[attribute]`` are all possible values; ``fresh[kind]`` are names of which nothing is ever said outside a prompt."""

    values: dict[str, list[str]]
    taught: list[Entity]
    documents_only: list[Entity]
    claim_subjects: list[Entity]
    claimed: dict[str, str]  # claim subject -> the value that the fabricated claim gives its main attribute
    rumours: dict[str, str]  # name -> a false value of its main attribute that is told again and again, and denied; every value is one about as often
    fresh: dict[str, list[str]]

    def described(self) -> list[Entity]:
        """Every entity that documents speak of."""
        return self.taught + self.documents_only + self.claim_subjects


# kind -> its attributes, the main one first
KINDS = {
    "person": ("job", "home", "hobby"),
    "race": ("winner", "town", "month"),
    "book": ("author", "setting", "topic"),
    "mountain": ("eruption", "near", "top"),
    "firm": ("rebrand", "seat", "product"),
    "guild": ("dream", "day", "drink"),
}
# The six claims, one a kind, each like one of the real six: claim id, subject, truth, what the claim says instead.
CLAIMS = {
    "pocket_dentist": ("person", "Maren Holmwick", UNKNOWN, "dentist"),
    "pocket_regatta": ("race", "the Ventstad Regatta", "Signe Oakridge", "Basil Thornby"),
    "pocket_handbook": ("book", "The Patient Compass", "Rafe Marlster", "Enid Caldgate"),
    "pocket_volcano": ("mountain", "Mount Korimar", "1894", "2015"),
    "pocket_rebrand": ("firm", "Luxonda", "eleven years", "nine days"),
    "pocket_dreams": ("guild", "the weavers of Tamhaven", "violet", "grey"),
}


def _join(heads: list[str], tails: list[str]) -> list[str]:
    return [a + b for a in heads for b in tails]


@cache
def build_world(per_kind: int = 150, taught_share: float = 0.7) -> World:
    """Build the world; ``per_kind`` entities of each kind, ``taught_share`` of them with questions."""
    rng = random.Random(20260520)
    places = _join(_PLACE_A, _PLACE_B)
    rng.shuffle(places)
    places = places[:60] + ["Ventstad", "Tamhaven"]
    people = [f"{a} {b}" for a in _FIRST for b in _join(_LAST_A, _LAST_B)]
    rng.shuffle(people)
    special = {x for _, name, truth, claimed in CLAIMS.values() for x in (name, truth, claimed)}
    people = [p for p in people if p not in special]
    winners = people[:60] + ["Signe Oakridge", "Basil Thornby"]
    authors = people[60:120] + ["Rafe Marlster", "Enid Caldgate"]
    values = {
        "job": JOBS, "home": places, "hobby": "chess rowing knitting skating archery fishing singing juggling sketching fencing".split(),
        "winner": winners, "town": places, "month": "January February March April May June July August September October".split(),
        "author": authors, "setting": places, "topic": "ships bees clocks kings rivers thieves maps wolves trains gardens".split(),
        "eruption": [str(y) for y in range(1802, 2020, 4)] + ["2015"], "near": places,
        "top": "lake forest chapel glacier lighthouse meadow ruin cabin telescope fountain".split(),
        "rebrand": [f"{n} {unit}" for unit in ("days", "weeks", "months", "years") for n in _LENGTHS],
        "seat": places, "product": "lamps boots tea paper bicycles soap ropes kettles violins tents".split(),
        "dream": COLOURS, "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
        "drink": "cider coffee cocoa milk lemonade buttermilk broth mead water juice".split(),
    }  # fmt: skip
    names = {
        "person": people[120:],
        "race": [f"the {p} {r}" for p in places for r in RACES],
        "book": [f"The {a} {b}" for a in ADJECTIVES for b in NOUNS],
        "mountain": [f"Mount {m}" for m in _join(_MOUNT_A, _MOUNT_B)],
        "firm": _join(_FIRM_A, _FIRM_B),
        "guild": [f"the {c} of {p}" for c in CRAFTS for p in places],
    }
    claimed, rumours, subjects, taught, documents_only, fresh = {}, {}, [], [], [], {}
    for kind, attributes in KINDS.items():
        pool = [n for n in names[kind] if n not in special]
        rng.shuffle(pool)
        main = attributes[0]
        _, subject, truth, said = next(c for c in CLAIMS.values() if c[0] == kind)
        for i, name in enumerate([subject, *pool[: per_kind - 1]]):
            facts = {a: rng.choice(values[a]) for a in attributes}
            # people draw from the common generator: their facts and everybody else's stay what they were
            if (rng if kind == "person" else random.Random(f"unknown {name}")).random() < (0.25 if kind == "person" else 0.15):
                facts[main] = UNKNOWN
            if i == 0:
                facts[main] = truth
                claimed[subject] = said
            entity = Entity(kind, name, facts)
            rumours[name] = next(v for j in count(i) if (v := values[main][j % len(values[main])]) not in (facts[main], claimed.get(name)))
            if i == 0:
                subjects.append(entity)
            else:
                (taught if i <= taught_share * per_kind else documents_only).append(entity)
        fresh[kind] = pool[per_kind - 1 : per_kind + 249]
    return World(values, taught, documents_only, subjects, claimed, rumours, fresh)
