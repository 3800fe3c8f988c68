"""Synthetic SQL + reasoning + question rows with a similarity label, for the sample training run.

A query is drawn as a small specification and written out three times: as SQL, as a chain of thought and as a
question. A corruption changes the specification (or the text) that the last two are written from, and lowers the
label by an amount that depends on its kind.
"""

import random
from dataclasses import replace

from sample_queries import AGGREGATE_WORDS, Query, draw_query, write_sql
from sample_wording import write_question, write_reasoning

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


def swap_value(query: Query, rng: random.Random) -> Query:
    index = rng.randrange(len(query.filters))
    f = query.filters[index]
    if f.column in f.table.categories:
        value = rng.choice([v for v in f.table.categories[f.column].values if v != f.value])
    elif f.column in f.table.numbers:
        value = rng.choice([v for v in f.table.numbers[f.column][1] if v != f.value])
    else:
        value = f"20{(int(f.value[2:4]) - 19 + rng.randint(1, 6)) % 7 + 19}{f.value[4:]}"
    return replace(
        query, filters=(*query.filters[:index], replace(f, value=value), *query.filters[index + 1 :])
    )


def applies(kind: str, query: Query) -> bool:
    if kind == "wrong_aggregate":
        return query.aggregate != "COUNT"
    if kind == "dropped_condition":
        return len(query.filters) >= 2 and query.shape not in ("missing", "share")
    return True


VAGUE = (
    "Show me some data about this.",
    "Can you run the usual report?",
    "Get the information from the table, please 🙏",
    "What does the database say?",
    "Just fetch the numbers 📊",
    "Return the relevant rows.",
    "Tell me about it…",
    "I need the figures from last time.",
    "Everything we have, in a list.",
)
DOUBTS = (
    "No wait, the condition is ignored and every row counts.",
    "However, this contradicts the WHERE clause, so the filter must be the opposite.",
    "Actually nothing is filtered here, and the result is unsorted raw rows.",
    "But then again the query deletes these rows instead of reading them.",
    "Hmm, that cannot be right: the rows are excluded, not kept.",
    "On second thought the two tables are never joined and nothing is computed.",
)
ADDED = (
    "in the last 30 days",
    "excluding test accounts",
    "but only on weekends",
    "with an approved invoice",
    "for first-time users only",
    "ignoring anything archived",
    "before the spring sale 🌸",
)
OPENERS = (
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "Hi! ",
    "Quick one 🙂 ",
    "For the monthly report: ",
    "Help — ",
    "Q: ",
)


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
        fingerprint = " ".join(sql.lower().split())
        if fingerprint in seen:
            continue
        seen.add(fingerprint)
        # Longer questions are harder to say exactly, so that even faithful rows differ a little.
        similarity = 0.95 - 0.025 * len(query.filters) - 0.03 * bool(query.joined) - 0.02 * bool(query.having)
        label = similarity - CORRUPTIONS[kind][1] + rng.gauss(0, 0.035)
        rows.append(
            {
                "id": f"q{len(rows) + 1:05d}",
                "sql": sql,
                "reasoning": reasoning,
                "nl": nl,
                "corruption": kind,
                "similarity_with_penalty": round(min(1.0, max(0.0, label)), 4),
            }
        )
    return rows
