"""Every similarity and normalizer as a vectorized SQL function in DuckDB.

The functions are those of `lantern.similarity` and `lantern.normalize` with the prefix `lantern_`,
because DuckDB has its own `levenshtein` and `prefix`: `lantern_jaro_winkler(a, b)`,
`lantern_company_key(name)`. Functions for phone numbers and postal codes take the region or country
as an optional second argument, the same for all rows or one per row: `lantern_phone_e164(phone,
'US')`.

Similarities are DOUBLE from 0 to 1, distances UINTEGER, questions BOOLEAN and keys VARCHAR. The
result is NULL for NULL and for text without a key. A region that is NULL counts as missing.

Example:
    >>> import duckdb, lantern
    >>> con = duckdb.connect()
    >>> lantern.duckdb.register(con)
    >>> con.sql("select lantern_jaro_winkler('martha', 'marhta') > 0.96").fetchall()
    [(True,)]
    >>> con.sql("select lantern_phone_e164('(415) 555-2671', 'US')").fetchall()
    [('+14155552671',)]
    >>> con.close()
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from lantern import _lantern, similarity

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb
    import pyarrow

    from lantern._columns import Column
    from lantern._lantern import _Key, _Question

    _Function = Callable[..., pyarrow.ChunkedArray]

__all__ = ["register"]

WITH_PARAMETER = ("phone_e164", "phone_region", "is_valid_phone", "postal_code")


def register(con: duckdb.DuckDBPyConnection, *, prefix: str = "lantern_") -> None:
    """Register all functions in a connection. Functions that were registered before are replaced.

    Args:
        con: Connection to DuckDB. Its cursors share the functions.
        prefix: Prefix of every name (default `lantern_`).

    Raises:
        ValueError: If `prefix` is empty, because some names are DuckDB's own.
        ModuleNotFoundError: If PyArrow is not installed, which DuckDB needs to pass the rows.

    Example:
        >>> import duckdb, lantern
        >>> con = duckdb.connect()
        >>> lantern.duckdb.register(con, prefix="l_")
        >>> con.sql("select l_company_key('The Acme Corporation, Inc.')").fetchall()
        [('acme',)]
        >>> con.close()
    """
    if not prefix:
        raise ValueError(
            "the prefix is empty, and DuckDB has functions of its own named levenshtein and "
            "prefix; leave it out, or give another one"
        )
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "lantern.duckdb needs PyArrow, by which DuckDB hands over the rows: "
            "pip install pyarrow",
            name="pyarrow",
        ) from error
    for name in similarity.__all__:
        kind = "UINTEGER" if name.endswith("_distance") else "DOUBLE"
        _replace(con, prefix + name, _compare(name), ["VARCHAR", "VARCHAR"], kind)
    for normalizer, _ in _lantern._normalizers():
        kind = "BOOLEAN" if normalizer.startswith("is_") else "VARCHAR"
        if normalizer in WITH_PARAMETER:
            # DuckDB has no optional parameters, but takes any number of any type.
            _replace(con, prefix + normalizer, _normalize_by(normalizer, prefix), None, kind)
        else:
            _replace(con, prefix + normalizer, _normalize(normalizer), ["VARCHAR"], kind)


def _replace(
    con: duckdb.DuckDBPyConnection,
    name: str,
    function: Callable[..., pyarrow.ChunkedArray],
    parameters: list[Any] | None,
    kind: str,
) -> None:
    import duckdb

    with contextlib.suppress(duckdb.InvalidInputException):  # It was not registered.
        con.remove_function(name)
    # By default DuckDB would refuse a NULL for text that has no key.
    settings: dict[str, Any] = {"type": "arrow", "null_handling": "special"}
    con.create_function(name, function, parameters, kind, **settings)


# DuckDB evaluates the annotations of what is registered, and these are for type checkers alone:
# lambdas have none.


def _compare(name: str) -> _Function:
    compare = _lantern._distance if name.endswith("_distance") else _lantern._similarity
    return lambda a, b: _made(compare(name, a, b))


def _normalize(name: _Key | _Question) -> _Function:
    return lambda text: _made(_lantern._normalize(name, text))


def _normalize_by(name: _Key | _Question, prefix: str) -> _Function:
    return lambda *arguments: _with_parameter(name, prefix, arguments)


def _made(column: float | str | Column | None) -> pyarrow.ChunkedArray:
    import pyarrow

    return pyarrow.chunked_array(column)


def _with_parameter(
    name: _Key | _Question, prefix: str, arguments: tuple[pyarrow.ChunkedArray, ...]
) -> pyarrow.ChunkedArray:
    import pyarrow

    if len(arguments) not in (1, 2):
        raise TypeError(f"{prefix}{name} takes a text, and at most one region or country")
    for argument in arguments:
        if not (pyarrow.types.is_string(argument.type) or argument.null_count == len(argument)):
            raise TypeError(
                f"{prefix}{name} takes text, and was given {argument.type}; cast it first: "
                "x::VARCHAR"
            )
    text, *parameters = (argument.cast(pyarrow.string()) for argument in arguments)
    codes = parameters[0].unique().to_pylist() if parameters else [None]
    if len(codes) == 1:
        return _made(_lantern._normalize(name, text, codes[0]))
    return _by_row(name, text, parameters[0].combine_chunks(), codes)


def _by_row(
    name: _Key | _Question,
    text: pyarrow.ChunkedArray,
    parameters: pyarrow.Array,
    codes: list[str | None],
) -> pyarrow.ChunkedArray:
    """Normalize each row by its own region, with one call per region."""
    import pyarrow
    import pyarrow.compute

    kind = pyarrow.bool_() if name.startswith("is_") else pyarrow.string()
    keys = pyarrow.nulls(len(text), kind)
    for code in codes:
        if code is None:
            rows = parameters.is_null()
        else:
            rows = pyarrow.compute.equal(parameters, code).fill_null(False)
        made = _made(_lantern._normalize(name, text.filter(rows), code))
        keys = pyarrow.compute.replace_with_mask(keys, rows, made.combine_chunks())
    return pyarrow.chunked_array([keys])
