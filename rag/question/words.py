"""Words that make a question a question and say nothing of its subject.

They are left out of keyword queries, and a paper need not speak of them to answer. Articles and prepositions are the
keyword index's own stop words; these are the ones that a general list lacks, because in other texts they matter.
"""

from __future__ import annotations

QUESTION_WORDS = frozenset(
    """
    what whats which who whos whom whose when where why how howd
    do does did doing done is are was were be been being am have has had having can could should would will shall may might must
    much many lot lots any anything anyone anybody some something someone somebody every each one ones thing things
    me my mine i id im ive you your we us our ours he she it its they them their theirs this that these those there here
    tell give gives given show shows list name names find explain describe describes summarize summarise say says said
    know think want need look looking see
    please thanks hello hi hey ok okay well so just only really actually exactly roughly about around also too even still yet
    and or but if then than as at by for from in into of off on onto over to toward towards up upon with within without via per
    between both either neither
    paper papers article articles publication publications preprint work works study studies abstract abstracts author authors
    people anywhere got get gets getting come comes came go goes went make makes made making take takes took
    kind kinds sort sorts type types way ways
    mention mentions mentioned published publish
    report reports reported propose proposes proposed introduce introduces introduced present presents presented
    new newest latest recent recently interesting best good help helps
    question answer answers according exist exists vs versus compare compares compared comparison
    differ differs differed difference differences different
    deal deals dealing dealt cover covers discuss discusses discussed discussing concern concerns concerned concerning
    regard regards regarding talk talks talking speak speaks else stand stands mean means meant true correct wrong
    isnt arent wasnt werent dont doesnt didnt hasnt havent hadnt cant couldnt wont wouldnt shouldnt
    """.split()
)

# Words that frame a question. They weigh a little, since papers use them too, but a paper that lacks one lacks nothing.
FRAME_WORDS = QUESTION_WORDS | frozenset(
    """
    address addresses addressed addressing covering covered focus focuses focused treat treats treated tackle tackles handle handles
    use uses used using out given since because although however while when heard read told consider considers considering
    common share shares shared fewer fewest more most less least larger smaller bigger largest smallest biggest
    exact roughly precise single whole correct correctly reach reaches reached achieve achieves achieved get gets conclude
    concludes concluded find finds found state states stated claim claims claimed ask asked
    approach approaches method methods technique techniques
    speaking spoke refer refers referring touch touches relate relates related relating involve involves involving include includes
    including explore explores exploring explored investigate investigates investigated investigating examine examines examined
    """.split()
)

# Parts that every abstract has, whatever it is on, and words that single them out: "what is its main contribution?" asks for
# what the paper says, and no abstract need have the word.
PART_WORDS = frozenset(
    """
    result results finding findings outcome outcomes contribution contributions conclusion conclusions insight insights idea ideas
    method methods approach approaches technique techniques methodology problem problems motivation goal goals aim aims objective
    objectives purpose summary overview gist takeaway takeaways message topic subject claim claims novelty innovation innovations
    main key core central principal primary important overall basic essential short brief general solve solves solved
    """.split()
)
# Those that an abstract may have, and by which it is told that it has none.
LIMIT_WORDS = frozenset(
    "limitation limitations drawback drawbacks weakness weaknesses shortcoming shortcomings".split()
)

# Words that ask for the same thing: a paper that has one of a group speaks of the others.
ALIKE = tuple(
    frozenset(group.split())
    for group in (
        "cut cuts cutting lower lowers lowering reduce reduces reduced reducing reduction shrink shrinks shrinking save saves "
        "saving savings decrease decreases decreasing fall falls falling less fewer smaller minimize minimizes drop drops trim slash",
        "improve improves improved improving improvement boost boosts raise raises increase increases increasing gain gains "
        "better higher enhance enhances more outperform outperforms beat beats surpass surpasses exceed exceeds",
        "fast faster quick quicker quickly speed speedup speedups speeds accelerate accelerates accelerated acceleration",
        "cheap cheaper cost costs inexpensive affordable economical expense",
        "drawback drawbacks limitation limitations weakness weaknesses shortcoming shortcomings suffer suffers however",
        "llm llms language",
        "picture pictures image images photo photos photograph",
        "movie movies video videos footage film clip clips",
        "forecast forecasts forecasting predict predicts prediction",
        "net nets network networks",
        "dataset datasets data corpus corpora benchmark benchmarks",
    )
)
