"""Tables of the synthetic SQL data set. Every name, place and value is invented or a plain common noun."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    phrase: str
    values: tuple[str, ...]
    # How a question says that a row has the value; {v} is the value.
    says: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    name: str
    one: str
    many: str
    numbers: dict[str, tuple[str, tuple[int, ...]]]
    categories: dict[str, Category]
    label: str
    date: tuple[str, str] | None = None
    parent: str | None = None
    key: str | None = None


CITIES = ("Zürich", "São Paulo", "Kraków", "東京", "Montréal", "Oslo", "Malmö", "大阪", "Lyon", "Cádiz", "Győr", "Porto")
IN_CITY = ("in {v}", "located in {v}", "based in {v}")
WITH_STATUS = ("with status {v}", "that are {v}", "marked as {v}")

_TABLES = (
    Table(
        "customers",
        "customer",
        "customers",
        {
            "loyalty_points": ("loyalty points", (100, 250, 500, 900, 1200)),
            "order_limit": ("order limit", (200, 400, 750, 1500)),
        },
        {
            "city": Category("city", CITIES, IN_CITY),
            "segment": Category(
                "segment",
                ("retail", "wholesale", "student", "public sector"),
                ("in the {v} segment", "from the {v} segment"),
            ),
        },
        "customer_code",
        ("signup_date", "signed up"),
    ),
    Table(
        "orders",
        "order",
        "orders",
        {"total": ("order total", (25, 50, 80, 120, 300)), "item_count": ("number of items", (2, 3, 5, 8, 12))},
        {
            "status": Category("status", ("complete", "cancelled", "returned", "on hold"), WITH_STATUS),
            "channel": Category(
                "sales channel", ("web", "app", "phone", "kiosk"), ("placed by {v}", "from the {v} channel")
            ),
        },
        "order_no",
        ("placed_on", "were placed"),
        "customers",
        "customer_id",
    ),
    Table(
        "products",
        "product",
        "products",
        {
            "price": ("price", (5, 9, 20, 45, 99)),
            "stock": ("stock level", (0, 10, 40, 150)),
            "weight_g": ("weight in grams", (80, 200, 450, 900)),
        },
        {
            "category": Category(
                "category",
                ("toys", "garden", "café & tea", "winter sports", "stationery"),
                ("in the {v} category", "filed under {v}"),
            ),
            "colour": Category("colour", ("red", "navy blue", "crème", "olive"), ("in {v}", "whose colour is {v}")),
        },
        "product_name",
        ("listed_on", "were listed"),
    ),
    Table(
        "animals",
        "animal",
        "animals",
        {"age_years": ("age in years", (1, 2, 4, 7, 10)), "weight_kg": ("weight in kilograms", (3, 8, 15, 30))},
        {
            "species": Category(
                "species", ("dog", "cat", "rabbit", "tortoise", "parrot"), ("of species {v}", "whose species is {v}")
            ),
            "shelter": Category(
                "shelter", ("North Gate", "Río Verde", "Old Mill", "Château Bleu"), ("from the {v} shelter", "kept at {v}")
            ),
        },
        "tag_no",
        ("admitted_on", "were admitted"),
    ),
    Table(
        "visits",
        "visit",
        "visits",
        {"cost": ("visit cost", (30, 60, 95, 140, 260)), "duration_min": ("duration in minutes", (10, 15, 25, 40))},
        {
            "reason": Category(
                "reason", ("vaccination", "check-up", "dental care", "surgery"), ("for {v}", "whose reason is {v}")
            ),
            "room": Category("room", ("A1", "A2", "B1", "C3"), ("in room {v}", "held in room {v}")),
        },
        "visit_no",
        ("visited_on", "took place"),
        "animals",
        "animal_id",
    ),
    Table(
        "books",
        "book",
        "books",
        {"pages": ("page count", (90, 180, 320, 500)), "copies": ("number of copies", (1, 3, 6, 10))},
        {
            "genre": Category(
                "genre", ("poetry", "crime", "history", "children's", "manga"), ("in the {v} genre", "of genre {v}")
            ),
            "language": Category(
                "language",
                ("English", "Français", "日本語", "Español", "Ελληνικά"),
                ("written in {v}", "whose language is {v}"),
            ),
        },
        "title",
        ("acquired_on", "were acquired"),
    ),
    Table(
        "loans",
        "loan",
        "loans",
        {"days_kept": ("days kept", (7, 14, 21, 30)), "fee": ("late fee", (1, 2, 5, 12))},
        {
            "branch": Category(
                "branch", ("Harbour", "Hilltop", "Saint-Éloi", "Central"), ("at the {v} branch", "made at {v}")
            ),
            "state": Category("state", ("open", "overdue", "renewed", "closed"), ("in state {v}", "that are {v}")),
        },
        "loan_no",
        ("due_on", "fall due"),
        "books",
        "book_id",
    ),
    Table(
        "stations",
        "station",
        "stations",
        {"platforms": ("number of platforms", (2, 4, 6, 10)), "daily_riders": ("daily riders", (500, 2000, 8000, 20000))},
        {
            "region": Category(
                "region", ("North", "Alpine", "Île-du-Lac", "Coastal"), ("in the {v} region", "of the {v} region")
            ),
            "city": Category("city", CITIES, IN_CITY),
        },
        "station_code",
        ("opened_on", "opened"),
    ),
    Table(
        "departures",
        "departure",
        "departures",
        {"delay_min": ("delay in minutes", (3, 5, 10, 20, 45)), "seats": ("number of seats", (60, 120, 240, 400))},
        {
            "train_type": Category(
                "train type", ("night", "regional", "express", "freight"), ("of type {v}", "run as {v} trains")
            ),
            "weather": Category("weather", ("snow", "fog", "clear", "heavy rain"), ("in {v}", "during {v}")),
        },
        "train_no",
        ("departed_on", "left"),
        "stations",
        "station_id",
    ),
    Table(
        "dishes",
        "dish",
        "dishes",
        {"price": ("price", (6, 9, 14, 22, 35)), "calories": ("calories", (150, 300, 550, 800))},
        {
            "cuisine": Category(
                "cuisine",
                ("Peruvian", "Thai", "Provençal", "四川", "Jalapeño Tex-Mex"),
                ("from {v} cuisine", "in the {v} style"),
            ),
            "course": Category("course", ("starter", "main", "dessert", "brunch"), ("served as {v}", "on the {v} menu")),
        },
        "dish_name",
        ("added_on", "were added"),
    ),
    Table(
        "reviews",
        "review",
        "reviews",
        {"stars": ("star rating", (1, 2, 3, 4)), "helpful_votes": ("helpful votes", (0, 5, 20, 75))},
        {
            "source": Category(
                "source", ("map app", "guest book", "e-mail form", "newsletter"), ("from the {v}", "left in the {v}")
            ),
            "language": Category(
                "language",
                ("English", "Français", "日本語", "Español", "Ελληνικά"),
                ("written in {v}", "whose language is {v}"),
            ),
        },
        "headline",
        ("posted_on", "were posted"),
        "dishes",
        "dish_id",
    ),
    Table(
        "sites",
        "site",
        "measuring sites",
        {"height_m": ("height in metres", (50, 300, 900, 1800)), "area_m2": ("area in square metres", (20, 75, 160, 400))},
        {
            "terrain": Category(
                "terrain", ("marsh", "glacier", "forest", "rooftop"), ("on {v} terrain", "whose terrain is {v}")
            ),
            "country": Category(
                "country", ("Norway", "Perú", "Côte d'Ivoire", "日本", "Türkiye"), ("in {v}", "located in {v}")
            ),
        },
        "site_code",
        ("installed_on", "were installed"),
    ),
    Table(
        "readings",
        "reading",
        "readings",
        {"temperature_c": ("temperature in °C", (-5, 0, 12, 25, 31)), "humidity": ("humidity", (20, 40, 65, 90))},
        {
            "quality": Category("quality", ("raw", "checked", "suspect", "interpolated"), ("of {v} quality", "flagged {v}")),
            "sensor": Category("sensor", ("T-100", "T-200/β", "HX-7", "ΔP-3"), ("from sensor {v}", "taken by sensor {v}")),
        },
        "reading_no",
        ("taken_on", "were taken"),
        "sites",
        "site_id",
    ),
)

TABLES = {table.name: table for table in _TABLES}
CHILDREN = tuple(table for table in _TABLES if table.parent)
