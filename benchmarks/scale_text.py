"""Made-up news for the scale benchmarks: Chinese and English sentences from a few patterns and lists of words.

Nothing is anybody's text. What matters is that it reads like prose to what is measured: sentences with
punctuation, numbers and names, paragraphs of real lengths, and no two stories alike unless one is made of
the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_PLACES = (
    "临海 东堤 南屿 北汊 沙洲 青浦港 白石镇 江口 望潮 石门 云岭 松台 河湾 金滩 新埠 旧城 上林 下塘".split()
)
_BODIES = (
    "港务处 水务局 市教育局 渔业合作社 货运公司 轮渡公司 气象台 博物馆 农技站 消防支队 图书馆 商会 居委会 "
    "质检中心 供电所 建筑设计院 医院 大学 造船厂 粮食集团 旅游协会 邮局 法院 税务所"
).split()
_FAMILY = "赵 钱 孙 李 周 吴 郑 王 冯 陈 褚 卫 蒋 沈 韩 杨 朱 秦 许 何 吕 施 张 孔 曹 严 华 金 魏 陶".split()
_GIVEN = "明远 思齐 一凡 若水 海生 春燕 国栋 雪梅 建业 小满 云舒 志强 文静 立秋 长河 佳音 望月 子涵".split()
_POSTS = "主任 经理 局长 工程师 船长 校长 教授 发言人 馆长 队长 会计 站长 研究员 店主 村支书".split()
_NOUNS = (
    "仓库 码头 航道 粮价 学位 票价 水位 渔获 电价 货柜 租金 口岸 堤坝 桥梁 集市 订单 检修 考试 展览 灯塔 "
    "小麦 茶叶 棉布 钢材 药品 自来水 公交线路 养老院 幼儿园 停车场 菜市场 排水管 信号灯 变电站 旧楼 文物"
).split()
_DEEDS = (
    "清点 扩建 检查 关闭 开放 调整 翻修 登记 抽查 整治 试行 公示 招标 验收 补贴 评估 搬迁 监测 修复 统计"
).split()
_ENDS = "完成 开始 推迟 结束 恢复 公布 暂停 提前 落实 重启".split()
_ADVERBS = "目前 随后 此前 据悉 当天 另外 不过 因此 与此同时 按照计划 在会上 会后".split()
_JUDGED = "有些紧 合情合理 来得太晚 值得一试 还不够 让人放心 难以执行 出乎意料 比往年好".split()
_UNITS = "个 吨 户 公里 万元 人 次 艘 间 亩".split()

_EN_PLACES = (
    "Eastport Northbridge Millhaven Graystone Saltmarsh Ferrytown Oakfield Redcliff Holmwood Stanmere Farleigh "
    "Kingsquay Thornby Lowell Ashgate Winterbourne"
).split()
_EN_BODIES = (
    "harbour board|water authority|school council|fishing cooperative|ferry company|city museum|fire service|"
    "chamber of commerce|weather office|shipyard|public library|county court|grain exchange|bus operator|"
    "housing trust|farmers' union|hospital|tax office|tourist board|power company"
).split("|")
_EN_FIRST = (
    "Anna Peter Ruth Simon Clara Hugh Nora Ivan Mary Tom Edith Paul Grace Owen Jane Mark Alice Roy".split()
)
_EN_LAST = (
    "Doyle Marsh Calder Wells Boyd Lennox Finch Reed Hale Stone Barker Wood Price Lamb Frost Cole".split()
)
_EN_POSTS = (
    "director|engineer|captain|spokeswoman|professor|clerk|head teacher|shop owner|researcher|nurse|farmer|"
    "driver|judge|carpenter|retired teacher|baker"
).split("|")
_EN_NOUNS = (
    "warehouses|the old pier|ticket prices|the water level|school places|market stalls|the bridge|bus routes|"
    "power lines|the lighthouse|grain stores|rents|the drainage works|traffic lights|the new exhibition|"
    "fishing licences|the dam|library hours|steel orders|the town hall|parking spaces|winter wheat|night trains|"
    "the customs office|drinking water|the canal|wool prices|hospital beds|footpaths|street lamps"
).split("|")
_EN_DEEDS = (
    "inspect|rebuild|close|reopen|count|repair|survey|relocate|expand|license|restore|monitor|sell|measure|"
    "replace|delay|publish|tax|simplify|register|insure|clean"
).split("|")
_EN_JUDGED = (
    "too little|long overdue|fair enough|hard to enforce|better than last year|a surprise|a waste of money|"
    "good news for small firms|what voters asked for|badly explained|worth trying|a risk"
).split("|")
_EN_UNITS = "boxes|tonnes|families|miles|visitors|boats|acres|shops|pupils|lorries|letters|houses|jobs".split(
    "|"
)
_EN_TIMES = (
    "on Monday|last spring|before the holidays|after a long meeting|in an open letter|without notice|this week|"
    "at short notice|two years late|in the early hours|once again|for the first time|by the end of June"
).split("|")
_EN_TAILS = (
    "since costs have doubled|as the law demands|because of the floods|in spite of protests|to save fuel|"
    "until the court decides|with money from a loan|while others wait|against the advice of experts|"
    "as had been promised|to make room for trams|if nobody objects|which pleased hardly anyone"
).split("|")


def sentence(draw: Random, chinese: bool) -> str:
    """One sentence with its full stop."""
    return _chinese(draw) if chinese else _english(draw)


def paragraph(draw: Random, chinese: bool, least: int = 1, most: int = 5) -> str:
    """`least` to `most` sentences."""
    return ("" if chinese else " ").join(sentence(draw, chinese) for _ in range(draw.randint(least, most)))


def title(draw: Random, chinese: bool) -> str:
    """A headline."""
    if chinese:
        return f"{_one(draw, _PLACES)}{_one(draw, _NOUNS)}{_one(draw, _DEEDS)}{_one(draw, _ENDS)}"
    return f"{_one(draw, _EN_PLACES)} to {_one(draw, _EN_DEEDS)} {_one(draw, _EN_NOUNS)} in {draw.randint(2026, 2040)}"


def name(draw: Random, chinese: bool) -> str:
    """A person's name."""
    return (
        _one(draw, _FAMILY) + _one(draw, _GIVEN)
        if chinese
        else f"{_one(draw, _EN_FIRST)} {_one(draw, _EN_LAST)}"
    )


def _one(draw: Random, words: list[str]) -> str:
    return words[int(draw.random() * len(words))]  # random.choice, at a third of its time


def _chinese(draw: Random) -> str:
    place, body, noun, deed = (_one(draw, words) for words in (_PLACES, _BODIES, _NOUNS, _DEEDS))
    count, unit, day = draw.randrange(2, 9800), _one(draw, _UNITS), draw.randrange(1, 29)
    who = f"{_one(draw, _POSTS)}{name(draw, chinese=True)}"
    match int(draw.random() * 8):
        case 0:
            return (
                f"{place}{body}{day}日宣布，{noun}的{deed}工作已经{_one(draw, _ENDS)}，共涉及{count}{unit}。"
            )
        case 1:
            return f"{who}说：“{noun}{deed}的期限{_one(draw, _JUDGED)}，我们还要再看{_one(draw, _NOUNS)}的情况。”"
        case 2:
            return f"{_one(draw, _ADVERBS)}，{body}正在{deed}{place}一带的{noun}，预计{draw.randint(1, 12)}月底{_one(draw, _ENDS)}。"
        case 3:
            return f"去年同期这一数字是{count}{unit}，今年多了{draw.randint(1, 60)}个百分点，主要因为{_one(draw, _NOUNS)}{_one(draw, _ENDS)}。"
        case 4:
            return f"{who}认为，对{_one(draw, _PLACES)}的小店来说，{noun}的新规定{_one(draw, _JUDGED)}，{_one(draw, _BODIES)}应当先{deed}再收费。"
        case 5:
            return f"{place}居民{name(draw, chinese=True)}告诉记者，她家附近的{noun}已经{_one(draw, _DEEDS)}了{draw.randint(2, 30)}天。"
        case 6:
            return f"{_one(draw, _ADVERBS)}，{noun}和{_one(draw, _NOUNS)}都要重新{deed}，费用由{body}承担，每{unit}不超过{count}元。"
        case _:
            return f"{body}的{who}没有回答有关{noun}的问题。"


def _english(draw: Random) -> str:
    place, body, noun, deed = (_one(draw, words) for words in (_EN_PLACES, _EN_BODIES, _EN_NOUNS, _EN_DEEDS))
    count, unit, who = draw.randrange(2, 9800), _one(draw, _EN_UNITS), name(draw, chinese=False)
    when, tail, other = _one(draw, _EN_TIMES), _one(draw, _EN_TAILS), _one(draw, _EN_NOUNS)
    match int(draw.random() * 7):
        case 0:
            return f"The {place} {body} said {when} that it would {deed} {noun}, some {count} {unit}, {tail}."
        case 1:
            post, judged = _one(draw, _EN_POSTS), _one(draw, _EN_JUDGED)
            return f"{who}, a {post} from {place}, called the plan to {deed} {noun} {judged}."
        case 2:
            return f"There were {count} {unit} {when}, most of them near {place}, and the {body} had to {deed} {noun}."
        case 3:
            return f"Nobody at the {body} would say {when} who will {deed} {noun} {tail}."
        case 4:
            return f'"We {deed} {noun} {tail}," {who} told this newspaper, "and then {other} {when}."'
        case 5:
            return f"In {place} {other} cost the {body} {count} {unit} a year, {tail}, so {who} wants to {deed} {noun}."
        case _:
            return f"{when.capitalize()} {who} began to {deed} {noun} {tail}, although {other} looked {_one(draw, _EN_JUDGED)}."
