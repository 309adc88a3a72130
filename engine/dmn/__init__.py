"""Decisions: DMN files to models, evaluated with FEEL. (Being written by the lead right now, 19:10: helper, take forms first.)"""
