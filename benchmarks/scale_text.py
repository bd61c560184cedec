"""Made-up news for the scale benchmarks: Chinese and English sentences of a few patterns and many words.

Nothing is anybody's text. What matters is that to what is measured it is like prose: sentences with
punctuation, numbers and names, words of which some are frequent and most rare, paragraphs of real lengths. No
two stories are alike unless one is made of the other. So a sentence is a pattern with words filled in, which
reads well, or clauses of words in a row, which do not, but of which no two are the same.
"""

from __future__ import annotations

import random
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


def _lists(text: str) -> dict[str, list[str]]:
    """Read a line a list: its name, a colon, words with a bar between."""
    lines = [line.partition(": ") for line in text.strip().splitlines()]
    return {name: words.split("|") for name, _, words in lines}


_CHINESE = _lists("""
place: 临海|东堤|南屿|北汊|沙洲|青浦港|白石镇|江口|望潮|石门|云岭|松台|河湾|金滩|新埠|旧城|上林|下塘
town: 永宁|安平|海棠湾|三岔口|柳溪|大榆树|铜锣寨|丰乐|清水铺|十里亭|长滩|小孤山|鹿角|牛栏沟
body: 港务处|水务局|市教育局|渔业合作社|货运公司|轮渡公司|气象台|博物馆|农技站|消防支队|图书馆|商会|居委会|质检中心
other: 供电所|建筑设计院|医院|大学|造船厂|粮食集团|旅游协会|邮局|法院|税务所|养路段|电视台|种子站|公证处
family: 赵|钱|孙|李|周|吴|郑|王|冯|陈|褚|卫|蒋|沈|韩|杨|朱|秦|许|何|吕|施|张|孔|曹|严|华|金|魏|陶
given: 明远|思齐|一凡|若水|海生|春燕|国栋|雪梅|建业|小满|云舒|志强|文静|立秋|长河|佳音|望月|子涵
post: 主任|经理|局长|工程师|船长|校长|教授|发言人|馆长|队长|会计|站长|研究员|店主|村支书
noun: 仓库|码头|航道|粮价|学位|票价|水位|渔获|电价|货柜|租金|口岸|堤坝|桥梁|集市|订单|检修|考试|展览|灯塔
thing: 小麦|茶叶|棉布|钢材|药品|自来水|公交线路|养老院|幼儿园|停车场|菜市场|排水管|信号灯|变电站|旧楼|文物
deed: 清点|扩建|检查|关闭|开放|调整|翻修|登记|抽查|整治|试行|公示|招标|验收|补贴|评估|搬迁|监测|修复|统计
end: 完成|开始|推迟|结束|恢复|公布|暂停|提前|落实|重启
then: 目前|随后|此前|据悉|当天|另外|不过|因此|与此同时|按照计划|在会上|会后
judged: 有些紧|合情合理|来得太晚|值得一试|还不够|让人放心|难以执行|出乎意料|比往年好
unit: 个|吨|户|公里|万元|人|次|艘|间|亩
""")  # noqa: E501 - a line a list

_CHINESE_SENTENCES = (
    "{place}{body}{day}日宣布，{noun}的{deed}工作已经{end}，共涉及{count}{unit}。",
    "{post}{family}{given}说：“{noun}{deed}的期限{judged}，我们还要再看{thing}的情况。”",
    "{then}，{body}正在{deed}{place}一带的{noun}，预计{month}月底{end}。",
    "去年同期这一数字是{count}{unit}，今年多了{day}个百分点，主要因为{thing}{end}。",
    "{family}{given}认为，对{town}的小店来说，{noun}的新规定{judged}，{other}应当先{deed}再收费。",
    "{place}居民{family}{given}告诉记者，她家附近的{thing}已经{deed}了{day}天。",
    "{then}，{noun}和{thing}都要重新{deed}，费用由{other}承担，每{unit}不超过{count}元。",
    "{body}的{post}{family}{given}没有回答有关{thing}的问题，{town}{other}则表示{judged}。",
)

_ENGLISH = _lists("""
place: Eastport|Northbridge|Millhaven|Graystone|Saltmarsh|Ferrytown|Oakfield|Redcliff|Holmwood|Stanmere
town: Farleigh|Kingsquay|Thornby|Lowell|Ashgate|Winterbourne|Hexley|Dunmoor|Castleford|Ravensea
body: harbour board|water authority|school council|fishing cooperative|ferry company|city museum|fire service
other: chamber of commerce|weather office|shipyard|public library|county court|bus operator|hospital|tax office
family: Doyle|Marsh|Calder|Wells|Boyd|Lennox|Finch|Reed|Hale|Stone|Barker|Wood|Price|Lamb|Frost|Cole
given: Anna|Peter|Ruth|Simon|Clara|Hugh|Nora|Ivan|Mary|Tom|Edith|Paul|Grace|Owen|Jane|Mark|Alice|Roy
post: director|engineer|captain|spokeswoman|professor|clerk|head teacher|shop owner|researcher|nurse|farmer
noun: warehouses|the old pier|ticket prices|the water level|school places|market stalls|the bridge|bus routes
thing: the lighthouse|grain stores|rents|the drainage works|traffic lights|fishing licences|the dam|street lamps
deed: inspect|rebuild|close|reopen|count|repair|survey|relocate|expand|license|restore|monitor|sell|measure
end: replace|delay|publish|tax|simplify|register|insure|clean|forget|explain
then: on Monday|last spring|before the holidays|after a long meeting|in an open letter|without notice|this week
judged: too little|long overdue|fair enough|hard to enforce|a surprise|a waste of money|worth trying|a risk
unit: boxes|tonnes|families|miles|visitors|boats|acres|shops|pupils|lorries|letters|houses|jobs
tail: since costs have doubled|as the law demands|because of the floods|in spite of protests|to save fuel
why: until the court decides|with money from a loan|while others wait|if nobody objects|as had been promised
""")  # noqa: E501 - a line a list

_ENGLISH_SENTENCES = (
    "The {place} {body} said {then} that it would {deed} {noun}, some {count} {unit}, {tail}.",
    "{given} {family}, a {post} from {town}, called the plan to {deed} {thing} {judged} {why}.",
    "There were {count} {unit} {then}, most of them near {place}, and the {other} had to {deed} {noun}.",
    "Nobody at the {body} would say {then} who will {end} {thing} {tail} or {deed} {noun} {why}.",
    '"We {deed} {noun} {tail}," {given} {family} told this newspaper, "and then {end} {thing} {why}."',
    (
        "In {town} {thing} cost the {other} {count} {unit} a year, {tail}, so {given} {family} wants to "
        "{deed} {noun}."
    ),
    "{given} {family} began to {end} {noun} {tail}, although {thing} in {place} looked {judged} {then}.",
)


_HAN = (
    "的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没"
    "日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理"
    "美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北"
    "少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感"
    "金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认"
    "算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联权往展该领传近留红治决周保达办运武半候七必城父强步完"
)


def _rarer(words: list[str]) -> tuple[list[str], list[float]]:
    """Words with what is needed to draw them by Zipf's law, the first most often."""
    return words, list(accumulate(1 / (rank + 10) for rank in range(len(words))))


def _lexicon() -> dict[bool, tuple[list[str], list[float]]]:
    """Some thousand words of each language: of one or two characters, and with endings."""
    draw = random.Random("words")
    chinese = [*_HAN[:60], *("".join(draw.choices(_HAN, k=2)) for _ in range(4000))]
    stems = sorted({word for words in _ENGLISH.values() for each in words for word in each.lower().split()})
    parts = [
        first + vowel + last for first in "bcdfghlmnprstw" for vowel in "aeiou" for last in ("", *"lmnrst")
    ]
    made = ["".join(draw.choices(parts, k=draw.randint(1, 3))) for _ in range(3000)]
    english = [stem + draw.choice(("", "", "s", "ed", "ing", "er")) for stem in [*stems, *made]]
    draw.shuffle(english)
    small = (
        "the of and to in is that for it was on with as he be at by had not are but from or have an they who"
    )
    return {True: _rarer(chinese), False: _rarer([*small.split(), *english])}


_LEXICON = _lexicon()


def sentence(draw: Random, chinese: bool) -> str:
    """One sentence with its full stop."""
    lists, patterns = (_CHINESE, _CHINESE_SENTENCES) if chinese else (_ENGLISH, _ENGLISH_SENTENCES)
    clauses = [_clause(draw, chinese) for _ in range(draw.randint(1, 3))]
    if draw.random() < 0.3:
        words = {name: _one(draw, words) for name, words in lists.items()}
        count, day, month = draw.randrange(2, 9800), draw.randrange(1, 29), draw.randrange(1, 13)
        return _one(draw, patterns).format(**words, count=count, day=day, month=month)
    return f"{'，'.join(clauses)}。" if chinese else f"{', '.join(clauses).capitalize()}."


def _clause(draw: Random, chinese: bool) -> str:
    words, weights = _LEXICON[chinese]
    return ("" if chinese else " ").join(draw.choices(words, cum_weights=weights, k=draw.randint(4, 9)))


def paragraph(draw: Random, chinese: bool, least: int = 1, most: int = 5) -> str:
    """`least` to `most` sentences."""
    return ("" if chinese else " ").join(sentence(draw, chinese) for _ in range(draw.randint(least, most)))


def title(draw: Random, chinese: bool) -> str:
    """A headline."""
    if chinese:
        return "".join(_one(draw, _CHINESE[name]) for name in ("place", "noun", "deed", "end"))
    place, deed, noun, town = (_one(draw, _ENGLISH[name]) for name in ("place", "deed", "noun", "town"))
    return f"{place} to {deed} {noun} near {town}"


def name(draw: Random, chinese: bool) -> str:
    """A person's name."""
    if chinese:
        return _one(draw, _CHINESE["family"]) + _one(draw, _CHINESE["given"])
    return f"{_one(draw, _ENGLISH['given'])} {_one(draw, _ENGLISH['family'])}"


def _one(draw: Random, words: list[str] | tuple[str, ...]) -> str:
    return words[int(draw.random() * len(words))]  # random.choice, at a third of its time
