"""Reads a model card as other programs do and prints what they see, as JSON.

    python read_card.py README.md

PyYAML reads the metadata (as huggingface_hub does), markdown-it the body, Python itself the first snippet.
"""

import html
import json
import re
import sys

import yaml
from markdown_it import MarkdownIt

content = open(sys.argv[1], encoding="utf-8", newline="").read()
# The pattern of huggingface_hub/repocard.py.
block = re.search(r"^(\s*---[\r\n]+)([\S\s]*?)([\r\n]+---(\r\n|\n|$))", content)
body = content[block.end() :]
tokens = MarkdownIt("commonmark").enable("table").parse(body)

rows, cells = [], None
for index, token in enumerate(tokens):
    if token.type == "tr_open":
        cells = []
    elif token.type == "tr_close":
        rows.append(cells)
    elif token.type == "inline" and cells is not None and tokens[index - 1].type in ("td_open", "th_open"):
        shown = [child.content if child.type != "html_inline" else "\n" for child in token.children]
        cells.append(html.unescape("".join(shown)))

fences = [token for token in tokens if token.type == "fence"]
namespace = {}
exec(next(fence.content for fence in fences if fence.info == "python"), namespace)
for fence in fences:
    if fence.info == "python":
        compile(fence.content, "snippet", "exec")

print(
    json.dumps(
        {
            "metadata": yaml.safe_load(block.group(2)),
            "text": namespace["text"],
            "examples": [row[0] for row in rows if len(row) == 3 and re.fullmatch(r"\d\.\d{3}", row[1])],
            "headings": [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"],
            "html": [token.content for token in tokens if token.type == "html_block"],
        }
    )
)
