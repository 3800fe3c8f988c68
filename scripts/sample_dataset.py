"""Synthetic SQL + reasoning + question rows with a similarity label, for the sample training run.

A query is drawn as a small specification and written out three times: as SQL, as a chain of thought and as a
question. A corruption changes the specification (or the text) that the last two are written from, and lowers the
label by an amount that depends on its kind.
"""

import json
import random
from dataclasses import replace

from sample_queries import AGGREGATE_WORDS, Filter, Query, draw_query, quote, write_sql

TEMPLATE = "SQL: {sql}\nReasoning: {reasoning}\nNL: {nl}"

# kind -> (share of the rows, mean penalty). The shares of the faithful rows and of the corruptions add up to 1.
CORRUPTIONS = {
    "": (0.44, 0.0),
    "copied_sql": (0.08, 0.56),
    "truncated_nl": (0.08, 0.40),
    "contradictory_reasoning": (0.08, 0.33),
    "vague_nl": (0.06, 0.47),
    "unrelated_reasoning": (0.05, 0.36),
    "added_condition": (0.05, 0.20),
    "wrong_table": (0.05, 0.42),
    "wrong_aggregate": (0.04, 0.28),
    "wrong_filter_value": (0.04, 0.16),
    "dropped_condition": (0.03, 0.14),
}


def say_filter(f: Filter, rng: random.Random) -> str:
    if f.column in f.table.categories:
        value = rng.choice((str(f.value), str(f.value), f'"{f.value}"', f"“{f.value}”"))
        return rng.choice(f.table.categories[f.column].says).format(v=value)
    if f.column in f.table.numbers:
        words = {">": ("above", "over", "greater than"), "<": ("below", "under", "less than"), ">=": ("of at least", "of no less than")}
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
        group = f"{owner.one} {owner.categories[query.group].phrase}" if query.joined else owner.categories[query.group].phrase
        kept = f", keeping only groups of more than {query.having}" if query.having else ""
        return rng.choice((
            f"For each {group}, what is the {subject} {where}{kept}?",
            f"Show the {subject} {where}, per {group}{kept}.",
            f"Break the {subject} {where} down by {group}{kept}.",
        ))
    if query.shape == "top":
        return rng.choice((
            f"Which {query.limit} {many} {where} have the highest {phrase}?",
            f"List the top {query.limit} {many} by {phrase}, looking only at those {where}.",
        ))
    if query.shape == "list":
        return rng.choice((f"List the distinct {phrase} and identifier of {many} {where}.", f"Which {many} are there {where}? Give their {phrase} too."))
    if query.shape == "above":
        return rng.choice((f"Which {many} {where} have a {phrase} above the overall average?", f"Find {many} {where} whose {phrase} beats the average of all {many}."))
    if query.shape == "missing":
        return rng.choice((f"Which {query.joined.many} have no {many} {where}?", f"Find the {query.joined.many} without any {many} {where}."))
    if query.shape == "share":
        first, second = (say_filters(query, (f,), rng) for f in (query.filters[0], query.filters[-1]))
        return rng.choice((f"What percentage of {many} {second} are {first}?", f"Of the {many} {second}, what share are {first}?"))
    if query.aggregate == "COUNT":
        return rng.choice((f"How many {many} are there {where}?", f"Count the {many} {where}.", f"What’s the number of {many} {where}?"))
    return rng.choice((f"What is the {subject} {where}?", f"Give me the {subject} {where}.", f"I’d like the {subject} {where}."))


def explain_filter(f: Filter, rng: random.Random) -> str:
    words = {"=": ("equals", "is"), ">": ("is greater than", "exceeds"), "<": ("is less than", "is below"), ">=": ("is at least", "is not under")}
    return f"{f.column} {rng.choice(words[f.operator])} {quote(f.value)}"


def write_reasoning(query: Query, rng: random.Random) -> str:
    table, steps = query.table.name, []
    conditions = " and ".join(explain_filter(f, rng) for f in query.filters)
    if query.shape == "missing":
        steps.append(f"Start from {query.joined.name} and left join {table} on {query.table.key}, only where {conditions}.")
        steps.append(f"Rows without a match have a NULL id, so what remains are {query.joined.many} with no such {query.table.one}.")
    elif query.shape == "share":
        steps.append(f"Among {table}, only rows where {explain_filter(query.filters[-1], rng)} are kept.")
        steps.append(f"The CASE counts rows where {explain_filter(query.filters[0], rng)}; divided by COUNT(*) and times 100 it is a percentage.")
    else:
        steps.append(rng.choice((f"The query reads {table}", f"We look at table {table}", f'Rows come from "{table}"')))
        steps[-1] += f", joined to {query.joined.name} on {query.table.key}." if query.joined else "."
        if conditions:
            steps.append(rng.choice((f"WHERE keeps rows where {conditions}.", f"Only rows where {conditions} count.")))
        if query.shape == "above":
            steps.append(f"A subquery takes the average {query.column}, and only rows above it stay.")
        elif query.shape == "top":
            steps.append(f"Sorting by {query.column} descending and LIMIT {query.limit} gives the {query.limit} largest.")
        elif query.shape == "list":
            steps.append(f"DISTINCT removes repeated pairs of {query.table.label} and {query.column}.")
        elif query.aggregate == "COUNT":
            steps.append("COUNT(*) counts the rows.")
        else:
            steps.append(f"{query.aggregate}({query.column}) is the {rng.choice(AGGREGATE_WORDS[query.aggregate])} {query.column}.")
        if query.group:
            steps.append(f"GROUP BY gives one row per {query.group}" + (f", and HAVING keeps groups above {query.having} rows." if query.having else "."))
    if rng.random() < 0.25:
        return "think:\n" + "\n".join(f"{i}. {step}" for i, step in enumerate(steps, 1))
    return "think: " + " ".join(steps)


def swap_value(query: Query, rng: random.Random) -> Query:
    index = rng.randrange(len(query.filters))
    f = query.filters[index]
    if f.column in f.table.categories:
        value = rng.choice([v for v in f.table.categories[f.column].values if v != f.value])
    elif f.column in f.table.numbers:
        value = rng.choice([v for v in f.table.numbers[f.column][1] if v != f.value])
    else:
        value = f"20{(int(f.value[2:4]) - 19 + rng.randint(1, 6)) % 7 + 19}{f.value[4:]}"
    return replace(query, filters=(*query.filters[:index], replace(f, value=value), *query.filters[index + 1:]))


def applies(kind: str, query: Query) -> bool:
    if kind == "wrong_aggregate":
        return query.aggregate != "COUNT"
    if kind == "dropped_condition":
        return len(query.filters) >= 2 and query.shape not in ("missing", "share")
    return True


VAGUE = (
    "Show me some data about this.", "Can you run the usual report?", "Get the information from the table, please 🙏",
    "What does the database say?", "Just fetch the numbers 📊", "Return the relevant rows.", "Tell me about it…",
    "I need the figures from last time.", "Everything we have, in a list.",
)
DOUBTS = (
    "No wait, the condition is ignored and every row counts.", "However, this contradicts the WHERE clause, so the filter must be the opposite.",
    "Actually nothing is filtered here, and the result is unsorted raw rows.", "But then again the query deletes these rows instead of reading them.",
    "Hmm, that cannot be right: the rows are excluded, not kept.", "On second thought the two tables are never joined and nothing is computed.",
)
ADDED = (
    "in the last 30 days", "excluding test accounts", "but only on weekends", "with an approved invoice",
    "for first-time users only", "ignoring anything archived", "before the spring sale 🌸",
)
OPENERS = ("", "", "", "", "", "", "", "", "Hi! ", "Quick one 🙂 ", "For the monthly report: ", "Help — ", "Q: ")


def write_row(kind: str, query: Query, rng: random.Random) -> tuple[str, str, str]:
    """Writes one row as (sql, reasoning, nl)."""
    told = query
    if kind == "wrong_aggregate":
        told = replace(query, aggregate=rng.choice([a for a in AGGREGATE_WORDS if a != query.aggregate]))
    elif kind == "wrong_filter_value":
        told = swap_value(query, rng)
    elif kind == "dropped_condition":
        told = replace(query, filters=query.filters[:-1])
    thought = told if rng.random() < 0.5 else query
    sql, reasoning, nl = write_sql(query, rng), write_reasoning(thought, rng), write_question(told, rng)
    if kind in ("wrong_table", "unrelated_reasoning"):
        other = draw_query(rng)
        while other.table.name == query.table.name or (query.joined and other.table is query.joined):
            other = draw_query(rng)
        if kind == "wrong_table":
            nl = write_question(other, rng)
        else:
            reasoning = write_reasoning(other, rng)
    if kind == "copied_sql":
        nl = " ".join(sql.split()) if rng.random() < 0.6 else "Run " + " ".join(sql.rstrip(";").split())
    elif kind == "vague_nl":
        nl = rng.choice(VAGUE)
    elif kind == "truncated_nl":
        words = nl.split(" ")
        nl = " ".join(words[: max(2, int(len(words) * rng.uniform(0.3, 0.65)))]) + rng.choice(("", "", "…"))
    elif kind == "added_condition":
        nl = nl[:-1] + f", {rng.choice(ADDED)}" + nl[-1]
    elif kind == "contradictory_reasoning":
        reasoning += rng.choice((" ", "\n")) + rng.choice(DOUBTS)
    if kind not in ("copied_sql", "vague_nl"):
        nl = rng.choice(OPENERS) + nl
    return sql, reasoning, nl


def make_rows(count: int, seed: int) -> list[dict[str, str | float]]:
    """Makes `count` rows; no SQL text occurs twice, not even up to case and white space."""
    rng, seen, rows = random.Random(seed), set(), []
    kinds, weights = list(CORRUPTIONS), [share for share, _ in CORRUPTIONS.values()]
    while len(rows) < count:
        kind, query = rng.choices(kinds, weights)[0], draw_query(rng)
        if not applies(kind, query):
            continue
        sql, reasoning, nl = write_row(kind, query, rng)
        fingerprint = json.dumps(sql.lower().split())
        if fingerprint in seen:
            continue
        seen.add(fingerprint)
        # Longer questions are harder to say exactly, so that even faithful rows differ a little.
        similarity = 0.95 - 0.025 * len(query.filters) - 0.03 * bool(query.joined) - 0.02 * bool(query.having)
        label = similarity - CORRUPTIONS[kind][1] + rng.gauss(0, 0.035)
        rows.append({
            "id": f"q{len(rows) + 1:05d}", "sql": sql, "reasoning": reasoning, "nl": nl,
            "corruption": kind, "similarity_with_penalty": round(min(1.0, max(0.0, label)), 4),
        })
    return rows
