"""Learned matching models."""

from typing import Any, final

from lantern._table import Table
from lantern._types import PathLike

@final
class Model:
    """How matches agree, as it was learned; can be saved, read again and pickled.

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
        """Reads a model from JSON text.

        Args:
            text: What `to_json` wrote.

        Raises:
            InputError: No model, or one of another version.

        Example:
            >>> lantern.Model.from_json("{}")
            Traceback (most recent call last):
                ...
            lantern.exceptions.InputError: this is no matching model (...); save one with
            model.save()
        """
    @staticmethod
    def load(path: PathLike) -> Model:
        """Reads a model from a file.

        Args:
            path: The file that `save` wrote.

        Raises:
            InputError: The file cannot be read, or holds no model of this version.

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
        """The model as JSON text.

        Example:
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> import json
            >>> json.loads(model.to_json())["version"]
            2
        """
    def save(self, path: PathLike) -> None:
        """Writes the model to a file as JSON.

        Args:
            path: The file; one that is there is replaced.

        Raises:
            InputError: The file cannot be written.

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
        """Of each field and level of agreement, `m` and `u`: the shares of matches and others.

        `u` is null where it follows for each pair from how rare its values are: of equal values,
        and of names, which are compared word by word.

        Example:
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> model.table().column_names, model.table().to_pylist()[0]["agreement"]
            (['field', 'kind', 'agreement', 'm', 'u'], 'the same')
        """
    def plot(self) -> Any:
        """A chart of what was learned (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

        Example:
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> type(model.plot()).__name__.endswith("Chart")
            True
        """
    @property
    def matched(self) -> float:
        """The share of left rows that have a match; of duplicates, earlier duplicates a row."""
    def __eq__(self, other: object, /) -> bool: ...
