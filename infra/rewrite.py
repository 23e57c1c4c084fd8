"""Rewrite what `chalice package` has written, where a merged template can only add.

The REST API gets one method for all paths, because the app itself finds the route
(chalicelib/api/web/dispatch.py); and the bundle is where the parameters of the stack say.
"""

from __future__ import annotations

from typing import Any, Final

from chalicelib.api.web.dispatch import EVERY_PATH

Template = dict[str, Any]

INTEGRATION: Final = "x-amazon-apigateway-integration"

API_FUNCTION: Final = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-api"
    "/invocations"
)
"""By its name: a reference would be a circle, for the function knows the address of the API."""


def rewritten(template: Template) -> Template:
    """The template that is deployed. `template` is changed."""
    resources = template["Resources"]
    body = resources["RestAPI"]["Properties"]["DefinitionBody"]
    body["paths"] = _paths(body.pop("paths"))
    del body["definitions"]
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::Function":
            del resource["Properties"]["CodeUri"]  # the one in Globals counts
    return template


def _paths(declared: dict[str, Any]) -> dict[str, Any]:
    """ANY for `/` and for EVERY_PATH, each integrated as Chalice integrates its routes."""
    method = next(iter(next(iter(declared.values())).values()))
    integration = method[INTEGRATION] | {"uri": {"Fn::Sub": API_FUNCTION}}
    captured = {"name": "proxy", "in": "path", "required": True, "type": "string"}
    return {
        "/": _any(integration, []),
        EVERY_PATH: _any(integration, [captured]),
    }


def _any(integration: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    method = {"parameters": parameters, "responses": {}, INTEGRATION: integration}
    return {"x-amazon-apigateway-any-method": method}
