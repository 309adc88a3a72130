"""Dialects: how each tool writes an element's settings. One small module each; the engine reads only `settings.Settings`."""
