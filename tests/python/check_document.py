"""Checks an OpenAPI document against the specification, and each of its examples against its schema.

    python check_document.py FILE
"""

import json
import sys

import jsonschema_rs
from openapi_spec_validator import OpenAPIV31SpecValidator


def main(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    OpenAPIV31SpecValidator(document).validate()
    wrong, checked = [], 0
    for place, schema, example in examples(document):
        checked += 1
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "components": document["components"]}
        for error in jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(example):
            wrong.append(f"{place}: {error.message} at {list(error.instance_path)}")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{checked} examples keep to their schemas")


def examples(document):
    """The location of each example, its schema, and the example."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            place = f"{method.upper()} {path}"
            for parameter in operation.get("parameters", []):
                if "example" in parameter:
                    yield f"{place}, {parameter['name']}", parameter["schema"], parameter["example"]
            bodies = [("body", operation.get("requestBody", {}))]
            for status, body in bodies + list(operation["responses"].items()):
                for kind, content in body.get("content", {}).items():
                    # Forms and files are not JSON: their examples are their raw content.
                    if "example" in content and kind == "application/json":
                        yield f"{place}, {status}", content["schema"], content["example"]


if __name__ == "__main__":
    main(sys.argv[1])
