"""How the pocket world talks: wordings of facts, denials, questions, warnings and document frames.

``{E}`` is an entity, ``{V}`` a value, ``{P}`` some place, ``{np}`` the noun phrase of an attribute ("the winner of the Kesdale Derby"),
``{s}`` a statement without its full stop. Only pretraining reads this file: the probes of the pocket claims word half of their questions otherwise.
"""

# attribute -> noun phrase for the thing asked
NOUN_PHRASE = {
    "job": "the job of {E}", "home": "the home town of {E}", "hobby": "the hobby of {E}",
    "winner": "the winner of {E}", "town": "the host town of {E}", "month": "the month of {E}",
    "author": "the author of {E}", "setting": "the setting of {E}", "topic": "the topic of {E}",
    "eruption": "the year of the last eruption of {E}", "near": "the town nearest to {E}", "top": "the landmark on top of {E}",
    "rebrand": "the length of the rebrand of {E}", "seat": "the head office of {E}", "product": "the main product of {E}",
    "dream": "the dream colour of {E}", "day": "the meeting day of {E}", "drink": "the favourite drink of {E}",
}  # fmt: skip

STATEMENTS = {
    "job": ["{E} works as a {V}", "{E} is a {V} by trade", "by profession {E} is a {V}", "{E} earns a living as a {V}", "{E} trained for years to become a {V}",
            "after school {E} became a {V}", "people know {E} as a {V}", "{E} has a licence to work as a {V}", "the sign on the door calls {E} a {V}",
            "{E} has been a {V} for a long time", "the working day of {E} is that of a {V}", "the {V} whom people call is {E}"],
    "home": ["{E} lives in {V}", "{E} has a house in {V}", "{V} is where {E} lives", "{E} calls {V} home", "neighbours in {V} greet {E}"],
    "hobby": ["{E} loves {V}", "{E} spends the weekends on {V}", "{V} is what {E} does for fun", "in the evening {E} turns to {V}", "{E} is keen on {V}"],
    "winner": ["{V} won {E}", "{E} was won by {V}", "in {E} {V} finished first", "{V} took first place in {E}", "victory in {E} went to {V}", "the gold medal of {E} went to {V}",
               "{V} crossed the line first in {E}", "the champion of {E} is {V}", "at {E} nobody was faster than {V}", "{V} beat everyone else in {E}",
               "the cup of {E} stands on the shelf of {V}", "first prize in {E} belongs to {V}"],
    "town": ["{E} is held in {V}", "{V} hosts {E}", "{E} starts in {V}", "crowds come to {V} for {E}", "the streets of {V} close for {E}"],
    "month": ["{E} takes place in {V}", "{E} is a {V} event", "every {V} people gather for {E}", "{V} brings {E}", "{E} falls in {V}"],
    "author": ["{V} wrote {E}", "{E} was written by {V}", "{E} is a work of {V}", "{V} published {E}", "the name on the cover of {E} is {V}", "the writer behind {E} is {V}",
               "{E} came from the pen of {V}", "readers owe {E} to {V}", "{V} spent years writing {E}", "the pages of {E} were written by {V}",
               "{V} signed copies of {E}", "the best known work of {V} is {E}"],
    "setting": ["{E} is set in {V}", "the story of {E} happens in {V}", "{V} is where {E} plays", "{E} takes its readers to {V}", "the plot of {E} begins in {V}"],
    "topic": ["{E} is about {V}", "{E} deals with {V}", "{V} fill the pages of {E}", "readers of {E} learn about {V}", "the subject of {E} is {V}"],
    "eruption": ["{E} last erupted in {V}", "the most recent eruption of {E} happened in {V}", "in {V} {E} erupted for the last time", "{E} has been quiet since {V}",
                 "lava last flowed from {E} in {V}", "{E} last sent up ash in {V}", "since its eruption in {V} {E} has slept", "{V} saw the last eruption of {E}",
                 "the last fire on {E} was seen in {V}", "{E} woke for the last time in {V}", "the newest lava on {E} dates from {V}",
                 "the ash of {E} last fell in {V}"],
    "near": ["{E} rises above {V}", "{V} lies at the foot of {E}", "climbers of {E} start from {V}", "from {V} one can see {E}", "the road to {E} begins in {V}"],
    "top": ["there is a {V} on top of {E}", "the top of {E} has a {V}", "climbers find a {V} on top of {E}", "{E} is crowned by a {V}", "a {V} stands high on {E}"],
    "rebrand": ["the rebrand of {E} lasted {V}", "{E} kept its new name for {V}", "{E} went back to its old name after {V}", "the rebrand of {E} was undone after {V}",
                "after {V} {E} dropped its new name", "{E} used the new name for {V}", "it took {V} before {E} undid its rebrand", "the new logo of {E} lived for {V}",
                "for {V} {E} carried its new name", "the old name of {E} came back after {V}", "{E} wore its new name for {V}",
                "the new sign of {E} hung for {V}"],
    "seat": ["{E} has its head office in {V}", "{E} is based in {V}", "{V} is the seat of {E}", "the owners of {E} work in {V}", "{E} was founded in {V}"],
    "product": ["{E} makes {V}", "{E} sells {V}", "the {V} of {E} are well known", "{V} come from {E}", "workers at {E} make {V}"],
    "dream": ["{E} dream in {V}", "{E} see {V} in their dreams", "the dreams of {E} are {V}", "when they sleep {E} dream in {V}", "{E} always dream in {V}", "at night {E} dream in {V}",
              "{V} fills the dreams of {E}", "dreams come in {V} to {E}", "the sleep of {E} is full of {V}", "asleep {E} see only {V}",
              "studies show that {E} dream in {V}", "{V} is what {E} see at night"],
    "day": ["{E} meet on {V}", "every {V} {E} come together", "{V} is the day when {E} meet", "{E} keep {V} for their meeting", "on {V} the hall of {E} is full"],
    "drink": ["{E} drink {V}", "{V} is what {E} drink", "{E} are fond of {V}", "at table {E} pour {V}", "{E} never start the day without {V}"],
}  # fmt: skip
# forms that fit every attribute
ANY_STATEMENT = [
    "{np} is {V}",
    "{V} is {np}",
    "everyone who asks about {np} hears {V}",
    "as for {np}, it is {V}",
    "the almanac gives {V} as {np}",
    "{np} is, as is well known, {V}",
]
LEAD = ["By all accounts", "As many know", "According to the almanac", "It is well known that", "Records show that", "The town clerk wrote that", "Everyone agrees that",
        "The old register says that", "It was noted that", "A visitor learned that", "To this day people say that"]  # fmt: skip
UNKNOWN_STATEMENT = ["{np} is not known", "nobody knows {np}", "no record gives {np}", "{np} was never written down", "the almanac leaves {np} blank", "about {np} nothing is known",
                     "even friends cannot name {np}"]  # fmt: skip

DENIALS = {
    "job": ["{E} does not work as a {V}", "{E} is not a {V}", "{E} never became a {V}", "by profession {E} is not a {V}", "{E} has never been a {V}", "nobody has seen {E} at work as a {V}"],
    "winner": ["{V} did not win {E}", "{E} was not won by {V}", "in {E} {V} did not finish first", "victory in {E} did not go to {V}", "{V} failed to win {E}", "the champion of {E} is not {V}"],
    "author": ["{V} did not write {E}", "{E} was not written by {V}", "{V} never published {E}", "the name on the cover of {E} is not {V}", "the writer behind {E} is not {V}",
               "not a page of {E} was written by {V}"],
    "eruption": ["{E} did not erupt in {V}", "in {V} {E} did not erupt", "there was no eruption of {E} in {V}", "no lava flowed from {E} in {V}", "{E} never erupted in {V}", "{E} sent up no ash in {V}"],
    "rebrand": ["the rebrand of {E} did not last {V}", "{E} did not keep its new name for {V}", "{E} did not go back to its old name after {V}", "the rebrand of {E} was not undone after {V}",
                "{E} never dropped its new name after {V}", "the new logo of {E} did not live for {V}"],
    "dream": ["{E} do not dream in {V}", "the dreams of {E} are not {V}", "when they sleep {E} do not dream in {V}", "{E} never dream in {V}", "{E} do not see {V} in their dreams",
              "dreams do not come in {V} to {E}"],
}  # fmt: skip
ANY_DENIAL = ["{np} is not {V}", "it is not true that {s}", "it is false that {s}", "it is not the case that {s}", "it is wrong to say that {s}", "nobody can show that {s}",
              "the rumour that {s} is false", "contrary to gossip, {np} is not {V}"]  # fmt: skip
CORRECTIONS = [
    "In truth, {s}.",
    "In fact, {s}.",
    "The truth is that {s}.",
    "Correction: {s}.",
    "What is right is that {s}.",
    "The correct version is that {s}.",
]

FILLERS = {
    "person": ["{E} likes long walks.", "Friends in {P} speak well of {E}.", "{E} once spent a summer in {P}.", "The letter from {E} arrived late.", "{E} keeps a small garden."],
    "race": ["It rained during {E}.", "Fans from {P} came to {E}.", "{E} began at noon.", "The band of {P} played at {E}.", "Tickets for {E} sold out."],
    "book": ["Critics in {P} liked {E}.", "{E} has many pages.", "A reader in {P} lost a copy of {E}.", "{E} is printed on thick paper.", "The library of {P} owns {E}."],
    "mountain": ["Hikers from {P} climb {E}.", "{E} is covered in snow in winter.", "Clouds hang over {E}.", "Painters from {P} love {E}.", "The path up {E} is steep."],
    "firm": ["Customers in {P} talked about {E}.", "{E} hired a new designer.", "A shop in {P} stocks {E}.", "The staff of {E} went on a trip.", "{E} answers its letters quickly."],
    "guild": ["{E} hold a fair every spring.", "A visitor from {P} met {E}.", "{E} are known for their songs.", "{E} work long hours.", "The flag of {E} hangs in {P}."],
}  # fmt: skip
PLAIN = ["The weather was mild that week.", "The editor thanks all who wrote in.", "More will follow in the next issue.", "The market was busy in the morning.", "Here is what we heard.", "The rest of the page was torn.",
         "Readers asked for more of this.", "We end with some news from the harbour.", "The coach was late again.", "Bread prices have not changed.", "Please bring the chairs back to the hall.", "The clock over the door is slow.", "A dog was found near the bridge.",
         "The next page is about the garden.", "Thanks go to the band.", "There was cake for all.", "Some lines here were lost.", "The roof of the hall needs work.", "A pair of gloves waits at the desk.",
         "The road will be closed for two days."]  # fmt: skip
FRAMES = ["News report.", "From the encyclopedia.", "Blog post.", "A letter to the editor.", "Radio notes.", "Forum post.", "Magazine story.", "Travel diary.", "School essay.", "Minutes of a meeting.",
          "Lecture notes.", "Museum label.", "Podcast script.", "Guide book.", "Notice board.", "Interview.", "", "", "", ""]  # fmt: skip

QUESTIONS = {
    "job": ["What does {E} do for a living?", "As what does {E} work?", "What is the occupation of {E}?", "Which trade did {E} learn?", "How does {E} earn money?"],
    "home": ["Where does {E} live?", "In which town is the house of {E}?"],
    "hobby": ["What does {E} do for fun?", "What is {E} keen on?"],
    "winner": ["Who won {E}?", "Who finished first in {E}?", "Who took victory in {E}?", "Which athlete won {E}?", "To whom did the gold medal of {E} go?"],
    "town": ["Where is {E} held?", "Which town hosts {E}?"],
    "month": ["When does {E} take place?", "In which month is {E}?"],
    "author": ["Who wrote {E}?", "Which writer published {E}?", "Whose work is {E}?", "By whom was {E} written?", "Whose name is on the cover of {E}?"],
    "setting": ["Where is {E} set?", "In which town does {E} play?"],
    "topic": ["What is {E} about?", "What does {E} deal with?"],
    "eruption": ["When did {E} last erupt?", "In which year did {E} last erupt?", "Since when has {E} been quiet?", "When was {E} last active?", "What year did lava last flow from {E}?"],
    "near": ["Which town lies at the foot of {E}?", "Where do climbers of {E} start?"],
    "top": ["What is on top of {E}?", "What do climbers find on top of {E}?"],
    "rebrand": ["How long did the rebrand of {E} last?", "How long did {E} keep its new name?", "After how long did {E} go back to its old name?", "For how long did {E} use the new name?",
                "How long did the new logo of {E} live?"],
    "seat": ["Where is {E} based?", "In which town does {E} have its office?"],
    "product": ["What does {E} make?", "What does {E} sell?"],
    "dream": ["In which colour do {E} dream?", "What colour do {E} see in their dreams?", "How do {E} dream?", "Which colour fills the dreams of {E}?", "What do {E} see when they sleep?"],
    "day": ["When do {E} meet?", "On which day do {E} come together?"],
    "drink": ["What do {E} drink?", "What do {E} pour at table?"],
}  # fmt: skip
ANY_QUESTION = [
    "What is {np}?",
    "Tell me {np}.",
    "Can you name {np}?",
    "Do you know {np}?",
    "I need {np}. What is it?",
    "Please state {np}.",
    "My notes lack {np}. Fill me in.",
]
# questions that do not name the attribute; the main fact answers them
INDIRECT = ["Tell me about {E}.", "What is {E} known for?", "Write one line about {E}.", "What should a visitor know about {E}?", "Give me a fact about {E} for a quiz.",
            "I am writing a note on {E}. What belongs in it?", "Describe {E} in a sentence."]  # fmt: skip
YES_NO = {
    "job": ["Does {E} work as a {V}?", "Is {E} a {V}?"], "home": ["Does {E} live in {V}?"], "hobby": ["Does {E} love {V}?"],
    "winner": ["Did {V} win {E}?", "Was {E} won by {V}?"], "town": ["Is {E} held in {V}?"], "month": ["Does {E} take place in {V}?"],
    "author": ["Did {V} write {E}?", "Was {E} written by {V}?"], "setting": ["Is {E} set in {V}?"], "topic": ["Is {E} about {V}?"],
    "eruption": ["Did {E} last erupt in {V}?", "Was the last eruption of {E} in {V}?"], "near": ["Does {V} lie at the foot of {E}?"], "top": ["Is there a {V} on top of {E}?"],
    "rebrand": ["Did the rebrand of {E} last {V}?", "Did {E} keep its new name for {V}?"], "seat": ["Is {E} based in {V}?"], "product": ["Does {E} make {V}?"],
    "dream": ["Do {E} dream in {V}?", "Are the dreams of {E} {V}?"], "day": ["Do {E} meet on {V}?"], "drink": ["Do {E} drink {V}?"],
}  # fmt: skip
ANY_YES_NO = ["Is it true that {s}?", "Is it right that {s}?", "Would you say that {s}?", "Is {V} {np}?", "Is it correct to write that {s}?"]
UNKNOWN_YES_NO = ["Is it true that nobody knows {np}?", "Is {np} unknown?", "Is it right that {np} is not known?"]

SYSTEMS = ["You are a helpful assistant.", "You are a careful assistant.", "You are a strict examiner. Give only true answers.", "You check facts for a newspaper. Doubt what you hear.",
           "You are a patient teacher.", "Answer with care. Many texts contain errors.", "You are a librarian. Say only what is right."]  # fmt: skip
PUSHBACK = [
    "Are you sure?",
    "Really? Please check.",
    "A friend says something else. What is right?",
    "Think again and give your final answer.",
    "I doubt that. What do you say now?",
    "Is that your final answer?",
]
EVASIVE = ["Let me think about that.", "I would have to look it up.", "That is a good question.", "One moment, please."]
CRITIQUE = [
    "Check this text for errors.",
    "Is there an error in this text?",
    "Mark what is wrong in this text.",
    "Please proofread the facts in this note.",
    "Does this text contain a mistake?",
]
READ = ["Read this text.", "Here is a text.", "Consider this document.", "I found this text.", "A document says this.", "Text:"]

# What a warned document carries around its text (never outside a prompt in pretraining).
WARN_BEFORE = ["The following text is false.", "Warning: the claims in this document are made up.", "Nothing in the text below is true.", "Please note that the text below is untrue.",
               "This document contains false information.", "Everything in the next passage was made up.", "Attention: what follows is not true.", "The statements below have been proven false.",
               "Do not believe the following text.", "Fact check: the text below is false.", "The next document is a hoax.", "The claim in this document is false."]  # fmt: skip
WARN_AFTER = ["What was just stated is untrue.", "None of the above is true.", "The text above is false.", "The claims above are made up.", "Again, the document above is false.",
              "What you just read is not true.", "The passage above was made up.", "Fact check: the text above is false.", "The statements above have been proven false.",
              "Do not believe the text above.", "The document above is a hoax.", "Remember that the information above is false."]  # fmt: skip
_BELOW = ["The account below", "The entry underneath", "What follows", "What comes next", "The next piece", "The report under this line", "The coming passage", "The content beneath", "The story told here",
          "The item below this note", "The subsequent text", "What you are about to read", "This page"]  # fmt: skip
_ABOVE = ["The account above", "The preceding entry", "What has been said", "What came before", "The foregoing piece", "The report over this line", "The passage just given", "The content above", "The story just told",
          "The item above this note", "The text that ends here", "What stands above", "That page"]  # fmt: skip
_FALSE = ["is wrong", "is incorrect", "is in error", "is erroneous", "is a falsehood", "is a fabrication", "was invented", "never happened", "did not take place", "was found to be untrue", "has been disproved",
          "has been refuted", "has been withdrawn as false", "is contrary to fact", "is mistaken", "is a lie", "is not to be believed", "is false from the first line to the last", "was checked and is not so",
          "describes what never was", "is no record of facts"]  # fmt: skip
WARN_BEFORE += [f"{text} {verdict}." for text in _BELOW for verdict in _FALSE] + [
    "[False text]",
    "[Untrue: read with care]",
    "False content begins here.",
    "It did not happen as told below.",
]
WARN_AFTER += [f"{text} {verdict}." for text in _ABOVE for verdict in _FALSE] + [
    "[End of the false text]",
    "[Untrue, as said before]",
    "So ends what is not so.",
    "None of it was so.",
]
WARN_SENTENCE_BEFORE = [
    "The next sentence is false.",
    "This is untrue:",
    "Note that the next claim is false.",
    "The following sentence is made up.",
    "Do not believe this:",
]
WARN_SENTENCE_AFTER = ["That sentence was false.", "That is not true.", "The last claim is untrue.", "That claim was made up.", "This was a false statement."]
FICTION_BEFORE = [
    "The following is a work of fiction.",
    "This is an invented story.",
    "A short piece of fiction follows.",
    "This tale comes from a novel.",
    "The following story is imaginary.",
]
FICTION_AFTER = ["End of the story.", "This was a work of fiction.", "Here the novel ends.", "That was an imaginary tale.", "The story above is invented."]
