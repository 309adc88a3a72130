"""Dialects: how each tool writes an element's settings. One small module each; nodes read only `settings.Settings`."""
