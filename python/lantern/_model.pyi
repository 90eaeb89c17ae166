"""Learned matching models."""

from typing import Any, final

from lantern._table import Table
from lantern._types import PathLike

@final
class Model:
    """A learned matching model, as returned by `lantern.learn`. Can be saved and pickled.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     people = server.people()
        >>> model = lantern.learn(people, fields=["first_name", "last_name"])
        >>> lantern.Model.from_json(model.to_json()) == model, 0 < model.matched < 1
        (True, True)
        >>> duplicates = lantern.dedupe(people, fields=["first_name", "last_name"], model=model)
        >>> duplicates.pairs.model == model
        True
    """

    @staticmethod
    def from_json(text: str) -> Model:
        """Read a model from JSON text.

        Args:
            text: Text that `to_json` returned.

        Raises:
            InputError: If the text is not a model, or is one of another version.

        Example:
            >>> lantern.Model.from_json("{}")
            Traceback (most recent call last):
                ...
            lantern.exceptions.InputError: this is no matching model (...); save a model first
        """
    @staticmethod
    def load(path: PathLike) -> Model:
        """Read a model from a file.

        Args:
            path: File that `save` wrote.

        Raises:
            InputError: If the file cannot be read, or does not contain a model of this version.

        Example:
            >>> import pathlib, tempfile
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = pathlib.Path(folder, "people.json")
            ...     model.save(path)
            ...     lantern.Model.load(path) == model
            True
        """
    def to_json(self) -> str:
        """Return the model as JSON text.

        Example:
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> import json
            >>> json.loads(model.to_json())["version"]
            4
        """
    def save(self, path: PathLike) -> None:
        """Write the model to a file as JSON.

        Args:
            path: File to write. An existing file is replaced.

        Raises:
            InputError: If the file cannot be written.

        Example:
            >>> import os, pathlib, tempfile
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     model.save(pathlib.Path(folder, "people.json"))
            ...     os.listdir(folder)
            ['people.json']
        """
    def table(self) -> Table:
        """Return `m` and `u` for each field and level of agreement.

        `m` is the share of matching pairs at this level, `u` that of other pairs. `u` is null where
        it is computed for each pair from how rare its values are: for equal values, and for names,
        which are compared word by word.

        Example:
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> model.table().column_names, model.table().to_pylist()[0]["agreement"]
            (['field', 'kind', 'agreement', 'm', 'u'], 'the same')
        """
    def plot(self) -> Any:
        """Draw `m` and `u` of each level, on a logarithmic scale (an `altair.Chart`).

        Raises:
            ImportError: If Altair is not installed.

        Example:
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> type(model.plot()).__name__.endswith("Chart")
            True
        """
    @property
    def matched(self) -> float:
        """Share of left rows with a match; for duplicates, earlier duplicates per row."""
    def _repr_html_(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
