"""What can go wrong, as sentences with named fields.

Every error a person may read is raised with an English template and its fields. The template is the key by
which the window finds the Chinese sentence, so a template never contains a value. A patient's name is never a
field: these texts reach log lines.
"""

from __future__ import annotations


class CosightError(Exception):
    """A refusal or failure told in one clear sentence.

    Args:
        template: an English sentence with ``{named}`` fields.
        fields: the values of the fields.
    """

    def __init__(self, template: str, **fields: object) -> None:
        self.template = template
        self.fields = fields
        super().__init__(template.format(**fields) if fields else template)

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross from the killable child as they are, whatever their constructor takes."""
        return _restored, (type(self), self.args, self.__dict__)


class BadInput(CosightError):
    """Bytes, a file or an argument that cannot be taken, naming what and where."""


class NotFound(CosightError):
    """A study, report, person or node that this station does not know."""


class LineFailure(CosightError):
    """The archive could not be reached or answered with a failure; trying again may help."""


class StoreFailure(CosightError):
    """The local store could not keep or read something (disk full, read-only, damaged)."""


class SignatureFailure(CosightError):
    """A signature, certificate, password or key that does not hold."""


class Refusal(CosightError):
    """An act that the rules of the reading room forbid.

    Attributes:
        rule: the name of the rule, one of ``workstation.domain.report.RULES``.
    """

    def __init__(self, rule: str, template: str, **fields: object) -> None:
        super().__init__(template, **fields)
        self.rule = rule


def _restored(
    kind: type[CosightError], args: tuple[object, ...], state: dict[str, object]
) -> CosightError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
