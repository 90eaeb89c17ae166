"""Polars expressions: every similarity and normalizer under `.lantern`.

`import lantern` is enough: the namespace is registered as soon as both packages are imported, in
any order. Importing this module registers it explicitly.

The expressions are elementwise: Polars runs them in parallel and in its streaming engine, and the
work on a column is shared by all cores. The input must be text (String, Categorical, Enum, or a
column of nulls); for any other type, the error names the column, its type and the cast to write.
Null gives null. Works with Polars 1.20 and later, and is tested with 1.20 and 2.1.

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
    """The methods that expressions and series have in common, one for each function.

    `lantern.similarity` and `lantern.normalize` describe the functions in full, under the same
    names. Similarities are Float64 from 0 to 1; a similarity below `score_cutoff` is returned as 0.
    Distances are UInt32; a distance above `score_cutoff` is returned as `score_cutoff` + 1. `other`
    is the text to compare with. `default_region` and `country` are ISO 3166-1 alpha-2 codes
    (default `None`). Null gives null.

    Raises:
        InputError: If `score_cutoff` is out of range, or the region or country is invalid.
        polars.exceptions.ComputeError: If a column is not text. Raised when the expression runs.

    Example:
        >>> import lantern, polars as pl
        >>> names = pl.Series("name", ["Acme, Inc.", "ACME Corporation"])
        >>> names.lantern.company_key().to_list()
        ['acme', 'acme']
        >>> pl.select(pl.lit("Acme, Inc.").lantern.company_key()).item()
        'acme'
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
        """Return the Jaro similarity, based on characters that both strings have in near positions.

        Example:
            >>> pl.Series(["martha"]).lantern.jaro("marhta").round(3).to_list()
            [0.944]
        """
        return self._similarity("jaro", other, score_cutoff)

    def jaro_winkler(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the Jaro-Winkler similarity: Jaro, raised for strings with a common prefix.

        Example:
            >>> pl.Series(["martha"]).lantern.jaro_winkler("marhta").round(3).to_list()
            [0.961]
        """
        return self._similarity("jaro_winkler", other, score_cutoff)

    def levenshtein(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the Levenshtein similarity, based on insertions, deletions and replacements.

        Example:
            >>> pl.Series(["kitten"]).lantern.levenshtein("sitting").round(3).to_list()
            [0.571]
        """
        return self._similarity("levenshtein", other, score_cutoff)

    def osa(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the optimal string alignment similarity: Levenshtein, with swaps of neighbours.

        Example:
            >>> pl.Series(["Acme"]).lantern.osa("Amce").to_list()
            [0.75]
        """
        return self._similarity("osa", other, score_cutoff)

    def indel(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the Indel ratio, based on insertions and deletions only.

        Example:
            >>> pl.Series(["kitten"]).lantern.indel("sitting").round(3).to_list()
            [0.615]
        """
        return self._similarity("indel", other, score_cutoff)

    def lcs(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the length of the longest common subsequence, relative to the longer string.

        Example:
            >>> pl.Series(["kitten"]).lantern.lcs("sitting").round(3).to_list()
            [0.571]
        """
        return self._similarity("lcs", other, score_cutoff)

    def token_sort(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the token sort ratio: the Indel ratio of two texts after sorting their words.

        Example:
            >>> pl.Series(["Byron Ada"]).lantern.token_sort("Ada Byron").to_list()
            [1.0]
        """
        return self._similarity("token_sort", other, score_cutoff)

    def token_set(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the token set ratio: the similarity of two texts as sets of words.

        Example:
            >>> pl.Series(["Acme Corp"]).lantern.token_set("The Acme Corp of Ohio").to_list()
            [1.0]
        """
        return self._similarity("token_set", other, score_cutoff)

    def partial_ratio(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the partial ratio: the best Indel ratio of the shorter string within the longer.

        Example:
            >>> pl.Series(["Acme"]).lantern.partial_ratio("Acme Corporation").to_list()
            [1.0]
        """
        return self._similarity("partial_ratio", other, score_cutoff)

    def partial_token_sort(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the partial token sort ratio: the partial ratio after sorting the words.

        Example:
            >>> pl.Series(["Byron Ada"]).lantern.partial_token_sort("Ada Byron MD").to_list()
            [1.0]
        """
        return self._similarity("partial_token_sort", other, score_cutoff)

    def partial_token_set(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the partial token set ratio: 1 if a word is in both texts, else the partial ratio.

        Example:
            >>> pl.Series(["Acme Corp"]).lantern.partial_token_set("Acme Ohio").round(3).to_list()
            [1.0]
        """
        return self._similarity("partial_token_set", other, score_cutoff)

    def wratio(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the WRatio: the greatest of several ratios, each with a weight.

        Example:
            >>> pl.Series(["Acme Corp"]).lantern.wratio("The Acme Corp of Ohio").round(3).to_list()
            [0.9]
        """
        return self._similarity("wratio", other, score_cutoff)

    def names(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return how well the words of two names of people or organisations pair up, 0 to 1.

        Example:
            >>> pl.Series(["Bill Gates"]).lantern.names("GATES, William Henry").round(3).to_list()
            [0.908]
        """
        return self._similarity("names", other, score_cutoff)

    def qgram_jaccard(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the q-gram Jaccard similarity: the share of common pieces of three characters.

        Example:
            >>> pl.Series(["Acme Corp"]).lantern.qgram_jaccard("Acme Inc").round(3).to_list()
            [0.312]
        """
        return self._similarity("qgram_jaccard", other, score_cutoff)

    def qgram_cosine(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the q-gram cosine similarity: like `qgram_jaccard`, weighted by frequency.

        Example:
            >>> pl.Series(["Acme Corp"]).lantern.qgram_cosine("Acme Inc").round(3).to_list()
            [0.477]
        """
        return self._similarity("qgram_cosine", other, score_cutoff)

    def prefix(self, other: Other, *, score_cutoff: float | None = None) -> Made:
        """Return the length of the longest common prefix, relative to the longer string.

        Example:
            >>> pl.Series(["Acme Corp"]).lantern.prefix("Acme Inc").round(3).to_list()
            [0.556]
        """
        return self._similarity("prefix", other, score_cutoff)

    def levenshtein_distance(self, other: Other, *, score_cutoff: int | None = None) -> Made:
        """Return the Levenshtein distance: the number of insertions, deletions and replacements.

        Example:
            >>> pl.Series(["kitten"]).lantern.levenshtein_distance("sitting").to_list()
            [3]
        """
        return self._distance("levenshtein_distance", other, score_cutoff)

    def osa_distance(self, other: Other, *, score_cutoff: int | None = None) -> Made:
        """Return the optimal string alignment distance: Levenshtein, with swaps of neighbours.

        Example:
            >>> pl.Series(["Acme"]).lantern.osa_distance("Amce").to_list()
            [1]
        """
        return self._distance("osa_distance", other, score_cutoff)

    def company_key(self) -> Made:
        """Return the key of a company name, equal for all spellings of the same company.

        Example:
            >>> pl.Series(["The Müller & Söhne GmbH & Co. KG"]).lantern.company_key().to_list()
            ['muller sohne']
        """
        return self._normalize("company_key")

    def legal_form(self) -> Made:
        """Return the legal form in a company name, in its usual spelling.

        Example:
            >>> pl.Series(["Acme Sp. z o.o."]).lantern.legal_form().to_list()
            ['Sp. z o.o.']
        """
        return self._normalize("legal_form")

    def legal_form_country(self) -> Made:
        """Return the most likely country of a company, based on the legal form in its name.

        Example:
            >>> pl.Series(["Acme Sp. z o.o."]).lantern.legal_form_country().to_list()
            ['PL']
        """
        return self._normalize("legal_form_country")

    def acronym(self) -> Made:
        """Return the initials of a company name, without legal forms and joining words.

        Example:
            >>> pl.Series(["International Business Machines Corp."]).lantern.acronym().to_list()
            ['ibm']
        """
        return self._normalize("acronym")

    def person_key(self) -> Made:
        """Return the key of a full name, equal for all spellings of the same name.

        Example:
            >>> pl.Series(["Dr. Byron, Bob J. (Bobby) Jr."]).lantern.person_key().to_list()
            ['robert byron']
        """
        return self._normalize("person_key")

    def first_name_key(self) -> Made:
        """Return the key of one or several given names.

        Example:
            >>> pl.Series(["Bob J."]).lantern.first_name_key().to_list()
            ['robert']
        """
        return self._normalize("first_name_key")

    def last_name_key(self) -> Made:
        """Return the key of a surname.

        Example:
            >>> pl.Series(["van der Berg"]).lantern.last_name_key().to_list()
            ['vanderberg']
        """
        return self._normalize("last_name_key")

    def given_name_key(self) -> Made:
        """Return the key of the first given name in a full name.

        Example:
            >>> pl.Series(["Byron, Ada"]).lantern.given_name_key().to_list()
            ['ada']
        """
        return self._normalize("given_name_key")

    def family_name_key(self) -> Made:
        """Return the key of the family name in a full name.

        Example:
            >>> pl.Series(["Byron, Ada"]).lantern.family_name_key().to_list()
            ['byron']
        """
        return self._normalize("family_name_key")

    def email_key(self) -> Made:
        """Return the key of an e-mail address, equal for all spellings of the same mailbox.

        Example:
            >>> pl.Series(["Ada.Byron+news@GoogleMail.com"]).lantern.email_key().to_list()
            ['adabyron@gmail.com']
        """
        return self._normalize("email_key")

    def email_domain(self) -> Made:
        """Return the domain of an e-mail address, in full and in lower-case ASCII.

        Example:
            >>> pl.Series(["Ada@Mail.Acme.com"]).lantern.email_domain().to_list()
            ['mail.acme.com']
        """
        return self._normalize("email_domain")

    def is_free_email(self) -> Made:
        """Return whether an address or a domain belongs to a public mail provider.

        Example:
            >>> pl.Series(["ada@gmail.com"]).lantern.is_free_email().to_list()
            [True]
        """
        return self._normalize("is_free_email")

    def is_disposable_email(self) -> Made:
        """Return whether an address or a domain belongs to a provider of disposable mailboxes.

        Example:
            >>> pl.Series(["ada@mailinator.com"]).lantern.is_disposable_email().to_list()
            [True]
        """
        return self._normalize("is_disposable_email")

    def is_valid_email(self) -> Made:
        """Return whether a text is a valid e-mail address as it stands.

        Example:
            >>> pl.Series(["ada@acme"]).lantern.is_valid_email().to_list()
            [False]
        """
        return self._normalize("is_valid_email")

    def domain_key(self) -> Made:
        """Return the registrable domain of a URL, an e-mail address or a host name.

        Example:
            >>> pl.Series(["https://www.shop.acme.co.uk/x"]).lantern.domain_key().to_list()
            ['acme.co.uk']
        """
        return self._normalize("domain_key")

    def company_domain_key(self) -> Made:
        """Return the registrable domain, if it is a company's own.

        Example:
            >>> pl.Series(["ada@mail.acme.com"]).lantern.company_domain_key().to_list()
            ['acme.com']
        """
        return self._normalize("company_domain_key")

    def phone_e164(self, *, default_region: str | None = None) -> Made:
        """Return a phone number in E.164 format.

        Example:
            >>> pl.Series(["(415) 555-2671 x12"]).lantern.phone_e164(default_region="US").to_list()
            ['+14155552671']
        """
        return self._normalize("phone_e164", default_region)

    def phone_region(self, *, default_region: str | None = None) -> Made:
        """Return the region of a valid phone number.

        Example:
            >>> pl.Series(["+44 20 7946 0958"]).lantern.phone_region().to_list()
            ['GB']
        """
        return self._normalize("phone_region", default_region)

    def is_valid_phone(self, *, default_region: str | None = None) -> Made:
        """Return whether a text is a valid phone number in the numbering plan of its region.

        Example:
            >>> pl.Series(["+1 555"]).lantern.is_valid_phone().to_list()
            [False]
        """
        return self._normalize("is_valid_phone", default_region)

    def linkedin_slug(self) -> Made:
        """Return the slug of a LinkedIn page.

        Example:
            >>> pl.Series(["https://uk.linkedin.com/in/Ada-Byron-1815/"]).lantern.linkedin_slug().to_list()
            ['ada-byron-1815']
        """
        return self._normalize("linkedin_slug")

    def country_code(self) -> Made:
        """Return the ISO 3166-1 alpha-2 code of a country.

        Example:
            >>> pl.Series(["Deutschland"]).lantern.country_code().to_list()
            ['DE']
        """
        return self._normalize("country_code")

    def us_state(self) -> Made:
        """Return the code of a state or territory of the United States.

        Example:
            >>> pl.Series(["Calif."]).lantern.us_state().to_list()
            ['CA']
        """
        return self._normalize("us_state")

    def street_key(self) -> Made:
        """Return the key of a street address line.

        Example:
            >>> pl.Series(["123 N. Main St., Suite 400"]).lantern.street_key().to_list()
            ['123 north main street']
        """
        return self._normalize("street_key")

    def postal_code(self, *, country: str | None = None) -> Made:
        """Return a postal code in the form that its country uses.

        Example:
            >>> pl.Series(["2138"]).lantern.postal_code(country="US").to_list()
            ['02138']
        """
        return self._normalize("postal_code", country)

    def soundex(self) -> Made:
        """Return the American Soundex of each word: a letter and three digits.

        Example:
            >>> pl.Series(["Robert Smith"]).lantern.soundex().to_list()
            ['R163 S530']
        """
        return self._normalize("soundex")

    def metaphone(self) -> Made:
        """Return the Metaphone of each word, for English: up to four letters.

        Example:
            >>> pl.Series(["Robert Smith"]).lantern.metaphone().to_list()
            ['RBRT SM0']
        """
        return self._normalize("metaphone")

    def double_metaphone(self) -> Made:
        """Return the Double Metaphone of each word, for the most likely pronunciation.

        Example:
            >>> pl.Series(["Robert Smith"]).lantern.double_metaphone().to_list()
            ['RPRT SM0']
        """
        return self._normalize("double_metaphone")

    def double_metaphone_alternate(self) -> Made:
        """Return the Double Metaphone of each word, for the second most likely pronunciation.

        Example:
            >>> pl.Series(["Robert Smith"]).lantern.double_metaphone_alternate().to_list()
            ['RPRT XMT']
        """
        return self._normalize("double_metaphone_alternate")

    def nysiis(self) -> Made:
        """Return the NYSIIS code of each word, up to six letters.

        Example:
            >>> pl.Series(["Robert Smith"]).lantern.nysiis().to_list()
            ['RABAD SNAT']
        """
        return self._normalize("nysiis")

    def cologne(self) -> Made:
        """Return the Kölner Phonetik of each word, for German: digits.

        Example:
            >>> pl.Series(["Robert Schmidt"]).lantern.cologne().to_list()
            ['7172 862']
        """
        return self._normalize("cologne")


class Expressions(Methods["pl.Expr", "pl.Expr | pl.Series | str"]):
    """The methods under `pl.Expr.lantern`.

    A `str` to compare with is the name of a column, as everywhere in Polars. `pl.lit("x")` is a
    single value, which is prepared only once.

    Type checkers do not know namespaces: `lantern.polars.Expressions(pl.col("a")).jaro("b")` is the
    same as `pl.col("a").lantern.jaro("b")`, and typed.

    Args:
        expression: Expression whose values are compared or normalized.

    Example:
        >>> import lantern, polars as pl
        >>> df = pl.DataFrame({"a": ["Acme Corp", "Globex"], "b": ["Amce Corp", None]})
        >>> a = lantern.polars.Expressions(pl.col("a"))
        >>> df.select(a.osa_distance("b")).rows()
        [(1,), (None,)]
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
    """The methods under `pl.Series.lantern`.

    A `str` to compare with is a single value, which is prepared only once.

    Args:
        series: Series whose values are compared or normalized.

    Example:
        >>> import lantern, polars as pl
        >>> pl.Series(["Acme Corp", "Amce Corp", None]).lantern.osa_distance("Acme Corp").to_list()
        [0, 1, None]
    """

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
    """Run an expression once, because Polars does not promise a stable plugin interface."""
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
    """A namespace that is created anew at every use."""

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
