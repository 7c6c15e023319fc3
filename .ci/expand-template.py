"""Print the CloudFormation template that SAM generates and would deploy, without contacting AWS.

    expand-template.py template.yaml > expanded.json
"""

import json
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """SAM asks this for managed policies missing from its own list; we use none by name."""

    def load(self):
        return {}


def main(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    # `sam package` replaces these folders with uploads, and the translator accepts nothing else.
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/code.zip"
    defaults = {name: str(p["Default"]) for name, p in template["Parameters"].items() if "Default" in p}
    defaults |= {"AWS::Region": "us-east-1", "AWS::Partition": "aws"}
    try:
        expanded = transform(template, defaults, NoManagedPolicies())
    except InvalidDocumentException as wrong:
        sys.exit("\n".join([wrong.message, *(cause.message for cause in wrong.causes)]))
    json.dump(expanded, sys.stdout, indent=1)


main(sys.argv[1])
