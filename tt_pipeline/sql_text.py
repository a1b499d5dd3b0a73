"""Texts and names in SQL that binds no values: attached files, comments, columns of other people's files."""


def sql_text(value: object) -> str:
    """The text of a value between apostrophes, for example a path."""
    return "'" + str(value).replace("'", "''") + "'"


def sql_name(name: str) -> str:
    """A name between quotation marks, so that every character is allowed."""
    return '"' + name.replace('"', '""') + '"'
