"""What a designer or a resident typed never becomes markup that runs, links out of sight or breaks the page."""

from __future__ import annotations

import pytest

from admin.widgets import rich_text


def test_markdown_shows_raw_html_as_typed() -> None:
    assert "<script>" not in rich_text.markdown("<script>alert(1)</script>")
    assert "&lt;img" in rich_text.markdown("<img src=x onerror=alert(1)>")


def test_markdown_drops_javascript_links_and_remote_pictures() -> None:
    assert "href" not in rich_text.markdown("[x](javascript:alert(1))")
    assert "<img" not in rich_text.markdown("![x](https://example.com/track.png)")


def test_markdown_keeps_what_a_designer_means() -> None:
    html = rich_text.markdown("## 标题\n\n- **要点**\n\n|a|b|\n|-|-|\n|1|2|")
    assert "<h2>标题</h2>" in html and "<strong>要点</strong>" in html and "<td>2</td>" in html


def test_a_value_put_into_a_template_cannot_become_a_link_or_a_heading() -> None:
    source = rich_text.fill("您好 {{ name }}", lambda _expression: "# [点我](https://evil.example) <b>x</b>")
    html = rich_text.markdown(source)
    assert "<a" not in html and "<h1" not in html and "<b>" not in html and "点我" in html


@pytest.mark.parametrize(
    "dirty",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" //evil.example">x</a>',
        '<p onclick="alert(1)" style="position:fixed">x</p>',
        "<svg><a href='#' onload=alert(1)></svg>",
        "<iframe srcdoc='<script>1</script>'></iframe>",
        "</div></main><form action=//evil.example>",
    ],
)
def test_cleaned_html_has_no_way_out(dirty: str) -> None:
    html = rich_text.clean_html(dirty).lower()
    for word in (
        "script",
        "onerror",
        "onclick",
        "onload",
        "style",
        "javascript",
        "evil.example",
        "iframe",
        "</div>",
        "form",
    ):
        assert word not in html


def test_cleaned_html_is_balanced_and_keeps_safe_links() -> None:
    html = rich_text.clean_html('<p><b>粗<a href="https://gov.cn/a?b=1&c=2">链接')
    assert html == '<p><b>粗<a href="https://gov.cn/a?b=1&amp;c=2" rel="noopener noreferrer">链接</a></b></p>'
