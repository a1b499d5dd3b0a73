"""Builds the documentation site: the pages of the tree, a page for each command, and the data dictionary.

The pages are laid out as in the tree, so that links between them lead to the same place in the site and in an editor.
"""
