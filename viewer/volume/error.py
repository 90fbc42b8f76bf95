"""The one exception of the imaging engine: a sentence for the reader, ready for translation.

It carries the English template and its fields apart, so that the window can say the same thing
in another language. It never carries a patient's name or a path.
"""

from __future__ import annotations


class ImageError(Exception):
    """An image cannot be shown, measured or made into a volume; the sentence says why.

    Attributes:
        template: the English sentence with `{fields}`, the key for translation.
        fields: the values for the fields.
    """

    def __init__(self, template: str, **fields: object) -> None:
        """Fields are substituted by `str.format`."""
        super().__init__(template.format(**fields))
        self.template = template
        self.fields = fields

    def __reduce__(self) -> tuple[object, ...]:
        """Travels between processes with its template and fields."""
        return (_restored, (self.template, self.fields))


def _restored(template: str, fields: dict[str, object]) -> ImageError:
    return ImageError(template, **fields)
