"""A template of CloudFormation with its parameters filled in: conditions, intrinsic functions and
references to secrets are resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ACCOUNT: Final = "123456789012"
PSEUDO: Final = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": None,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
SECRET: Final = re.compile(r"{{resolve:secretsmanager:(arn:.+):SecretString:::(.+)}}")

Json = dict[str, Any]


class Refused(Exception):
    """A ValidationError of CloudFormation."""


@dataclass
class Template:
    """A template with its parameters filled in."""

    template: Json
    parameters: Mapping[str, str]
    names: Mapping[str, str]
    secrets: Any
    _secrets_read: dict[tuple[str, str], str] = field(default_factory=dict)

    def resources(self) -> dict[str, Json]:
        """Each resource by its logical id, its properties resolved."""
        found = self.template["Resources"].items()
        return {name: self._resource(each) for name, each in found if self._is_there(each)}

    def outputs(self) -> dict[str, str]:
        found = self.template.get("Outputs", {}).items()
        return {name: str(self.resolved(each["Value"])) for name, each in found}

    def resolved(self, value: Any) -> Any:
        """`value` without intrinsic functions and references to secrets."""
        if isinstance(value, list):
            return [found for each in value if (found := self.resolved(each)) is not None]
        if not isinstance(value, dict):
            return self._secret(value) if isinstance(value, str) else value
        if len(value) == 1 and (name := next(iter(value))).startswith(("Ref", "Fn::")):
            return self._intrinsic(name, value[name])
        resolved = ((name, self.resolved(each)) for name, each in value.items())
        return {name: each for name, each in resolved if each is not None}

    def _resource(self, resource: Json) -> Json:
        properties = dict(resource.get("Properties", {}))
        if resource["Type"] == "AWS::Serverless::Function":
            shared = self.template["Globals"]["Function"]
            variables = shared["Environment"]["Variables"] | properties["Environment"]["Variables"]
            properties = shared | properties | {"Environment": {"Variables": variables}}
        return {"Type": resource["Type"], "Properties": self.resolved(properties)}

    def _is_there(self, resource: Json) -> bool:
        return "Condition" not in resource or self._holds(resource["Condition"])

    def _holds(self, condition: str) -> bool:
        return bool(self.resolved(self.template["Conditions"][condition]))

    def _intrinsic(self, name: str, value: Any) -> Any:
        if name == "Ref":
            return self._named(value)
        if name == "Fn::GetAtt":
            return ".".join(value)
        if name == "Fn::If":
            return self.resolved(value[1 if self._holds(value[0]) else 2])
        if name == "Fn::Equals":
            return self.resolved(value[0]) == self.resolved(value[1])
        if name == "Fn::Not":
            return not self.resolved(value[0])
        if name == "Fn::Join":
            return value[0].join(self.resolved(value[1]))
        assert name == "Fn::Sub", name
        text, more = value if isinstance(value, list) else (value, {})
        return self._secret(
            re.sub(
                r"\${([\w:.]+)}",
                lambda found: str(self.resolved(more.get(found[1], {"Ref": found[1]}))),
                text,
            )
        )

    def _named(self, name: str) -> Any:
        for known in (self.parameters, PSEUDO, self.names):
            if name in known:
                return known[name]
        assert name.partition(".")[0] in self.template["Resources"], f"nothing is called {name}"
        return name

    def _secret(self, text: str) -> str:
        return SECRET.sub(lambda found: self._read(found[1], found[2]), text)

    def _read(self, arn: str, version: str) -> str:
        if (arn, version) not in self._secrets_read:
            answer = self.secrets.get_secret_value(SecretId=arn, VersionId=version)
            self._secrets_read[arn, version] = str(answer["SecretString"])
        return self._secrets_read[arn, version]


def filled_in(declared: Json, given: list[Json], before: Mapping[str, str]) -> dict[str, str]:
    """The value of each parameter."""
    found = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each}
    for row in given:
        key = row["ParameterKey"]
        if row.get("UsePreviousValue"):
            if key not in before:
                raise Refused(f"Invalid value for UsePreviousValue: {key} has no previous value")
            found[key] = before[key]
        else:
            found[key] = row["ParameterValue"]
    if unknown := found.keys() - declared.keys():
        raise Refused(f"Parameters: {sorted(unknown)} do not exist in the template")
    if missing := declared.keys() - found.keys():
        raise Refused(f"Parameters: {sorted(missing)} must have values")
    for name, value in found.items():
        if not re.fullmatch(declared[name].get("AllowedPattern", ".*"), value):
            raise Refused(f"Parameter {name} failed to satisfy constraint")
    return found
