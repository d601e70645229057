"""Figures with their downloads: PNG and SVG as the browser draws them, CSV of the numbers behind."""

from .showing import show

__all__ = ["show"]
