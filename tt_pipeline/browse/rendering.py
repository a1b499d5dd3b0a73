"""Writes the pages from templates; whatever a value contains, the browser shows it as text."""

from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tt_pipeline.counted import counted

_SHOWN_CONTROLS: Final = (
    {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"}
    | {0x7F: "\u2421"}
    | dict.fromkeys(range(0x80, 0xA0), "\ufffd")
)


def visible(text: str, longest: int | None = None) -> str:
    """The text with signs in the place of control characters, which browsers drop; longer texts end with an ellipsis.

    Args:
        text: Any text.
        longest: Characters that are kept; None for all.
    """
    kept = text if longest is None or len(text) <= longest else f"{text[:longest]}…"
    return kept.translate(_SHOWN_CONTROLS)


def shown(value: str | None, longest: int | None = None) -> Markup:
    """A value as HTML: isolated, so that its writing direction ends with it; NULL and empty texts are named."""
    if value is None:
        return Markup('<span class="none">NULL</span>')
    if not value:
        return Markup('<span class="none">empty text</span>')
    return Markup("<bdi>{}</bdi>").format(visible(value, longest))


def breakable(name: str) -> Markup:
    """A name as HTML that may break after an underscore."""
    return Markup("_<wbr>").join(visible(name).split("_"))  # join escapes the parts


_TEMPLATES: Final = Environment(
    loader=PackageLoader("tt_pipeline.browse"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "visible": visible,
    "shown": shown,
    "breakable": breakable,
    "thousands": "{:,}".format,
    "counted": counted,
}


def rendered(template: str, **values: Any) -> str:
    """A page as HTML."""
    return _TEMPLATES.get_template(template).render(**values)
