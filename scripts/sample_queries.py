"""Queries of the synthetic data set as small specifications, how they are drawn, and their SQL."""

import random
from dataclasses import dataclass

from sample_schemas import CHILDREN, TABLES, Table

AGGREGATE_WORDS = {
    "AVG": ("average", "mean"),
    "SUM": ("total", "combined"),
    "MAX": ("highest", "largest"),
    "MIN": ("lowest", "smallest"),
}


@dataclass(frozen=True)
class Filter:
    column: str
    operator: str
    value: str | int
    table: Table


@dataclass(frozen=True)
class Query:
    shape: str
    table: Table
    aggregate: str = "COUNT"
    column: str | None = None
    filters: tuple[Filter, ...] = ()
    group: str | None = None
    having: int | None = None
    limit: int | None = None
    joined: Table | None = None


def quote(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def draw_filter(rng: random.Random, table: Table, used: set[str]) -> Filter:
    options = [c for c in (*table.categories, *table.numbers) if c not in used]
    if table.date and table.date[0] not in used:
        options.append(table.date[0])
    column = rng.choice(options)
    used.add(column)
    if column in table.categories:
        return Filter(column, "=", rng.choice(table.categories[column].values), table)
    if column in table.numbers:
        return Filter(column, rng.choice((">", "<", ">=")), rng.choice(table.numbers[column][1]), table)
    return Filter(
        column, rng.choice((">=", "<")), f"20{rng.randint(19, 25)}-{rng.randint(1, 12):02d}-01", table
    )


def draw_query(rng: random.Random) -> Query:
    table = rng.choice(tuple(TABLES.values()))
    shape = rng.choice(
        (
            "count",
            "aggregate",
            "aggregate",
            "group",
            "group",
            "top",
            "list",
            "above",
            "join",
            "join",
            "missing",
            "share",
        )
    )
    joined = None
    if shape in ("join", "missing"):
        table = rng.choice(CHILDREN)
        joined = TABLES[table.parent]
    column = rng.choice(tuple(table.numbers))
    aggregate = rng.choice(tuple(AGGREGATE_WORDS)) if shape in ("aggregate", "group", "join") else "COUNT"
    if shape == "group" and rng.random() < 0.35:
        aggregate = "COUNT"
    group = rng.choice(tuple((joined or table).categories)) if shape in ("group", "join") else None
    used = {column, group} if not joined else {column}
    count = 1 if shape in ("missing", "share", "above") else rng.choice((1, 1, 2, 2, 3))
    filters = [draw_filter(rng, table, used) for _ in range(count)]
    if shape == "join" and rng.random() < 0.6:
        filters.append(draw_filter(rng, joined, {group}))
    if shape == "share":
        name = rng.choice(tuple(table.categories))
        filters = [
            Filter(name, "=", rng.choice(table.categories[name].values), table),
            draw_filter(rng, table, {name}),
        ]
    having = rng.choice((2, 5, 10, 25)) if shape in ("group", "join") and rng.random() < 0.4 else None
    limit = rng.choice((3, 5, 10, 20)) if shape == "top" else None
    return Query(shape, table, aggregate, column, tuple(filters), group, having, limit, joined)


def write_sql(query: Query, rng: random.Random) -> str:
    child = query.table.name
    prefix = (lambda table: "") if not query.joined else (lambda table: f"{table.name[0]}.")
    conditions = [f"{prefix(f.table)}{f.column} {f.operator} {quote(f.value)}" for f in query.filters]
    own = prefix(query.table)
    measure = "COUNT(*)" if query.aggregate == "COUNT" else f"{query.aggregate}({own}{query.column})"
    clauses = []
    if query.shape in ("group", "join"):
        group = f"{prefix(query.joined)}{query.group}" if query.joined else query.group
        alias = rng.choice(("result", "value", '"Value"', f"{query.aggregate.lower()}_{query.column}"))
        clauses += [f"SELECT {group}, {measure} AS {alias}", f"FROM {child}"]
        if query.joined:
            clauses[-1] += f" {own[:-1]}"
            parent = query.joined.name
            clauses.append(f"JOIN {parent} {parent[0]} ON {parent[0]}.id = {own}{query.table.key}")
        clauses += ["WHERE " + " AND ".join(conditions), f"GROUP BY {group}"]
        if query.having:
            clauses.append(f"HAVING COUNT(*) > {query.having}")
        if rng.random() < 0.4:
            clauses.append(f"ORDER BY {group}")
    elif query.shape == "top":
        clauses = [
            f"SELECT {query.table.label}, {query.column}",
            f"FROM {child}",
            "WHERE " + " AND ".join(conditions),
        ]
        clauses += [f"ORDER BY {query.column} DESC", f"LIMIT {query.limit}"]
    elif query.shape == "list":
        clauses = [
            f"SELECT DISTINCT {query.table.label}, {query.column}",
            f"FROM {child}",
            "WHERE " + " AND ".join(conditions),
        ]
    elif query.shape == "above":
        inner = f"(SELECT AVG({query.column}) FROM {child})"
        clauses = [
            f"SELECT {query.table.label}",
            f"FROM {child}",
            f"WHERE {query.column} > {inner} AND {conditions[0]}",
        ]
    elif query.shape == "missing":
        parent, other = query.joined.name, own[:-1]
        clauses = [f"SELECT {parent[0]}.{query.joined.label}", f"FROM {parent} {parent[0]}"]
        clauses.append(
            f"LEFT JOIN {child} {other} ON {other}.{query.table.key} = {parent[0]}.id AND {conditions[0]}"
        )
        clauses.append(f"WHERE {other}.id IS NULL")
    elif query.shape == "share":
        case = f"CASE WHEN {conditions[0]} THEN 1 ELSE 0 END"
        clauses = [
            f"SELECT 100.0 * SUM({case}) / COUNT(*) AS percentage",
            f"FROM {child}",
            f"WHERE {conditions[1]}",
        ]
    else:
        clauses = [f"SELECT {measure}", f"FROM {child}", "WHERE " + " AND ".join(conditions)]
    if rng.random() < 0.15:
        clauses[1] = clauses[1].replace(f"FROM {child}", f'FROM "{child}"')
    return rng.choice((" ", " ", "\n")).join(clauses) + ";"
