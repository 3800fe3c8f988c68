"""What a query of the synthetic data set is called in words: the question and the chain of thought."""

import random

from sample_queries import AGGREGATE_WORDS, Filter, Query, quote


def say_filter(f: Filter, rng: random.Random) -> str:
    if f.column in f.table.categories:
        value = rng.choice((str(f.value), str(f.value), f'"{f.value}"', f"“{f.value}”"))
        return rng.choice(f.table.categories[f.column].says).format(v=value)
    if f.column in f.table.numbers:
        words = {
            ">": ("above", "over", "greater than"),
            "<": ("below", "under", "less than"),
            ">=": ("of at least", "of no less than"),
        }
        return f"with {f.table.numbers[f.column][0]} {rng.choice(words[f.operator])} {f.value}"
    return f"that {f.table.date[1]} {rng.choice(('since', 'on or after') if f.operator == '>=' else ('before', 'earlier than'))} {f.value}"


def say_filters(query: Query, filters: tuple[Filter, ...], rng: random.Random) -> str:
    parts = []
    for f in filters:
        owner = f"for {f.table.many} " if query.joined and f.table is query.joined else ""
        parts.append(owner + say_filter(f, rng))
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def write_question(query: Query, rng: random.Random) -> str:
    many, where = query.table.many, say_filters(query, query.filters, rng)
    phrase = query.table.numbers[query.column][0]
    if query.aggregate == "COUNT":
        subject = f"number of {many}"
    else:
        subject = f"{rng.choice(AGGREGATE_WORDS[query.aggregate])} {phrase} of {many}"
    if query.shape in ("group", "join"):
        owner = query.joined or query.table
        group = (
            f"{owner.one} {owner.categories[query.group].phrase}"
            if query.joined
            else owner.categories[query.group].phrase
        )
        kept = f", keeping only groups of more than {query.having}" if query.having else ""
        return rng.choice(
            (
                f"For each {group}, what is the {subject} {where}{kept}?",
                f"Show the {subject} {where}, per {group}{kept}.",
                f"Break the {subject} {where} down by {group}{kept}.",
            )
        )
    if query.shape == "top":
        return rng.choice(
            (
                f"Which {query.limit} {many} {where} have the highest {phrase}?",
                f"List the top {query.limit} {many} by {phrase}, looking only at those {where}.",
            )
        )
    if query.shape == "list":
        return rng.choice(
            (
                f"List the distinct {phrase} and identifier of {many} {where}.",
                f"Which {many} are there {where}? Give their {phrase} too.",
            )
        )
    if query.shape == "above":
        return rng.choice(
            (
                f"Which {many} {where} have a {phrase} above the overall average?",
                f"Find {many} {where} whose {phrase} beats the average of all {many}.",
            )
        )
    if query.shape == "missing":
        return rng.choice(
            (
                f"Which {query.joined.many} have no {many} {where}?",
                f"Find the {query.joined.many} without any {many} {where}.",
            )
        )
    if query.shape == "share":
        first, second = (say_filters(query, (f,), rng) for f in (query.filters[0], query.filters[-1]))
        return rng.choice(
            (
                f"What percentage of {many} {second} are {first}?",
                f"Of the {many} {second}, what share are {first}?",
            )
        )
    if query.aggregate == "COUNT":
        return rng.choice(
            (
                f"How many {many} are there {where}?",
                f"Count the {many} {where}.",
                f"What’s the number of {many} {where}?",
            )
        )
    return rng.choice(
        (
            f"What is the {subject} {where}?",
            f"Give me the {subject} {where}.",
            f"I’d like the {subject} {where}.",
        )
    )


def explain_filter(f: Filter, rng: random.Random) -> str:
    words = {
        "=": ("equals", "is"),
        ">": ("is greater than", "exceeds"),
        "<": ("is less than", "is below"),
        ">=": ("is at least", "is not under"),
    }
    return f"{f.column} {rng.choice(words[f.operator])} {quote(f.value)}"


def write_reasoning(query: Query, rng: random.Random) -> str:
    table, steps = query.table.name, []
    conditions = " and ".join(explain_filter(f, rng) for f in query.filters)
    if query.shape == "missing":
        steps.append(
            f"Start from {query.joined.name} and left join {table} on {query.table.key}, only where {conditions}."
        )
        steps.append(
            f"Rows without a match have a NULL id, so what remains are {query.joined.many} with no such {query.table.one}."
        )
    elif query.shape == "share":
        steps.append(f"Among {table}, only rows where {explain_filter(query.filters[-1], rng)} are kept.")
        steps.append(
            f"The CASE counts rows where {explain_filter(query.filters[0], rng)}; divided by COUNT(*) and times 100 it is a percentage."
        )
    else:
        steps.append(
            rng.choice((f"The query reads {table}", f"We look at table {table}", f'Rows come from "{table}"'))
        )
        steps[-1] += f", joined to {query.joined.name} on {query.table.key}." if query.joined else "."
        if conditions:
            steps.append(
                rng.choice((f"WHERE keeps rows where {conditions}.", f"Only rows where {conditions} count."))
            )
        if query.shape == "above":
            steps.append(f"A subquery takes the average {query.column}, and only rows above it stay.")
        elif query.shape == "top":
            steps.append(
                f"Sorting by {query.column} descending and LIMIT {query.limit} gives the {query.limit} largest."
            )
        elif query.shape == "list":
            steps.append(f"DISTINCT removes repeated pairs of {query.table.label} and {query.column}.")
        elif query.aggregate == "COUNT":
            steps.append("COUNT(*) counts the rows.")
        else:
            steps.append(
                f"{query.aggregate}({query.column}) is the {rng.choice(AGGREGATE_WORDS[query.aggregate])} {query.column}."
            )
        if query.group:
            steps.append(
                f"GROUP BY gives one row per {query.group}"
                + (f", and HAVING keeps groups above {query.having} rows." if query.having else ".")
            )
    if rng.random() < 0.25:
        return "think:\n" + "\n".join(f"{i}. {step}" for i, step in enumerate(steps, 1))
    return "think: " + " ".join(steps)
