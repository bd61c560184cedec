"""The words and shapes that give away what a line of a page is for, in the languages we meet most.

Facts only: compiled patterns, each for one purpose. None of them decides alone; a line that matches is looked
at in its place. All are written for text in lower case. Patterns named `*_LINE` must match the whole line,
the others match somewhere in a short one.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Sign(NamedTuple):
    """A pattern, and the part of it that can match text of ASCII alone, as most lines of most pages are."""

    pattern: re.Pattern[str]
    ascii_pattern: re.Pattern[str]

    def search(self, text: str) -> re.Match[str] | None:
        """Find it anywhere in `text`."""
        return (self.ascii_pattern if text.isascii() else self.pattern).search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Match all of `text`."""
        return (self.ascii_pattern if text.isascii() else self.pattern).fullmatch(text)


def _whole(*choices: str) -> Sign:
    """Compile a sign for a whole line that is one of `choices`, give or take punctuation."""
    return _sign(choices, r"[\W_]*(?:{})[\W_]*")


def _within(*choices: str) -> Sign:
    """Compile a sign for a place in a line."""
    return _sign(choices, "{}")


def _sign(choices: tuple[str, ...], frame: str) -> Sign:
    alternatives = [alternative for choice in choices for alternative in _alternatives(choice)]
    latin = [
        alternative
        for alternative in alternatives
        if _ASCII_ONLY.fullmatch(alternative) or _LATIN.search(alternative)
    ]
    return Sign(
        re.compile(frame.format("|".join(choices))), re.compile(frame.format("|".join(latin) or "(?!)"))
    )


_ASCII_ONLY = re.compile(r"[\x00-\x7f]*")
_LATIN = re.compile(r"(?<!\\)[a-z]")


def _alternatives(choice: str) -> list[str]:
    """Split a pattern at the bars that stand in no group and no class."""
    found, depth, start, in_class, escaped = [], 0, 0, False, False
    for at, char in enumerate(choice):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            found.append(choice[start:at])
            start = at + 1
    return [*found, choice[start:]]


MONTH_BESIDE = re.compile(
    r"(?<!\d)\d{1,2}\.?\s(?:de\s)?([^\s\d.,;:()|]{3,14})|(?<![^\s(|/,:>])([^\s\d.,;:()|"
    r"]{3,14})(?=\.?\s\d{1,2}(?:st|nd|rd|th)?\b)"
)
DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d"
    r"|\d{1,2}月\d{1,2}日|\d{4}년|\d{2}-\d{2}\s\d{1,2}:\d{2})"
)
TIME = re.compile(r"(?<![\d:.])[0-2]?\d[:：][0-5]\d(?:[:：][0-5]\d)?(?![\d:])|[0-2]?\d(?:時|时)[0-5]\d分")
AGO = _within(
    r"\b\d+\s?(?:s|sec|min|minute|hour|hr|day|week|month|year|yr)s?\.?\s+ago\b",
    r"\b(?:an?|one)\s(?:minute|hour|day|week|month|year)\sago\b",
    r"\d+\s?(?:秒|分钟|分鐘|小时|小時|个小时|天|日|周|週|个月|個月|月|年)(?:之)?前",
    r"\d+\s?(?:분|시간|일|개월|년)\s?전",
    r"(?:vor|hace|il y a|há)\s\d+\s\w+",
    r"\d+\s\w+\s(?:fa|назад|lalu)\b",
    r"^(?:昨天|前天|今天|昨日|刚刚|剛剛)",
)
URL = re.compile(r"https?://\S+|www\.[\w.-]+|[\w.+-]+@[\w-]+\.\w+|\[email[\s\xa0]protected\]")
COMMENTS_LINE = _whole(
    r"(?:\d+\s*[条條則则个個]?\s*)?(?:网友|網友|最新|热门|熱門|全部|精彩|最热|文章|用户|用戶|读者|"
    r"讀者|新闻|查看|所有|相关|"
    r"发表|參與)?(?:评论|評論|留言|跟帖|跟贴|回应|回應|讨论|討論|热评|热议|评论区|評論區|"
    r"留言板)(?:列表|区|區|内容|信息)?"
    r"\s*[\[(（]?\s*(?:共?\s*\d+\s*[条條則则个個篇]?)?\s*(?:评论|評論)?[\])）]?",
    r"(?:.{0,60}[已共]有|共|有)?\s*\d+\s*[条條則则人个個位件]?\s*(?:评论|評論|留言|跟帖|跟贴|回应|"
    r"回應|回复|回覆|参与|參與).{0,6}",
    r"(?:\d+\W+)?\S{1,16}的(?:评论|評論|留言|回复)",
    r"(?:\d[\d,.]*\s+)?(?:user |reader |recent |latest |view |view all |all |show |top |most recent |"
    r"community |post )?"
    r"(?:comments?|responses?|replies|thoughts? on .{0,120}|discussion|conversation|"
    r"reader reactions?)(?:\s+section)?"
    r"(?:\s*\(?\d[\d,.]*\)?)?(?:\s+(?:on|to|so far).{0,120})?",
    r"(?:leave|post|add|write|submit) a (?:reply|comment|response)(?: to .{0,80})?|"
    r"join the (?:discussion|conversation)",
    r"(?:コメント|読者コメント|みんなのコメント|コメント一覧|댓글|의견|"
    r"전체\s?댓글)\s*[(（]?\s*\d*\s*(?:件|개)?[)）]?(?:を書く|쓰기)?",
    r"\d+\s*(?:件のコメント|개의 댓글)",
    r"(?:\d+\s+)?(?:kommentare?|commentaires?|comentarios?|commenti|comentários?|комментари(?:и|ев|я|"
    r"й)|komentarze?|"
    r"komentar|reacties|reaktionen|kommentit|kommentarer|yorumlar|bình luận|ความคิดเห็น|"
    r"टिप्पणियां?)(?:\s*\(?\d*\)?)?",
    r"(?:schreibe|hinterlasse|verfasse) einen kommentar|laisser un commentaire|deja un comentario|"
    r"lascia un commento|"
    r"deixe (?:um comentário|uma resposta)|оставить комментарий|добавить комментарий",
)
COMMENT_PROMPT = _within(
    r"(?:登录|登錄|登陆|登入|注册|註冊)后?(?:才能|才可|即可|可以?|参与|參與|发表|發表)*.{0,6}(?:评论|"
    r"評論|留言|回复|回覆|发言|跟帖)",
    r"(?:评论|評論|留言|跟帖).{0,8}(?:个人看法|个人观点|個人意見|不代表|无关|并不表明|立场|立場|审核|審核)",
    r"(?:我要|我来|我來|发表|發表|参与|參與|写|寫|添加|抢先|点击|快来|欢迎)(?:评论|評論|留言|跟帖|"
    r"讨论|討論|说两句|說兩句|说说)",
    r"(?:还|還|暂|暫|尚)(?:没有|沒有|无|無)(?:人)?(?:任何)?(?:评论|評論|留言|回复)",
    r"文明(?:上网|發言|发言)|理性(?:发言|發言|评论)|(?:共同)?遵守.{0,14}(?:法律|法规|评论|守则|公约)",
    r"(?:log|sign)[ -]?in (?:to|or register to) (?:comment|reply|post|leave|join)|must be logged in|"
    r"register to comment",
    r"your email address will not be published|required fields are marked|notify me of (?:new|"
    r"follow)|save my name",
    r"comments? (?:are|is|have been|were) (?:closed|moderated|disabled|now closed|subject)|"
    r"moderated comments|"
    r"powered by disqus|enable javascript to view|be the first to comment|no comments yet",
    r"コメントを(?:投稿|書く|残す)|ログインして|댓글을? ?(?:입력|작성|남)|로그인",
)
REPLY = _within(
    r"^\W*(?:reply|like|likes?\s+\d+|report|quote|share|flag|upvote|downvote|edit|permalink|"
    r"antworten|répondre|"
    r"responder|rispondi|ответить|返信|답글|신고|回复|回覆|引用|举报|舉報|顶|赞|点赞|踩|支持|"
    r"反对)\W*(?:\(?\d*\)?)\W*$",
    r"(?:says|said|wrote|writes|commented):?\s*$|says on \w+|said on \w+|commented (?:on|at)\b|"
    r"^in reply to|^replying to",
    r"(?:回复|回覆)\s*(?:\(\d+\)|@|:|：|《)|(?:举报|舉報|点赞|支持\s*[\[(（]\d|反对\s*[\[(（]\d)|"
    r"楼主|樓主|沙发|\d+\s?[楼樓#]\b",
    r"(?:用户|用戶|网友|網友)\w{0,12}(?:说|說|：|:)$|(?:发表于|發表於|发布于|回复于)",
)
RELATED_LINE = _whole(
    r"(?:相关|相關|推荐|推薦|延伸|延展|热门|熱門|更多|精彩|为您|為您|编辑|編輯|今日|最新|本周|本週|"
    r"一周|一週|24小时|24小時|图片|圖片|"
    r"热点|熱點|头条|頭條|站长|站長|往期|关联|關聯|同类|其他|其它|近期|点击|點擊|阅读|閱讀|评论|評論){1,3}"
    r"(?:新闻|新聞|阅读|閱讀|文章|推荐|推薦|报道|報道|報導|内容|內容|链接|連結|专题|專題|资讯|資訊|"
    r"排行|排行榜|排名|热点|熱點|"
    r"话题|話題|帖子|视频|視頻|标签|標籤|图文|回顾|动态)(?:\s*more)?",
    r"(?:推荐阅读|推薦閱讀|猜你喜欢|猜你喜歡|大家都在看|看了又看|你可能(?:也)?喜欢|排行榜|热读|必读|"
    r"必看|热图|上一篇|下一篇|随机文章)"
    r"[：:]?",
    r"(?:related|recommended|more|popular|trending|latest|recent|top|featured|most read|most popular|"
    r"also|similar|"
    r"further|editor.?s|today.?s|this week.?s)\s+(?:articles?|stories|story|posts?|news|reading|"
    r"reads|links?|content|"
    r"topics?|videos?|coverage|headlines|picks|from .{1,60}|on .{1,60}|in .{1,60}|by .{1,60}|like this)",
    r"(?:you (?:may|might)(?: also)? (?:like|be interested in|enjoy)|read (?:more|next|also|"
    r"this next)|see also|"
    r"what to read next|up next|don.?t miss|recommended(?: for you)?|related|trending(?: now)?|"
    r"most (?:read|popular|"
    r"viewed|shared|commented)|more (?:for you|to read|stories)|popular|sponsored(?: content|"
    r" links)?|from the web|"
    r"around the web|promoted(?: stories| links)?|previous (?:post|article)|next (?:post|article)|"
    r"related (?:links|tags))",
    r"(?:関連(?:記事|ニュース|リンク)|おすすめ(?:記事)?|人気(?:記事|ランキング)|ランキング|"
    r"あわせて読みたい|新着記事|"
    r"관련\s?(?:기사|뉴스)|많이 본 뉴스|인기 ?(?:기사|뉴스)|추천\s?(?:기사|뉴스)|"
    r"이 시각 (?:주요)?뉴스|주요 ?뉴스)",
    r"(?:das könnte (?:sie|dich) auch interessieren|mehr zum thema|meistgelesen|lesen sie auch|"
    r"weitere artikel|"
    r"à lire aussi|lire aussi|sur le même sujet|les plus lus|te puede interesar|"
    r"noticias relacionadas|lo más leído|"
    r"leggi anche|articoli correlati|potrebbe interessarti|leia (?:também|mais)|veja também|читайте также|"
    r"похожие (?:статьи|записи|новости)|baca juga|berita terkait|artikel terkait|czytaj także|zobacz także)",
)
INTERFACE_LINE = _whole(
    r"(?:分享|收藏|点赞|赞|打印|打印本页|打印本文|列印|关闭|关闭窗口|关闭本页|关 闭|举报|舉報|登录|"
    r"登錄|登入|注册|註冊|搜索|搜尋|检索|"
    r"返回顶部|回到顶部|返回首页|返回|顶部|首页|首頁|上一页|下一页|上一頁|下一頁|上一篇|下一篇|尾页|"
    r"更多|查看更多|加载更多|展开|收起|"
    r"阅读全文|展开全文|字号|字体|大|中|小|字[号體体][：:]?\s*[大中小 \[\]|/]+|扫一扫|扫码|微信|微博|"
    r"朋友圈|空间|qq空间|"
    r"新浪微博|微信好友|qq好友|复制链接|手机看|手机版|客户端|下载|下载app|app下载|订阅|关注|已关注|"
    r"关注我们|联系我们|投稿|纠错|我要纠错|"
    r"报错|推荐|转发|原标题|查看原文|阅读原文|收听|播放|暂停|静音|全屏|重播|提交|发布|取消|确定|发表|"
    r"回复|全部|添加收藏|加入收藏|设为首页)"
    r"(?:\s*[(（]?\d+[)）]?)?",
    r"(?:分享到|分享至|分享本文|转发到|用微信扫|微信扫一扫|打开微信|扫描二维码|扫码关注|长按识别).{0,30}",
    r"(?:share|tweet|pin|email|e-mail|print|save|like|follow|subscribe|sign up|sign in|log ?in|"
    r"log out|register|"
    r"search|menu|close|open|back|next|previous|prev|more|load more|show more|see more|read more|"
    r"view more|view all|"
    r"see all|skip|skip to (?:main )?content|skip ad|back to top|top|home|facebook|twitter|instagram|"
    r"whatsapp|"
    r"linkedin|pinterest|reddit|telegram|youtube|copy link|link copied!?|comment|comments|reply|"
    r"report|play|pause|"
    r"mute|submit|cancel|ok|send|continue reading.{0,30}|listen|loading|expand|download|"
    r"toggle navigation|settings|"
    r"newsletters?|get the app|copy|donate|share this.{0,40}|share on.{0,30}|follow us.{0,30}|email address)",
    r"(?:teilen|drucken|anmelden|suche|menü|schließen|mehr|partager|imprimer|rechercher|fermer|"
    r"s'abonner|compartir|"
    r"buscar|imprimir|cerrar|condividi|stampa|cerca|accedi|compartilhar|поделиться|поиск|войти|печать|меню|"
    r"シェア|共有|印刷|検索|ログイン|ツイート|メニュー|閉じる|もっと見る|공유|인쇄|검색|로그인|메뉴|"
    r"닫기|더보기|본문 ?바로가기|스크랩)",
)
BYLINE = _within(
    r"^\W*(?:by|von|par|por|di|da|от|автор|author|written by|reporter|editor|posted by|published by|story by|"
    r"text by|reporting by|edited by|reviewed by|medically reviewed by|"
    r"photo(?:graph)?s? by)\b:?\s+\S.{1,100}$",
    r"(?:作者|来源|來源|记者|記者|责任编辑|責任編輯|编辑|編輯|责编|責編|撰文|文章来源|稿源|发布者|"
    r"作\s?者|来\s?源|文/图|实习生|通讯员|"
    r"本文来源|新闻来源|信息来源|發稿|发稿|主编|审核|校对|出处|转自|摘自|文)\s*[：:／/丨|]",
    r"(?:发布|發布|發佈|发表|发稿|更新|刊登|上传|时间|日期)(?:时间|時間|日期|于|於)?\s*[：:]\s*\d",
    r"(?:本报|本報|本刊|新华社|中新社|本网|本台)\S{0,8}(?:记者|記者)\s*\S{2,4}|(?:记者|"
    r"記者)\s\S{2,4}(?:\s|$)|기자\b|記者）?$",
    r"^\W*(?:published|updated|last updated|posted|modified|created|first published|stand|"
    r"veröffentlicht|publié|"
    r"publicado|pubblicato|опубликовано|입력|수정|更新|公開|投稿日|配信|giriş|güncelleme|yayınlanma|"
    r"aktualisiert|"
    r"erstellt|diterbitkan|diperbarui|نشر|آخر تحديث|تاريخ النشر|opublikowano|aktualizacja|обновлено|"
    r"gepubliceerd|"
    r"publicerad|uppdaterad|publisert|oppdatert|julkaistu|mis à jour le|actualizado|aggiornato|"
    r"atualizado)\b.{0,12}\d",
    r"^\W*(?:oleh|penulis|editor|yazan|haber|kaynak|sumber|كتب|كتبت|بقلم|الكاتب|المصدر|نویسنده|منبع|"
    r"autorin|redaktion|"
    r"quelle|fonte|fuente|redacción|redação|redazione|источник|текст|фото|źródło|bron|källa|tác giả|theo|"
    r"取材|文責|執筆|記者|글|취재)\b\s?[:：|/＝=-]?\s+\S.{1,40}$",
)
COPYRIGHT = _within(
    r"©|\(c\)\s?(?:19|20)\d\d|copyright|all rights? reserved|版权所有|版權所有|著作权|無断転載|"
    r"무단\s?전재|재배포",
    r"icp[备證证]|公网安备|公安备|备案号|许可证(?:编)?号|许可证[：:]|经营许可|信息服务许可|"
    r"举报(?:电话|邮箱|中心)|违法和不良信息",
    r"terms of (?:use|service)|privacy policy|cookie policy|impressum|datenschutz|mentions légales|"
    r"隐私(?:政策|权)|服务条款",
)
DISCLAIMER = _within(
    r"(?:免责|免責)(?:声明|聲明)|版权(?:声明|说明)|特别(?:声明|提示)|声明[：:]|聲明[：:]|"
    r"风险提示[：:]|重要提示[：:]",
    r"(?:仅|僅|只)代表(?:原)?(?:作者|个人|個人|本人)|(?:不|并不|並不)代表(?:本|我|平台|网站|"
    r".{0,8}(?:立场|立場|观点|觀點))",
    r"(?:转载|轉載)(?:请|請|需|须|自|发布|于|本文|目的|仅|务必|此文)|(?:未经|未經).{0,12}(?:授权|"
    r"授權|许可|許可|允许|書面).{0,12}"
    r"(?:不得|禁止|请勿|謝絕|转载|轉載)|(?:如有|若有|如涉及|如果).{0,10}(?:侵权|侵權|版权|異議|"
    r"异议).{0,14}(?:联系|聯絡|告知|删)",
    r"(?:本文|本站|本网|文章|内容)(?:内容|文章)?(?:来源于?|系|由|为|仅供|所有).{0,16}(?:网络|互联网|"
    r"转载|投稿|用户|参考|原创)",
    r"views? expressed|opinions? expressed|do(?:es)? not (?:necessarily )?(?:reflect|represent)|"
    r"not (?:provide|constitute) .{0,30}advice|for informational purposes|may not be (?:published|reproduced|"
    r"broadcast|rewritten)|affiliate (?:links?|commission)|we may (?:earn|"
    r"receive) (?:a )?(?:small )?commission",
)
NOTICE = _within(
    r"^\W*(?:本文|此文|文章)(?:由|系|为|為)?(?:转自|轉自|转载|轉載|首发于|首發於)|与(?:本站|本网|本平台|"
    r"本报)(?:立场|观点)?无关",
    r"與(?:本站|本網|本平台|本報)(?:立場|觀點)?無關|只(?:反映|代表)(?:原)?作者|本站(?:仅|"
    r"只)?提供(?:的是)?信息",
    r"^\W*(?:本[文页頁篇]|以上|故事|笔记|筆記|文中人物|本站)?\S{0,12}(?:纯属|純屬|均为|均為|系|"
    r"係)?(?:虚构|虛構)[^。]{0,20}\W*$",
)
IMAGE_LINE = _whole(
    r"图|图片|圖片|图\s?\d{1,2}|image|photo|picture|bild|foto|画像|写真|사진|imagen|img|视频|視頻|"
    r"video|gif|动图|点击(?:查看)?(?:大图|播放)|"
    r"点击图片|点击放大|view image(?: in fullscreen)?|(?:open|enlarge|view|show) (?:the )?(?:image|"
    r"photo|gallery|slideshow).{0,30}"
)
CAPTION = _within(
    r"^\W*(?:图|圖|图片|圖片|图注|圖說|资料图|資料圖|资料图片|资料照片|配图|圖為|图为|上图|下图|左图|"
    r"右图|题图|头图|封面图|视频截图|截图)"
    r"\s*\d{0,2}\s*[：:｜|/／（(为為]",
    r"(?:资料图|资料图片|资料照片|網路圖片|网络图|视觉中国|图源|圖源|图片来源|圖片來源|图/|摄影|"
    r"记者\S{0,6}\s?摄|供图|供圖|摄)\W*$",
    r"^\W*(?:photo|image|picture|foto|bild|credit|photograph|file photo|illustration|"
    r"video)s?\s*(?:credit|courtesy|by|via)?\s*[:|/©(]",
    r"(?:/\s?getty images|getty images\b|/\s?(?:ap|reuters|afp|epa)\b|shutterstock|\bvia (?:ap|getty|"
    r"reuters|afp)\b|"
    r"photo by|photograph by|courtesy of|pictured)[^.]{0,60}$",
    r"(?:写真|画像)\s*[:：＝=/]|사진\s*[=:/]|ⓒ|\[사진|（写真",
)
ADVERT = _within(
    r"^\W*(?:广告|廣告|推广|推廣|赞助|advertisement|advertising|advert|ad|ads|anzeige|werbung|"
    r"publicité|publicidad|pubblicità|"
    r"реклама|広告|광고|reklam|reklama|reclame|annons|annonse|mainos|hirdetés|iklan|quảng cáo|publicidade|"
    r"advertentie|"
    r"inzerce|publicitate|διαφήμιση|إعلان|اعلان|تبلیغات|اشتہار|विज्ञापन|โฆษณา|פרסומת|sponsored|sponsor|"
    r"paid content|promoted|ad feedback|story continues below.{0,30}|"
    r"article continues (?:below|after).{0,30}|scroll to continue.{0,20})\W*$",
    r"(?:立即|马上|点击)(?:购买|下单|领取|抢购|咨询|下载|报名|注册)|优惠券|限时(?:抢购|优惠)|"
    r"扫码(?:领|加|进)|加(?:微信|群)|"
    r"(?:sign up|subscribe)(?: now| today| here)? (?:for|to) (?:our|the|my|a|free|get|receive|all)|"
    r"get (?:our|the) (?:free )?(?:daily |weekly )?newsletter",
)
POINTER = re.compile(
    r"^\W*(?:(?:читайте (?:также|ещё|еще|також)|по теме|lesen sie (?:auch|mehr)|lesen sie dazu(?: auch)?|"
    r"mehr zum thema|"
    r"(?:baca|lihat|simak) juga|(?:à |a )?lire (?:aussi|également)|voir aussi|also read|see also|"
    r"read (?:more|also|next)|"
    r"more|related(?: (?:story|stories|articles?|coverage|news|reading|links?|content|posts?))?|"
    r"recommended|don.?t miss|"
    r"延伸阅读|延伸閱讀|相关阅读|相關閱讀|推荐阅读|相关报道|相關報導|相关新闻|相關新聞|もっと読む|"
    r"関連記事|関連|관련\s?(?:기사|뉴스)|"
    r"اقر[أا] أ?ا?يض[اًا]+|بیشتر بخوانید|یہ بھی پڑھیں|leia (?:também|mais)|veja também|leggi anche|"
    r"lee también|lees ook|"
    r"läs (?:också|även|mer)|les også|læs også|lue myös|przeczytaj (?:też|także)|czytaj (?:też|także|"
    r"również)|"
    r"zobacz (?:też|także)|διαβάστε (?:επίσης|ακόμη)|citește și|čtěte také|ilgili haber|"
    r"xem thêm)\s*[:：>»|]\s*\S|"
    r"(?:tags?|topics?|keywords?|schlagwörter|schlagworte|themen|теги|тэги|метки|etiquetas|mots[- ]clés|"
    r"标签|標籤|关键词|"
    r"關鍵詞|关键字|關鍵字|キーワード|タグ|태그|tópicos|argomenti|tagi|etiketler|الكلمات المفتاحية|الوسوم|"
    r"برچسب ها|filed under|"
    r"categories|labels)\s*[:：]|(?:continue reading|click here|read the full|full story|story continues)\b)"
)
PAGED = re.compile(
    r"\W*(?:page|seite|página|pagina|pagină|стр\.?|страница|sayfa|strona|trang|halaman|صفحة|第)?\s*\d{1,3}\s*"
    r"(?:/|of|von|de|di|из|dari|sur|van|z|من|共)\s*\d{1,3}\s*(?:halaman|页|頁|ページ|pages?)?\W*|"
    r"(?:第\s?)?[一二三四五六七八九\d]{1,3}\s?[页頁]|\W*(?:\d{1,3}\W+){2,}(?:下一[页頁]|next|次へ|다음|"
    r"尾页|末页|»|>)?.{0,6}"
)
OFFER_CJK = re.compile(
    "会员|會員|登[录錄入]|[注註][册冊]|关注(?:我们|公众号|微信)|公[众眾][号號]|扫[码描]|二维码|下载|"
    "メルマガ|会員|登録|フォロー|구독|회원|로그인|채널"
)
BREADCRUMB = re.compile(
    r"[^>›»→]{1,24}(?:\s*(?:>>?|›|»|→|&gt;)\s*[^>›»→]{0,40}){1,8}|"
    r"(?:您?当前位置|您的位置|所在位置|當前位置|您现在的位置|you are here|"
    r"sie sind hier)\s*(?:是)?\s*[:：].{0,80}"
)
CALL = _within(
    r"(?:欢迎|歡迎|快来|快來|请|請).{0,8}(?:评论区|評論區|留言区|留言區|下方|文末).{0,6}(?:留言|评论|"
    r"評論|讨论|討論|交流|分享|互动)",
    r"(?:let us know|tell us|share your thoughts|what do you think).{0,20}in the comments?\b",
)
SENTENCE_END = "。！？!?….．؟।۔｡։။።॥"
CLOSERS = "”’\"'」』）)】》〉»］]~～*"
