"""The page put together: data, style and scripts in one file that asks for nothing."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from tsforecast.data.printable import printable_lines
from tsforecast.io.files import write_whole
from tsforecast.plots.explorer.payload import payload
from tsforecast.plots.figure import DARK, LIGHT
from tsforecast.plots.view import ForecastView

SCRIPTS = ("data.js", "chart.js", "brush.js", "list.js", "tables.js", "start.js")
# Nothing is fetched, whatever a page might be made to ask for.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
# Lines of candidates beside the chosen one, told apart on light and on dark paper (Okabe and Ito 2008).
_MORE = {
    "light": {"held2": "#009e73", "held3": "#b8860b", "held4": "#5f6b78", "held5": "#a0407a"},
    "dark": {"held2": "#3fc79c", "held3": "#e6c04c", "held4": "#aab4bf", "held5": "#e08fc0"},
}


def save_page(view: ForecastView, path: str, option: str = "--plot") -> None:
    """Write the page of a forecast.

    Args:
        view: At least one series.
        path: Where to.
        option: What asked for it, for the message of an error.

    Raises:
        NotReadableError: The file cannot be written.
    """
    write_whole(path, document(view).encode(), option)


def document(view: ForecastView) -> str:
    """The page as text.

    What comes from a file stands in it as escaped text or inside the JSON value, in which `<`, `>` and `&` are written
    as escapes: no name can end the element it stands in.
    """
    title, subtitle, caption = (escape(printable_lines(text)) for text in (view.title, view.subtitle, view.caption))
    report = f"<h2>Report</h2>\n<pre>{escape(printable_lines(view.report))}</pre>" if view.report else ""
    body = _asset("explorer.html").format(title=title, subtitle=subtitle, caption=caption, report=report)
    scripts = "\n".join(map(_asset, SCRIPTS))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_colours()}\n{_asset('uPlot.min.css')}\n{_asset('explorer.css')}</style>\n"
        f"</head>\n<body>\n{body}"
        f'<script type="application/json" id="data">{in_script(payload(view))}</script>\n'
        f"<!--\n{_asset('uPlot-LICENSE')}-->\n<script>{_asset('uPlot.iife.min.js')}</script>\n"
        f"<script>\n(() => {{\n'use strict';\n{scripts}}})();\n</script>\n</body>\n</html>\n"
    )


def in_script(value: Any) -> str:
    """JSON that may stand in a script element: nothing in it opens or closes one, or is a line end to a script."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


@cache
def _asset(name: str) -> str:
    return (files("tsforecast.plots.explorer") / "assets" / name).read_text(encoding="utf-8")


def _colours() -> str:
    """The palettes as variables; paper is light, whatever the screen is."""
    light, dark = (
        "color-scheme: {}; {}".format(
            name, " ".join(f"--{role}: {value};" for role, value in (base | _MORE[name]).items())
        )
        for name, base in (("light", LIGHT), ("dark", DARK))
    )
    return f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root:not(.paper) {{ {dark} }} }}"
