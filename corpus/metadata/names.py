"""Whose name a visible piece of a line is: an outlet's, a desk's, a person's, or nobody's."""

from __future__ import annotations

import re

OUTLET = re.compile(
    r"(?:网|網|报|報|社|台|臺|刊|频道|頻道|新闻|新聞|传媒|傳媒|在线|在線|信息港|资讯港|杂志|雜誌|快讯|财经"
    r"|News|Times|Post|Daily|Journal|Press)$"
)
"""How the names of outlets end."""

NOBODY = frozenset(
    ("转载", "转载文章", "互联网", "网络", "原创", "本站", "本网", "未知", "佚名", "综合", "官方", "网友")
)
"""What a source or an unlabelled piece of a line is when it is no name."""

# A desk signs for nobody in particular; a research group does sign, so only newsrooms' groups are listed.
_DESK = re.compile(
    r"^(?:综合|綜合)(?:外电|外電|报道|報道|报导|報導|消息|编译|編譯|整理)?$"
    r"|(?:编辑|編輯|采编|採編|新闻|新聞|直播|读者|讀者|突发|突發|图片|圖片|视频|影音|国际|國際|时政|要闻|財經|财经"
    r"|娱乐|娛樂|体育|體育|专题|專題|评论|評論|值班|融媒体?|全媒体?)"
    r"(?:部|组|組|室|中心)(?:整理|编译|編譯|报道|報道|報導|制作|製作)?$"
    r"|(?:编委会|編委會)$"
)
# Platforms show beside the date from which province or country an account writes (Cyberspace Administration
# of China, Provisions on the Administration of Account Information, 2022, article 12).
_PLACES = """
    北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南
    广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门
    中国香港 中国澳门 中国台湾 美国 日本 韩国 英国 法国 德国 加拿大 澳大利亚 新加坡 马来西亚
"""
_PLACE = re.compile(rf"(?:发布于|IP属地[:：]?)?(?:{'|'.join(_PLACES.split())})")
_ISSUE = re.compile(r"(?:(?:19|20)\d\d年)?第[\d一二三四五六七八九十百]{1,5}[期版]|总第\d+期")
_COLUMN = re.compile(
    r"(?:专栏|專欄|栏目|欄目|特稿|深度|评论|社论)|(?:专栏|專欄|栏目|欄目)[:：].{1,20}"
    r"|[《「『].{1,20}[》」』](?:专栏|專欄)"
)
# The hundred surnames that nine in ten people in China bear (Ministry of Public Security, 2019 and 2020),
# some more, and those forms of them that differ in traditional script.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤尚温康施文牛樊葛"
    "邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尤阮游骆纪舒屈项童裴霍翁柯苗凌费卓路卜符"
    "張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭蔣葉蘇呂盧鍾譚陸範賈韋鄒閆龍賀顧龔萬錢嚴湯溫齊喬龐顏莊聶魯歐關蘭駱紀項費寧"
)
_TWO_SURNAMES = re.compile(r"欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|夏侯|皇甫|尉迟|公孙|慕容|司徒")


def is_desk(name: str) -> bool:
    """Whether a name is that of a newsroom's desk, or says that no one in particular wrote.

    >>> is_desk("港口日报编辑部"), is_desk("综合外电"), is_desk("潮汐课题组")
    (True, True, False)
    """
    return bool(_DESK.search(name[-30:]))


def is_aside(piece: str) -> bool:
    """Whether a piece of a byline is no name but a place, an issue, a column, or a word such as `原创`.

    >>> [is_aside(piece) for piece in ("河南", "2025年第14期", "《潮汐》专栏", "河南日报")]
    [True, True, True, False]
    """
    return piece.rstrip(":：") == "原创" or any(
        pattern.fullmatch(piece) is not None for pattern in (_PLACE, _ISSUE, _COLUMN)
    )


def is_person(name: str) -> bool:
    """Whether a name looks like a Chinese person's: a common surname and one or two characters.

    >>> is_person("林一"), is_person("欧阳二三"), is_person("港口日报")
    (True, True, False)
    """
    if not 2 <= len(name) <= 4 or OUTLET.search(name):
        return False
    return bool(_TWO_SURNAMES.match(name)) if len(name) == 4 else name[0] in _SURNAMES
