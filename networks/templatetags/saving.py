"""What the second of two who save is shown; a builtin, so no page loads it."""

from django import template
from django.template.loader import render_to_string

register = template.Library()


@register.simple_block_tag
def conflict(content, told, heading="", level=2):
    """The sentence `told`, and between the tags what someone else has saved, above the form that keeps one's own."""
    shown = {"told": told, "theirs": content if content.strip() else "", "heading": heading, "level": level}
    return render_to_string("_conflict.html", shown)
