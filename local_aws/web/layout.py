"""The look of the pages: plain, for any width, by keyboard and by screen reader."""

from __future__ import annotations

from html import escape

_STYLE = """
*{box-sizing:border-box}
body{margin:0;background:#f2f4f7;color:#16202c;
font:16px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header{background:#14324f;color:#fff;padding:.9rem 1.25rem;display:flex;flex-wrap:wrap;
gap:.25rem 1rem;align-items:center;justify-content:space-between}
header p{margin:0}header a{color:#fff}
main{width:min(100%,27rem);margin:0 auto;padding:clamp(1rem,8vh,5rem) 1rem 3rem}
main.wide{width:min(100%,48rem);padding-top:1.5rem}
.card{background:#fff;border:1px solid #c9d1da;border-radius:.6rem;padding:1.5rem;
margin:0 0 1.25rem}
h1{font-size:1.35rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1.1rem;margin:0 0 .6rem}
p,ul,ol,dl{margin:0 0 1rem}ul,ol{padding-left:1.25rem}
.card>:last-child,form>:last-child{margin-bottom:0}
label{display:block;font-weight:600;margin:0 0 .25rem}
input{width:100%;font:inherit;color:inherit;padding:.65rem .75rem;margin:0 0 1rem;
border:1px solid #66717e;border-radius:.35rem;background:#fff}
input[aria-invalid=true]{border:2px solid #b3261e}
button,.button{display:block;width:100%;font:inherit;font-weight:600;text-align:center;
padding:.7rem 1rem;border:1px solid #0b5394;border-radius:.35rem;background:#0b5394;
color:#fff;cursor:pointer;text-decoration:none}
button:hover,.button:hover{background:#083d6d}
.button.other{background:#fff;color:#0b5394;margin:0 0 .75rem}
.button.other:hover{background:#e6eef6}
:focus-visible{outline:3px solid #d9730d;outline-offset:2px}
a{color:#0b5394}
.problem{background:#fdecea;border-left:.3rem solid #b3261e;padding:.75rem 1rem;
margin:0 0 1rem}
.hint{color:#46515d;font-size:.92rem}
.or{text-align:center;color:#46515d}
.code{font:1rem/1.6 ui-monospace,"DejaVu Sans Mono",monospace;letter-spacing:.06em;
overflow-wrap:anywhere;background:#f2f4f7;border-radius:.35rem;padding:.5rem .75rem}
.qr{display:block;width:13rem;max-width:100%;height:auto;margin:0 auto 1rem;
background:#fff}
details{margin:0 0 1rem}details .code{margin:.5rem 0 0}
.list{list-style:none;padding:0}
.list li{padding:.6rem 0;border-top:1px solid #c9d1da;overflow-wrap:anywhere}
.list .hint{display:block}
"""


def document(
    title: str, body: str, *, banner: str = "", aside: str = "", wide: bool = False
) -> str:
    """Return a whole page.

    Args:
        title: The page's name, as text.
        body: What stands in the page, as HTML.
        banner: The name of the site, as text.
        aside: What stands beside the site's name, as HTML.
        wide: Whether the page holds more than a form.
    """
    head = f"<header><p>{escape(banner)}</p>{aside}</header>" if banner else ""
    width = ' class="wide"' if wide else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{head}\n<main{width}>\n{body}\n</main>\n</body>\n</html>\n"
    )


def card(heading: str, body: str) -> str:
    """Return the one box of a page, with the page's heading."""
    return f'<div class="card">\n<h1>{escape(heading)}</h1>\n{body}\n</div>'


def problem(sentences: tuple[str, ...] | str) -> str:
    """Return what went wrong, announced by a screen reader; nothing for no sentence."""
    lines = (sentences,) if isinstance(sentences, str) else sentences
    if not any(lines):
        return ""
    told = "<br>".join(escape(line) for line in lines)
    return f'<div class="problem" role="alert" id="problem">{told}</div>'


def hidden(name: str, value: str) -> str:
    """Return a form field that nobody sees."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def text_field(
    name: str,
    label: str,
    *,
    kind: str = "text",
    autocomplete: str = "off",
    value: str = "",
    further: str = "",
    invalid: bool = False,
) -> str:
    """Return a form field under its label; `further` are attributes, as HTML."""
    wrong = ' aria-invalid="true" aria-describedby="problem"' if invalid else ""
    return (
        f'<label for="{name}">{escape(label)}</label>\n'
        f'<input id="{name}" name="{name}" type="{kind}" value="{escape(value)}" '
        f'autocomplete="{autocomplete}" autocapitalize="none" spellcheck="false" '
        f"required{wrong} {further}>"
    )
