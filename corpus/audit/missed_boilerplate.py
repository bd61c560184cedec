"""A paragraph that looks like boilerplate the cleaning missed.

Cleaning is never perfect; what it misses repeats. Reported is a paragraph whose text, digits aside,
stands on at least four pages that are no near-duplicates, and on a fifth of one source's pages: a
masthead, a slogan, a disclaimer. Reported too is a short paragraph (at most 60 characters) that begins as
only page furniture does: copyright lines, `责任编辑：`, `上一篇`, `扫码`, `未经授权`, `Read more`, `All
rights reserved` … One finding for each text; a sentence that merely mentions such words is left alone.

Example: `本报记者讯。更多内容请下载客户端。` stands at the end of nine pages of one source.

Mend: report the page as a cleaning error; meanwhile waive it, or leave the page out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"

PAGES = 4
SHARE = 0.2
LONGEST = 60

_FURNITURE = (
    r"^(?:[\s【\[(（▲▼◆■●]*)(?:责任编辑|責任編輯|责编|本文编辑|值班编辑|版权所有|版權所有|版权声明|版權聲明|免责声明|免責聲明|"
    r"未经授权|未經授權|未经许可|转载请注明|轉載請註明|上一篇|下一篇|相关阅读|相關閱讀|相关新闻|相關新聞|延伸阅读|推荐阅读|"
    r"猜你喜欢|热门推荐|点击查看|点击进入|點擊查看|扫码|掃碼|扫一扫|长按识别|扫描二维码|分享到|返回首页|返回顶部|举报/反馈|"
    r"网站地图|京ICP备|沪ICP备|粤ICP备|ICP备|Copyright ?(?:©|\(c\)|\d{4})|©|All rights reserved|Read more:?$|"
    r"Click here to|Subscribe to our|Sign up for our|Share this|Related (?:articles|stories)|"
    r"Previous article|Next article|Back to top|Terms of (?:use|service)|Privacy policy|Cookie)"
)


def check(view: AuditView) -> Iterator[Found]:
    """Find paragraphs that repeat across pages, and short ones that begin as page furniture."""
    pages = view.tables["documents"].select("document_id", "raw_path", page="duplicate_cluster")
    names = {path: source.name for path in pages["raw_path"] if (source := view.project.source_of(path))}
    pages = pages.with_columns(
        source=pl.col("raw_path").replace_strict(names, default="", return_dtype=pl.String)
    )
    rows = (
        view.tables["paragraphs"].select("document_id", "paragraph_id", "text").join(pages, on="document_id")
    )
    rows = rows.with_columns(form=pl.col("text").str.replace_all(r"\d", "0").str.strip_chars())
    of_source = rows.group_by("source").agg(all=pl.col("page").n_unique())
    repeated = rows.group_by("source", "form").agg(
        pl.col("page").n_unique(),
        pl.col("document_id", "paragraph_id", "text").sort_by("paragraph_id").first(),
    )  # fmt: skip
    often = repeated.join(of_source, on="source").filter(
        (pl.col("page") >= PAGES) & (pl.col("page") >= SHARE * pl.col("all"))
    )
    hint = "report the page as a cleaning error, or waive it if it is main text"
    told = set()
    for row in often.sort("paragraph_id").iter_rows(named=True):
        told.add(row["form"])
        place = Place(row["document_id"], row["paragraph_id"], surface=row["text"][:40])
        message = f"{shown(row['text'])} stands on {row['page']} of the source's {row['all']} pages"
        yield found(__name__, place, message, hint)
    short = rows.filter((pl.col("text").str.len_chars() <= LONGEST) & pl.col("text").str.contains(_FURNITURE))
    for row in (
        short.unique("form", maintain_order=True, keep="first").sort("paragraph_id").iter_rows(named=True)
    ):
        if row["form"] not in told:
            place = Place(row["document_id"], row["paragraph_id"], surface=row["text"][:40])
            message = f"{shown(row['text'])} begins as page furniture does"
            yield found(__name__, place, message, hint)
