"""The columns that tables show: each kind alone, the usual pairs and triples, and full exports."""

from __future__ import annotations

from dataclasses import dataclass

# Of each attribute, its column's name in a database, in Salesforce, in a spreadsheet and in
# HubSpot.
HEADERS: dict[str, tuple[str, str, str, str]] = {
    "name": ("full_name", "Name", "Full Name", "Contact"),
    "first": ("first_name", "FirstName", "First Name", "First name"),
    "last": ("last_name", "LastName", "Last Name", "Surname"),
    "email": ("email", "Email", "E-mail", "Email Address"),
    "mobile": ("mobile", "MobilePhone", "Mobile", "Mobile Phone Number"),
    "phone": ("phone", "Phone", "Telephone", "Phone Number"),
    "company": ("company", "Company", "Company Name", "Associated Company"),
    "domain": ("domain", "Domain__c", "Domain", "Company Domain Name"),
    "website": ("website", "Website", "Web Site", "Website URL"),
    "linkedin": ("linkedin_url", "LinkedIn__c", "LinkedIn Profile", "LinkedIn"),
    "street": ("street", "BillingStreet", "Street", "Street Address"),
    "city": ("city", "BillingCity", "City", "City"),
    "postal": ("postal_code", "BillingPostalCode", "Zip Code", "Postal Code"),
    "country": ("country", "BillingCountry", "Country", "Country/Region"),
    "address": ("address", "BillingAddress", "Address", "Company Address"),
    "home_street": ("street", "MailingStreet", "Street", "Street Address"),
    "home_city": ("city", "MailingCity", "City", "City"),
    "home_postal": ("postal_code", "MailingPostalCode", "Zip Code", "Postal Code"),
    "home_address": ("address", "MailingAddress", "Address", "Mail Address"),
    "title": ("title", "Title", "Job Title", "Job Title"),
    "born": ("birth_date", "Birthdate", "Date of Birth", "Date of birth"),
    "employees": ("employees", "NumberOfEmployees", "Employees", "Number of Employees"),
    "founded": ("founded", "YearStarted", "Founded", "Year Founded"),
    "revenue": ("annual_revenue", "AnnualRevenue", "Company Revenue", "Annual Revenue"),
    "industry": ("industry", "Industry", "Industry", "Industry"),
    "owner": ("owner", "OwnerId", "Account Owner", "Contact owner"),
    "created": ("created_at", "CreatedDate", "Created", "Create Date"),
    "source": ("source", "LeadSource", "Lead Source", "Original Source"),
}  # fmt: skip
# An account's name is called so where nothing but accounts is meant.
ACCOUNT_HEADERS = ("account_name", "Name", "Account Name", "Name")


@dataclass(frozen=True)
class Columns:
    """A set of columns that describes people or companies."""

    name: str
    of: str
    attributes: tuple[str, ...]
    identifies: bool = True
    """Whether an exact copy of unique values shows who it is."""
    accounts: bool = False
    """Whether people of the left are matched with companies of the right."""


def sets(of: str, *lists: str, identifies: bool = True, accounts: bool = False) -> list[Columns]:
    return [
        Columns("+".join(attributes.split()), of, tuple(attributes.split()), identifies, accounts)
        for attributes in lists
    ]


FULL_CONTACT = "name first last title email phone mobile company home_street home_city home_postal country source owner created"
FULL_LEAD = (
    "name first last title company email phone mobile website street city postal country industry employees source owner "
    "created"
)
FULL_ACCOUNT = "company website phone street city postal country industry employees revenue founded owner created"
FULL_HUBSPOT = "first last email phone company domain city country title linkedin owner"

COLUMNS: list[Columns] = [
    *sets("person", "name", "email", "mobile", "linkedin"),
    *sets("company", "company", "domain", "website", "phone", "address"),
    *sets("person", "born", "home_city", "title", identifies=False),
    *sets("company", "city", "country", "employees", identifies=False),
    *sets("person", "first last", "name email", "name company", "name mobile", "name born", "name home_city",
          "name domain", "name title", "name home_street", "email company", "email mobile", "last company",
          "name phone", "name home_postal"),
    *sets("company", "company domain", "company city", "company country", "company phone", "company website",
          "company address", "domain country", "company employees", "company postal"),
    *sets("person", "first last email", "first last company", "first last mobile", "first last born",
          "name company home_city", "name email mobile", "first last home_postal", "name company title",
          "name company email", "first last phone", "name street city"),
    *sets("company", "company domain country", "company street city", "company phone city", "company city postal",
          "company website phone", "company employees founded", "company founded revenue"),
    Columns("contact export", "person", tuple(FULL_CONTACT.split())),
    Columns("lead export", "person", tuple(FULL_LEAD.split())),
    Columns("account export", "company", tuple(FULL_ACCOUNT.split())),
    Columns("hubspot export", "person", tuple(FULL_HUBSPOT.split())),
    *sets("company", "company domain city", "company country phone", accounts=True),
    Columns("leads to accounts", "company", tuple(FULL_ACCOUNT.split()), accounts=True),
]  # fmt: skip
BY_NAME = {columns.name + ("→account" if columns.accounts else ""): columns for columns in COLUMNS}


def header(attribute: str, style: int, of: str) -> str:
    if attribute == "company" and of == "company":
        return ACCOUNT_HEADERS[style]
    if attribute == "country" and of == "person":
        return HEADERS["country"][style].replace("Billing", "Mailing")
    return HEADERS[attribute][style]
