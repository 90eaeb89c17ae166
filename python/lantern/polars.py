"""Polars expressions: every similarity and normalizer under `.lantern`.

`import lantern` is enough: the namespace is there as soon as both packages are imported, in either
order. Importing this module does the same by hand.

The expressions are elementwise: Polars runs them in parallel and in its streaming engine, and the
work on a column is shared among all cores. Text goes in (String, Categorical, Enum, or a column of
nulls); another type is an error that names the column, its type and the cast to write. Null gives
null. Works with Polars from 1.20 on, tested on 1.20 and 2.1.

Example:
    >>> import lantern, polars as pl
    >>> df = pl.DataFrame({"a": ["Acme Corp", "Globex"], "b": ["Acme Corporation", None]})
    >>> df.select(
    ...     key=pl.col("b").lantern.company_key(),
    ...     alike=pl.col("a").lantern.jaro_winkler("b"),
    ...     acme=pl.col("a").lantern.jaro_winkler(pl.lit("Acme Corp"), score_cutoff=0.9),
    ... ).rows()
    [('acme', 0.9125, 1.0), (None, None, 0.0)]
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

from lantern import _lantern

try:
    import polars as pl
    from polars.plugins import register_plugin_function
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "lantern.polars needs Polars 1.20 or later, which is not installed: "
        "pip install 'polars>=1.20'",
        name="polars",
    ) from None

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lantern._lantern import _Key, _Question

__all__ = ["Expressions", "Methods", "Values"]

OLDEST = (1, 20)

Made = TypeVar("Made")
Other = TypeVar("Other")


class Methods(Generic[Made, Other]):
    """What expressions and series have in common: a method for every function.

    `lantern.similarity` and `lantern.normalize` describe them in full, under the same names.
    """

    def _apply(
        self, function: str, others: list[Other], kwargs: Mapping[str, object]
    ) -> Made:  # pragma: no cover
        raise NotImplementedError

    def _similarity(self, name: str, other: Other, score_cutoff: float | None) -> Made:
        _lantern._similarity(name, "", "", score_cutoff)  # A wrong cut-off is said at once.
        cutoff = None if score_cutoff is None else float(score_cutoff)
        return self._apply("similarity", [other], {"name": name, "score_cutoff": cutoff})

    def _distance(self, name: str, other: Other, score_cutoff: int | None) -> Made:
        _lantern._distance(name, "", "", score_cutoff)
        cutoff = None if score_cutoff is None else int(score_cutoff)
        return self._apply("distance", [other], {"name": name, "score_cutoff": cutoff})

    def _normalize(self, name: _Key | _Question, parameter: str | None = None) -> Made:
        _lantern._normalize(name, "", parameter)  # A wrong region is said at once.
        return self._apply("normalize", [], {"name": name, "parameter": parameter})

    def jaro(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Jaro similarity: characters in common within half the longer string's length."""
        return self._similarity("jaro", other, score_cutoff)

    def jaro_winkler(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Jaro-Winkler similarity: Jaro, raised for strings that begin alike."""
        return self._similarity("jaro_winkler", other, score_cutoff)

    def levenshtein(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Levenshtein similarity: by insertions, deletions and replacements."""
        return self._similarity("levenshtein", other, score_cutoff)

    def osa(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Optimal string alignment: Levenshtein's edits, and swaps of two neighbours."""
        return self._similarity("osa", other, score_cutoff)

    def indel(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Indel ratio: by insertions and deletions alone."""
        return self._similarity("indel", other, score_cutoff)

    def lcs(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Longest common subsequence: the most characters in the same order in both strings."""
        return self._similarity("lcs", other, score_cutoff)

    def token_sort(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Token sort ratio: the Indel ratio of two texts whose words are put in order first."""
        return self._similarity("token_sort", other, score_cutoff)

    def token_set(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Token set ratio: how alike two texts are as sets of words."""
        return self._similarity("token_set", other, score_cutoff)

    def partial_ratio(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Partial ratio: how well the shorter string fits the best place of the longer one."""
        return self._similarity("partial_ratio", other, score_cutoff)

    def qgram_jaccard(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """q-gram Jaccard similarity: how many pieces of three characters two strings share."""
        return self._similarity("qgram_jaccard", other, score_cutoff)

    def qgram_cosine(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """q-gram cosine similarity: the same pieces as `qgram_jaccard`, by how often they occur."""
        return self._similarity("qgram_cosine", other, score_cutoff)

    def prefix(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Longest common prefix: how much of two strings is the same from their beginning on."""
        return self._similarity("prefix", other, score_cutoff)

    def levenshtein_distance(self, other: Other, *, score_cutoff: int | None = None) -> Made:
        """Levenshtein distance: insertions, deletions and replacements."""
        return self._distance("levenshtein_distance", other, score_cutoff)

    def osa_distance(self, other: Other, *, score_cutoff: int | None = None) -> Made:
        """Optimal string alignment distance: Levenshtein's edits, and swaps of neighbours."""
        return self._distance("osa_distance", other, score_cutoff)

    def company_key(self) -> Made:
        """The key of a company name, by which spellings of one company are equal."""
        return self._normalize("company_key")

    def legal_form(self) -> Made:
        """The legal form in a company's name, in its usual spelling."""
        return self._normalize("legal_form")

    def legal_form_country(self) -> Made:
        """The likeliest country of a company, by the legal form in its name."""
        return self._normalize("legal_form_country")

    def acronym(self) -> Made:
        """The initials of a company's name, without legal forms and joining words."""
        return self._normalize("acronym")

    def person_key(self) -> Made:
        """The key of a full name, by which spellings of one person's name are equal."""
        return self._normalize("person_key")

    def first_name_key(self) -> Made:
        """The key of a field of given names."""
        return self._normalize("first_name_key")

    def last_name_key(self) -> Made:
        """The key of a field of surnames."""
        return self._normalize("last_name_key")

    def given_name_key(self) -> Made:
        """The key of the first given name in a full name."""
        return self._normalize("given_name_key")

    def family_name_key(self) -> Made:
        """The key of the family name in a full name."""
        return self._normalize("family_name_key")

    def email_key(self) -> Made:
        """The key of an e-mail address, by which spellings of one mailbox are equal."""
        return self._normalize("email_key")

    def email_domain(self) -> Made:
        """The domain of an e-mail address, whole and in lower-case ASCII."""
        return self._normalize("email_domain")

    def is_free_email(self) -> Made:
        """Whether an address or a domain is of a provider that gives mailboxes to anyone."""
        return self._normalize("is_free_email")

    def is_disposable_email(self) -> Made:
        """Whether an address or a domain is of a provider of throw-away mailboxes."""
        return self._normalize("is_disposable_email")

    def is_valid_email(self) -> Made:
        """Whether text is an e-mail address as it stands."""
        return self._normalize("is_valid_email")

    def domain_key(self) -> Made:
        """The registrable domain of a URL, an e-mail address or a host name."""
        return self._normalize("domain_key")

    def company_domain_key(self) -> Made:
        """The registrable domain, where it is a company's own."""
        return self._normalize("company_domain_key")

    def phone_e164(self, *, default_region: str | None = None) -> Made:
        """A phone number in E.164."""
        return self._normalize("phone_e164", default_region)

    def phone_region(self, *, default_region: str | None = None) -> Made:
        """The region that a valid phone number belongs to."""
        return self._normalize("phone_region", default_region)

    def is_valid_phone(self, *, default_region: str | None = None) -> Made:
        """Whether text is a valid phone number, by the digits that its region assigns."""
        return self._normalize("is_valid_phone", default_region)

    def linkedin_slug(self) -> Made:
        """The slug of a LinkedIn page."""
        return self._normalize("linkedin_slug")

    def country_code(self) -> Made:
        """The ISO 3166-1 alpha-2 code of a country."""
        return self._normalize("country_code")

    def us_state(self) -> Made:
        """The code of a state or territory of the United States."""
        return self._normalize("us_state")

    def street_key(self) -> Made:
        """The key of a street line."""
        return self._normalize("street_key")

    def postal_code(self, *, country: str | None = None) -> Made:
        """A postal code in the form that its country writes."""
        return self._normalize("postal_code", country)

    def soundex(self) -> Made:
        """The American Soundex of every word: a letter and three digits."""
        return self._normalize("soundex")

    def metaphone(self) -> Made:
        """The Metaphone of every word: English, up to four letters."""
        return self._normalize("metaphone")

    def double_metaphone(self) -> Made:
        """The Double Metaphone of every word, for the likeliest pronunciation."""
        return self._normalize("double_metaphone")

    def double_metaphone_alternate(self) -> Made:
        """The Double Metaphone of every word, for the other pronunciation."""
        return self._normalize("double_metaphone_alternate")

    def nysiis(self) -> Made:
        """The NYSIIS code of every word, up to six letters."""
        return self._normalize("nysiis")

    def cologne(self) -> Made:
        """The Kölner Phonetik of every word, for German: digits."""
        return self._normalize("cologne")


class Expressions(Methods["pl.Expr", "pl.Expr | pl.Series | str"]):
    """`pl.Expr.lantern`.

    A `str` to compare with is the name of a column, as everywhere in Polars; `pl.lit("x")` is a
    single value, which is prepared once.

    Type checkers do not see namespaces: `lantern.polars.Expressions(pl.col("a")).jaro("b")` is the
    same as `pl.col("a").lantern.jaro("b")`, and typed.
    """

    def __init__(self, expression: pl.Expr) -> None:
        self._expression = expression

    def _apply(
        self,
        function: str,
        others: list[pl.Expr | pl.Series | str],
        kwargs: Mapping[str, object],
    ) -> pl.Expr:
        _check()
        return _plugin(function, [self._expression, *others], kwargs)


class Values(Methods["pl.Series", "pl.Series | str"]):
    """`pl.Series.lantern`. A `str` to compare with is a single value, which is prepared once."""

    def __init__(self, series: pl.Series) -> None:
        self._series = series

    def _apply(
        self, function: str, others: list[pl.Series | str], kwargs: Mapping[str, object]
    ) -> pl.Series:
        literals: list[pl.Expr | pl.Series | str] = [pl.lit(other) for other in others]
        expression = Expressions(pl.lit(self._series))._apply(function, literals, kwargs)
        return pl.select(expression).to_series()


def _plugin(
    function: str, args: list[pl.Expr | pl.Series | str], kwargs: Mapping[str, object]
) -> pl.Expr:
    return register_plugin_function(
        plugin_path=_lantern.__file__,
        function_name=function,
        args=args,
        kwargs=dict(kwargs),
        is_elementwise=True,
    )


def _run_once() -> None:
    """Runs an expression once: Polars does not promise that its plugins' interface stays."""
    kwargs = {"name": "company_key", "parameter": None}
    try:
        key = pl.select(_plugin("normalize", [pl.lit("Acme Inc.")], kwargs)).item()
    except (Exception, pl.exceptions.PanicException) as error:
        raise ImportError(_refused()) from error
    if key != "acme":
        raise ImportError(_refused())


_check = cache(_run_once)


def _refused() -> str:
    return (
        f"Polars {pl.__version__} does not run the expressions of lantern {_lantern.__version__}, "
        "which are tested with 1.20 to 2.1: pip install 'polars>=1.20,<2.2'; lantern.similarity "
        "and lantern.normalize work with any"
    )


class _Namespace:
    """Makes a namespace anew at every use."""

    def __init__(self, make: Callable[..., object]) -> None:
        self._make = make

    def __get__(self, instance: object | None, owner: type) -> object:
        return self._make if instance is None else self._make(instance)


def _register() -> None:
    version = tuple(int(part) for part in pl.__version__.split(".")[:2])
    if version < OLDEST:
        raise ImportError(
            f"lantern's expressions need Polars 1.20 or later, and {pl.__version__} is "
            "installed: pip install --upgrade polars"
        )
    pl.api.register_expr_namespace("lantern")(Expressions)
    pl.api.register_series_namespace("lantern")(Values)
    # Polars keeps a namespace in the object that it belongs to, and the two hold each other: the
    # memory of a column would be free only when Python looks for such cycles.
    pl.Expr.lantern = _Namespace(Expressions)  # type: ignore[attr-defined]
    pl.Series.lantern = _Namespace(Values)  # type: ignore[attr-defined]


_register()
