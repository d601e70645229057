"""Answer questions about networks: what a server asks."""

from __future__ import annotations

import click

from ..runs import answer_questions

__all__ = ["lens_verb"]


@click.command("lens", hidden=True)
@click.argument("descriptor", type=int)
def lens_verb(descriptor: int) -> int:
    """Of nobody's use but a server's, which asks at DESCRIPTOR."""
    answer_questions(descriptor)
    return 0
