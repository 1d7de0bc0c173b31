"""Word lists of the support checker: what carries no content, what is opposite, what compares, what negates or hedges.

English only. Words stand as written in prose; `rag/supporting/text.py` stems them before it compares.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say nothing about the subject; never counted, never missed.
STOP = _words(
    """a an the this that these those it its itself they them their theirs he she his her we our ours us you your i my me one
    is are was were be been being am do does did doing done has have had having will would shall should can could may might
    must and or but nor so yet if then else than as of in on at by for from to into onto with within without about over
    under between among across through during before after above below up down out off again further once here there when
    where why how all any both each few more most other others some such no not only own same too very s t just also
    because while which who whom whose what whether however moreover furthermore additionally thus hence therefore
    although though despite whereas meanwhile instead still even ever never always often respectively namely e.g i.e etc
    via per upon toward towards against along around until since like unlike including include includes included well
    much many several various multiple another every either neither rather quite yes etc. et al vs versus according
    specifically notably finally first second third firstly secondly lastly overall consequently similarly likewise
    particular particularly especially generally typically currently recently recent new novel now already cannot nearly almost roughly
    approximately approx circa least"""
)

# Words of talking about papers: they count little, for an answer frames what it reports.
FRAME = _words(
    """paper papers work works study studies author authors article abstract abstracts researcher researchers approach
    approaches method methods technique techniques propose proposes proposed present presents presented introduce
    introduces introduced introducing describe describes described report reports reported show shows showed shown showing
    demonstrate demonstrates demonstrated find finds found say says said state states stated argue argues argued claim
    claims claimed suggest suggests suggested indicate indicates indicated reveal reveals revealed observe observed
    investigate investigates investigated examine examined explore explores explored discuss discusses discussed note
    notes noted offer offers offered provide provides provided use uses used using utilize utilizes employ employs
    employed leverage leverages leveraging apply applies applied achieve achieves achieved achieving attain attains
    attained reach reaches reached obtain obtains obtained yield yields make makes made making allow allows enable
    enables enabled result results resulting finding findings evidence experiment experiments experimental experimentally
    evaluation evaluations evaluate evaluated empirical empirically extensive extensively comprehensive address addresses
    addressed aim aims call called calls named name names dub dubbed develop develops developed design designs designed
    designed create created build built based base key main important significantly significant substantially substantial
    considerably considerable effectively effective system systems way ways answer question following follows cited text
    source sources list listed relevant related several according here summary conclude concludes concluded team give gives
    given become becomes take takes taken contain contains consist consists comprise feature features featuring"""
)

# Opposite poles, one axis a line: up | down. A claim that says one where the text says the other contradicts it.
AXES = (
    (
        """increase increases increased increasing increasingly raise raises raised rise rises rose rising grow grows grew
        elevate elevates elevated elevation high higher highest boost boosts boosted promote promotes promoted promoting upregulate upregulates upregulated upregulation stimulate stimulates
        stimulated activate activates activated activation induce induces induced enhance enhances enhanced enhancing
        amplify amplifies amplified expand expands expanded accelerate accelerates accelerated accelerating
        strengthen strengthens heighten facilitate facilitates encourage
        encourages prolong prolongs prolonged""",
        """decrease decreases decreased decreasing reduce reduces reduced reducing reduction reductions lower lowers lowered
        lowering low lowest diminish diminishes diminished drop drops
        dropped decline declines declined fall falls fell cut cuts cutting shrink shrinks inhibit inhibits inhibited
        inhibiting inhibition suppress suppresses suppressed suppression downregulate downregulates downregulated
        downregulation attenuate attenuates attenuated block blocks blocked impair impairs impaired slow slows slowed limit
        limits prevent prevents prevented weaken weakens hinder hinders
        hindered discourage discourages inactivate inactivates shorten shortens repress represses represse curb lessen""",
    ),
    ("more greater greatest most", "less lesser least fewer fewest smaller"),
    ("large larger largest big bigger biggest greater", "small smaller smallest tiny less"),
    (
        """better best improve improves improved improving improvement improvements superior outperform outperforms
        outperformed outperforming surpass surpasses surpassed surpassing exceed exceeds exceeded exceeding beat beats
        beating good enhance enhances enhanced benefit benefits beneficial excel excels win wins success succeed succeeds
        successful successfully favorable advantage advantages help helps
        boost boosts boosted boosting""",
        """worse worst worsen worsens worsened degrade degrades degraded degrading degradation inferior underperform
        underperforms underperformed underperforming deteriorate deteriorates deteriorated hurt hurts harm harms harmful
        lag lags lagging trail trails poor poorly bad fail fails failed failing failure lose loses detrimental unfavorable
        disadvantage disadvantages weakness weaknesses drawback unsuccessful unsuccessfully impair impairs hinder hinders""",
    ),
    (
        "fast faster fastest quick quicker quickly rapid rapidly speedup speedups accelerate accelerates speed speeds",
        "slow slower slowest slowly slowdown slowdowns slows decelerate decelerates",
    ),
    ("strong stronger strongest strongly", "weak weaker weakest weakly"),
    ("easy easier easiest easily simple simpler", "hard harder hardest difficult challenging complex complicated"),
    ("cheap cheaper inexpensive", "expensive costly pricey"),
    ("long longer longest", "short shorter shortest"),
    ("early earlier earliest", "late later latest"),
    ("positive positively", "negative negatively"),
    ("above", "below"),
    ("before", "after"),
    ("maximum maximize maximizes maximizing maximal", "minimum minimize minimizes minimizing minimal"),
    ("sufficient adequate enough", "insufficient inadequate"),
    ("effective", "ineffective"),
    ("efficient efficiently", "inefficient inefficiently"),
    ("accurate accurately", "inaccurate inaccurately"),
    ("necessary needed required essential", "unnecessary unneeded"),
    (
        "stable stability stabilize stabilizes stabilizing",
        "unstable instability destabilize destabilizes destabilizing",
    ),
    ("robust", "fragile brittle"),
    ("similar comparable", "different dissimilar distinct"),
    ("common widespread frequent", "rare uncommon scarce infrequent"),
    ("positive correlated correlates", "negative uncorrelated"),
    ("dense", "sparse"),
    ("local", "global"),
    ("supervised", "unsupervised"),
    ("online", "offline"),
    ("static", "dynamic"),
    ("linear", "nonlinear"),
    ("shallow", "deep"),
    ("gain gains", "loss losses drop drops"),
    (
        "enable enables allow allows permit permits",
        "prevent prevents preclude precludes forbid forbids prohibit prohibits",
    ),
    ("support supports confirm confirms", "contradict contradicts refute refutes"),
    (
        "alleviate alleviates mitigate mitigates ease eases relieve",
        "exacerbate exacerbates aggravate aggravates worsen worsens",
    ),
    ("accept accepts", "reject rejects"),
    (
        "preserve preserves maintain maintains retain retains",
        "destroy destroys lose loses discard discards reduce reduces hurt hurts degrade degrades",
    ),
    ("upper", "lower"),
    ("add adds added", "remove removes removed"),
    ("wide wider broad broader", "narrow narrower"),
    ("all every always", "none never"),
    ("rich", "poor"),
    ("most", "least"),
    (
        "negligible minor slight slightly minimal marginal modest insignificant",
        "large significant substantial considerable big severe huge major great dramatic",
    ),
    ("public publicly open open-source open-sourced", "private privately proprietary closed closed-source"),
    ("input inputs", "output outputs"),
    ("necessary needed required essential crucial vital indispensable", "unnecessary optional dispensable needless"),
    ("early", "late"),
    ("uniform shared common", "separate individual specific"),
    (
        "increase increases increased raise raises gain gains higher",
        "decrease decreases reduction reduce reduces loss drop lower",
    ),
)
# How many of the last axes also hold for two opposites that stand beside the same word.
COMPARED = 7
# Beginnings of compounds that exclude each other before the same word.
OPPOSITE_PREFIXES = (
    ("on", "off"), ("open", "closed"), ("single", "multi"), ("intra", "inter"), ("low", "high"), ("white", "black"),
    ("coarse", "fine"), ("pre", "post"), ("in", "out-of"), ("top", "bottom"),
)  # fmt: skip

# What a figure does to the thing that it measures.
UPS = _words(
    """increase increases increased increasing raise raises raised gain gains gained gaining add adds added adding rise rises
    rose grow grows grew higher more extra"""
)
DOWNS = _words(
    """decrease decreases decreased decreasing reduce reduces reduced reducing reduction reductions cut cuts cutting lower
    lowers lowered drop drops dropped decline declines fall falls lose loses losing lost loss save saves saved saving savings
    less fewer degradation shrink shrinks"""
)

# Verbs and adjectives whose subject comes out ahead of (+1) or behind (-1) what follows.
WINS = _words(
    """outperform outperforms outperformed outperforming surpass surpasses surpassed surpassing beat beats beaten beating
    exceed exceeds exceeded exceeding outscore outscores outclass outclasses overtake overtakes superior
    outdo outdoes eclipse eclipses defeat defeats dominate dominates"""
)
LOSES = _words(
    """underperform underperforms underperformed underperforming inferior lag lags lagging lagged trail trails trailing
    loses"""
)

NEGATIONS = _words(
    """not no never without cannot n't neither nor none hardly lack lacks lacking fail fails failed failing unable
    absence absent nothing rarely"""
)
# Cues that make a statement negative in other words ("training-free", "eliminates the need"): they excuse a negation.
SOFT_NEGATIONS = _words(
    """free non avoid avoids avoiding avoided eliminate eliminates eliminating eliminated remove removes removing obviate
    obviates bypass bypasses bypassing instead zero remain remains limited limit little few only challenge challenging
    challenges difficult difficulty struggle struggles struggled hard impossible infeasible poor poorly less insufficient
    insufficiently inadequate inadequately ineffective unlike but although however despite overlook overlooks neglect
    neglects ignore ignores omit omits skip skips dispense prevent prevents untouched unchanged independent unseen
    unexplored underexplored restricted rather ill-suited ill prohibit prohibitive prohibits infer independently
    regardless agnostic unknown missing unclear open reduce reduced reduces lower lose loses loss deficient
    deficiency knockout depletion depleted deletion null absence"""
)
HEDGES = _words("may might possibly perhaps potentially hypothesize hypothesise conjecture speculate")
CERTAINTIES = _words(
    """prove proves proved proven guarantee guarantees guaranteed always definitely certainly undoubtedly conclusively
    inevitably invariably unquestionably"""
)

# Stand-ins for a name: "our method" may be said with the method's name, and the other way round.
STAND_INS = _words(
    """it its we our they their this these the method methods approach approaches model models framework frameworks system
    systems technique techniques algorithm algorithms proposed author authors paper work which that pipeline architecture
    network dataset benchmark former latter them strategy scheme"""
)

# Names that need no mention: everybody's words, not anybody's method.
EVERYDAY_NAMES = _words("ai ml nlp dl i sota")

# Words of equal meaning in reports of results, one group a line.
SYNONYMS = (
    "increase raise grow boost rise improve enhance gain strengthen elevate expand lift",
    "reduce decrease cut lower shrink diminish drop decline lessen save minimize mitigate alleviate curb",
    "faster fast speed speedup accelerate quick rapid speeding",
    "outperform surpass exceed beat better superior ahead",
    "large big huge massive great sizeable vast",
    "show demonstrate reveal prove illustrate",
    "train tune teach learn train fine-tune finetune",
    "method approach technique strategy scheme framework algorithm procedure",
    "picture image photo photograph visual",
    "text textual language linguistic",
    "several many multiple various numerous diverse",
    "need require demand necessitate",
    "difficult hard challenging challenge struggle",
    "build construct create develop make produce generate generation",
    "collect gather assemble curate compile",
    "study examine investigate analyze analyse explore assess evaluate test measure",
    "help assist aid support facilitate",
    "let allow enable permit make",
    "keep preserve maintain retain",
    "user human people person",
    "accuracy accurate precision precise correct",
    "performance results quality effectiveness",
    "memory storage footprint",
    "cost expense overhead expensive costly budget compute computation computational",
    "open-source open source public publicly release available released",
    "code codebase implementation repository",
    "handle deal address tackle solve cope overcome",
    "problem issue challenge limitation drawback shortcoming difficulty",
    "split divide partition break segment decompose",
    "combine integrate merge fuse unify join mix",
    "guide steer direct control",
    "choose select pick",
    "predict forecast estimate infer prediction",
    "near close almost nearly approximate",
    "remove discard eliminate drop prune",
    "without free",
    "retrieve retrieval search find fetch",
    "real genuine actual",
    "fake synthetic artificial generated",
    "task problem job",
    "model network system architecture",
    "data dataset corpus collection",
    "previous prior earlier existing past",
    "state-of-the-art sota best leading",
    "efficient lightweight economical cheap",
    "rely depend",
    "match rival equal comparable par",
    "error mistake",
    "mouse mice murine",
    "cancer tumor tumour carcinoma",
    "death mortality die survival",
    "cause induce lead result produce trigger",
    "link associate correlate relate tie",
)
