"""Gradio, imported without the type stubs that it otherwise writes of its components at every import, which is half of the import's time."""

import inspect


def _no_file(_) -> str:
    """As if the sources of classes could not be found: then Gradio writes no stubs."""
    raise FileNotFoundError


_getfile, inspect.getfile = inspect.getfile, _no_file
try:
    import gradio as gr
finally:
    inspect.getfile = _getfile

__all__ = ["gr"]
