"""The OpenAPI document, generated from the schemas, and a page to read it, drawn on the server."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template_string

ABOUT: dict[str, Any] = {
    "info": {
        "description": "Deploy, start and drive processes. Works with Camunda 8 REST clients. Keys are int64, written as strings; "
        "times are ISO 8601 in UTC; a refused request is answered by application/problem+json and has changed nothing.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "components": {
        "securitySchemes": {
            "basic": {"type": "http", "scheme": "basic"},
            "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}}},
        }
    },
    "security": [{"basic": []}, {"oauth": []}],
}

routes = Blueprint("documentation", __name__)

_PAGE = """{% macro table(fields) %}<table><thead><tr><th>field</th><th>type</th><th>required</th></tr></thead><tbody>
{% for f in fields %}<tr><td><code>{{ f.name }}</code></td><td>{% if f.schema %}<a href="#schema-{{ f.schema }}">{{ f.type }}</a>
{% else %}{{ f.type }}{% endif %}</td><td>{{ "yes" if f.required else "" }}</td></tr>{% endfor %}</tbody></table>{% endmacro %}
<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Passerelle API</title><link rel="stylesheet" href="{{ url_for('documentation.style') }}"></head><body><header><h1>Passerelle API</h1>
<p>{{ spec.info.description }}</p><p><a href="openapi.json">openapi.json</a></p>
<nav aria-label="Resources"><ul>{% for tag in tags %}<li><a href="#{{ tag.name }}">{{ tag.name }}</a></li>{% endfor %}
<li><a href="#schemas">schemas</a></li></ul></nav></header>
<main>{% for tag in tags %}<section id="{{ tag.name }}"><h2>{{ tag.name }}</h2><p>{{ tag.description }}</p>
{% for op in operations[tag.name] %}<details id="{{ op.id }}"><summary><code class="{{ op.method }}">{{ op.method|upper }}</code>
<code>{{ op.path }}</code> {{ op.summary }}</summary>{% for title, fields in op.parts %}{% if fields %}<h3>{{ title }}</h3>
{{ table(fields) }}{% endif %}{% endfor %}</details>{% endfor %}</section>{% endfor %}<section id="schemas"><h2>schemas</h2>
{% for name, fields in schemas %}<details id="schema-{{ name }}" open>
<summary><code>{{ name }}</code></summary>{{ table(fields) }}</details>
{% endfor %}</section></main></body></html>"""
_STYLE = """:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;list-style:none}summary{cursor:pointer;padding:.6rem 0}
details{border-top:1px solid #8884}code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
summary code:first-of-type{display:inline-block;min-width:4.5rem;font-weight:700}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}
th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid #8883;vertical-align:top}
td:first-child{min-width:9rem}h3{font-size:1rem;margin:.5rem 0}"""


def _resolved(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = spec["components"]["schemas"].get(name, {}) if name else schema
    return found


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "oneOf" in schema:
        return " or ".join(_type(one) for one in schema["oneOf"])
    if schema.get("type") == "object" and "$eq" in schema.get("properties", {}):
        return f"an object of {', '.join(schema['properties'])}"
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    kind = schema.get("type", "any")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"list of {_type(schema['items'])}" if "items" in schema else words


def _fields(spec: dict[str, Any], content: dict[str, Any] | None) -> list[dict[str, Any]]:
    kinds = (content or {}).get("content", {})
    return _rows(_resolved(spec, next(iter(kinds.values()), {}).get("schema", {})))


def _rows(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "type": _type(one), "schema": _reference(one), "required": name in required}
        for name, one in schema.get("properties", {}).items()
    ]


def _reference(schema: dict[str, Any]) -> str:
    return str((schema.get("items") or schema).get("$ref", "")).rpartition("/")[2]


@routes.get("/v2/docs")
def page() -> Response:
    spec: dict[str, Any] = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    by_tag: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in spec["tags"]}
    for path, methods in spec["paths"].items():
        for method, one in methods.items():
            if method == "parameters":
                continue
            good = next((answer for status, answer in one["responses"].items() if status.startswith("2")), None)
            parts = [("Request", _fields(spec, one.get("requestBody"))), ("Answer", _fields(spec, good))]
            by_tag[one["tags"][0]].append(
                {"id": one["operationId"], "method": method, "path": path, "summary": one.get("summary", ""), "parts": parts}
            )
    schemas = [(name, _rows(one)) for name, one in sorted(spec["components"]["schemas"].items())]
    html = render_template_string(_PAGE, spec=spec, tags=spec["tags"], operations=by_tag, schemas=schemas)
    return Response(html, headers={"Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'"})


@routes.get("/v2/docs.css")
def style() -> Response:
    return Response(_STYLE, content_type="text/css; charset=utf-8")


def register(app: Flask) -> None:
    app.register_blueprint(routes)
