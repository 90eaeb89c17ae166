"""Tables whose truth is known, made of names, companies and addresses as the world has them.

`languages` holds what one language calls people, companies and places; `companies` and `people`
make entities of them, `noise` damages copies, `columns` names what a table shows, `tables` puts
these together, and `cases` has the situations that a random table rarely contains.
"""
