"""How far a job is, and its summary."""

from typing import Any, Literal, final

@final
class Progress:
    """A job at one moment: what `job.poll()`, `job.wait()` and `job.progress()` answer.

    Example:
        >>> progress = job.progress()
        >>> progress
        <weekly [phone-email] done: 5 of 5 ids answered, 1 of 1 batches loaded, 11 of 30 credits
        spent>
        >>> progress.key, progress.state, progress.ended, progress.next
        ('weekly', 'done', True, 0.0)
        >>> progress.rows, progress.ids, progress.answered, progress.emails, progress.phones
        (5, 5, 5, 1, 2)
        >>> progress.batches, progress.loaded, progress.in_flight, progress.failed
        (1, 1, 0, 0)
        >>> progress.credits, progress.committed, progress.max_credits
        (11, 0, 30)
    """

    @property
    def key(self) -> str:
        """The job's key."""
    @property
    def state(self) -> Literal["running", "in_doubt", "budget_spent", "done"]:
        """What the job is doing.

        `budget_spent`: all is loaded that the budget reaches, and ids are left that it does not
        reach. `in_doubt`: a batch may have been sent, and a person has to decide.
        """
    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself: any state but `running`."""
    @property
    def rows(self) -> int:
        """Rows of the table."""
    @property
    def ids(self) -> int:
        """Distinct ids."""
    @property
    def answered(self) -> int:
        """Ids that have an answer, be it that nothing was found."""
    @property
    def emails(self) -> int:
        """Ids for which an e-mail address was found."""
    @property
    def phones(self) -> int:
        """Ids for which a phone number was found."""
    @property
    def batches(self) -> int:
        """Batches in all."""
    @property
    def loaded(self) -> int:
        """Batches whose result is here."""
    @property
    def in_flight(self) -> int:
        """Batches that are sent and not loaded."""
    @property
    def in_doubt(self) -> int:
        """Batches that may have been sent."""
    @property
    def failed(self) -> int:
        """Batches whose run failed."""
    @property
    def credits(self) -> int:
        """Credits spent; a batch whose report cannot be read counts with all it may have cost."""
    @property
    def committed(self) -> int:
        """Credits that batches in flight may still cost."""
    @property
    def max_credits(self) -> int:
        """The budget in credits."""
    @property
    def next(self) -> float:
        """Seconds until there is something to do; 0 if the job has ended."""
    def to_dict(self) -> dict[str, Any]:
        """All of it as a dictionary, under the ledger's names.

        `answered` is `returned` here and `credits` is `spent`; and there are `kind`, `planned` and
        `skipped` (batches), and `cut` (ids that the budget did not reach).

        Example:
            >>> job.progress().to_dict()
            {'key': 'weekly', 'kind': 'phone-email', 'state': 'done', 'rows': 5, 'ids': 5,
             'max_credits': 30, 'batches': 1, 'planned': 0, 'in_flight': 0, 'in_doubt': 0,
             'loaded': 1, 'failed': 0, 'skipped': 0, 'spent': 11, 'committed': 0, 'returned': 5,
             'emails': 1, 'phones': 2, 'cut': 0, 'next': 0.0}
        """

@final
class Summary:
    """A job as a whole: what was found, what it cost, what is missing and why.

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
        """How far the job is."""
    @property
    def rows(self) -> dict[str, int]:
        """Rows by status (`found`, `not_found`, `missing`, `over_budget`, ...), without zeros."""
    @property
    def email_rate(self) -> float | None:
        """E-mail addresses found, as a part (0..1) of the ids answered; None if not asked for."""
    @property
    def phone_rate(self) -> float | None:
        """Phone numbers found, as a part (0..1) of the ids answered; None if not asked for."""
    @property
    def credits(self) -> int:
        """Credits spent."""
    def to_dict(self) -> dict[str, Any]:
        """What `Progress.to_dict` answers, and `row_status`, `email_rate` and `phone_rate`.

        Example:
            >>> job.summary().to_dict()["row_status"]
            {'found': 2, 'not_found': 3}
        """
    def plot(self) -> Any:
        """A chart of what was found and of the rows by status (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

        Example:
            >>> job.summary().plot().to_dict()["title"]["subtitle"]
            '11 credits'
        """
    def _repr_html_(self) -> str: ...
