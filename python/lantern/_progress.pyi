"""The progress and the summary of a job."""

from typing import Any, Literal, final

@final
class Progress:
    """The state of a job at one moment, as returned by `Job.poll`, `wait` and `progress`.

    Example:
        >>> progress = job.progress()
        >>> progress
        <weekly [phone-email] done: 5 of 5 ids answered, 1 of 1 batches loaded, 11 of 30 credits
        spent>
        >>> progress.key, progress.state, progress.ended, progress.next
        ('weekly', 'done', True, 0.0)
        >>> progress.rows, progress.ids, progress.answered, progress.emails, progress.phones
        (5, 5, 5, 1, 2)
        >>> progress.reused
        0
        >>> progress.batches, progress.loaded, progress.in_flight, progress.failed
        (1, 1, 0, 0)
        >>> progress.credits, progress.committed, progress.max_credits
        (11, 0, 30)
    """

    @property
    def key(self) -> str:
        """Key of the job."""
    @property
    def state(self) -> Literal["running", "in_doubt", "budget_spent", "done"]:
        """State of the job.

        - `running`: there is more to send, to check or to load.
        - `in_doubt`: it is unknown whether a batch reached the API, and you have to decide.
        - `budget_spent`: everything that the budget pays for is loaded, and some ids are left.
        - `done`: everything is loaded.
        """
    @property
    def ended(self) -> bool:
        """Whether the job has ended: any state but `running`."""
    @property
    def rows(self) -> int:
        """Number of rows in the table."""
    @property
    def ids(self) -> int:
        """Number of distinct ids."""
    @property
    def answered(self) -> int:
        """Number of ids that were answered, including those for which nothing was found."""
    @property
    def reused(self) -> int:
        """Number of ids that were answered from the ledger's memory and cost nothing."""
    @property
    def emails(self) -> int:
        """Number of ids for which an e-mail address was found."""
    @property
    def phones(self) -> int:
        """Number of ids for which a phone number was found."""
    @property
    def batches(self) -> int:
        """Number of batches."""
    @property
    def loaded(self) -> int:
        """Number of batches whose result is loaded."""
    @property
    def in_flight(self) -> int:
        """Number of batches that were sent and are not loaded yet."""
    @property
    def in_doubt(self) -> int:
        """Number of batches of which it is unknown whether they reached the API."""
    @property
    def failed(self) -> int:
        """Number of batches whose run failed."""
    @property
    def credits(self) -> int:
        """Number of credits spent.

        If a batch's credit report cannot be read, its maximum cost is counted.
        """
    @property
    def committed(self) -> int:
        """Maximum number of credits that the batches in flight may still cost."""
    @property
    def max_credits(self) -> int:
        """Budget in credits."""
    @property
    def next(self) -> float:
        """Number of seconds until there is something to do; 0 if the job has ended."""
    def to_dict(self) -> dict[str, Any]:
        """Return all figures as a dictionary, under the ledger's names.

        `answered` is called `returned` and `credits` is called `spent`. Also included are `kind`,
        `planned` and `skipped` (batches), and `cut` (ids that the budget did not reach).

        Example:
            >>> job.progress().to_dict()
            {'key': 'weekly', 'kind': 'phone-email', 'state': 'done', 'rows': 5, 'ids': 5,
             'max_credits': 30, 'batches': 1, 'planned': 0, 'in_flight': 0, 'in_doubt': 0,
             'loaded': 1, 'failed': 0, 'skipped': 0, 'spent': 11, 'committed': 0, 'returned': 5,
             'emails': 1, 'phones': 2, 'cut': 0, 'reused': 0, 'held': 0, 'next': 0.0}
        """

@final
class Summary:
    """A job as a whole: what was found, what it cost, and what is missing and why.

    Example:
        >>> summary = job.summary()
        >>> print(summary)
        weekly [phone-email] done: 5 of 5 ids answered, 1 of 1 batches loaded, 11 of 30 credits
        spent
          e-mail addresses found for 20.0 % of the ids answered
          phone numbers found for 40.0 % of the ids answered
          2 rows found
          3 rows not found
        >>> summary.rows, summary.email_rate, summary.phone_rate, summary.progress.state
        ({'found': 2, 'not_found': 3}, 0.2, 0.4, 'done')
    """

    @property
    def progress(self) -> Progress:
        """State of the job."""
    @property
    def rows(self) -> dict[str, int]:
        """Number of rows by status (`found`, `not_found`, `missing`, ...), without zeros."""
    @property
    def email_rate(self) -> float | None:
        """Share of the answered ids with an e-mail address, 0 to 1; `None` if not requested."""
    @property
    def phone_rate(self) -> float | None:
        """Share of the answered ids with a phone number, 0 to 1; `None` if not requested."""
    @property
    def credits(self) -> int:
        """Number of credits spent."""
    def to_dict(self) -> dict[str, Any]:
        """Return the dictionary of `Progress.to_dict`, with the rows and rates added.

        The rows are under `row_status`, the rates under `email_rate` and `phone_rate`.

        Example:
            >>> job.summary().to_dict()["row_status"]
            {'found': 2, 'not_found': 3}
        """
    def plot(self) -> Any:
        """Draw what was found and the number of rows by status (an `altair.Chart`).

        Raises:
            ImportError: If Altair is not installed.

        Example:
            >>> job.summary().plot().to_dict()["title"]["subtitle"]
            '11 credits'
        """
    def _repr_html_(self) -> str: ...
