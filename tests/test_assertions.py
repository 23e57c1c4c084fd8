"""Holds the tests to one rule: what a test asserts, its reader sees in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
MUST_ASSERT = re.compile(r"test_|_?assert_|expect_")
"""Functions that assert: tests, and the helpers of ours whose names promise it."""

ASSERTS = re.compile(r"_?assert_\w+|expect|expect_\w+|raises|refuses|fail")
"""Calls that fail a test."""


def test_each_test_asserts_where_its_reader_sees_it() -> None:
    found = {path.relative_to(TESTS).as_posix(): _mute(path) for path in TESTS.rglob("*.py")}
    assert {name: mute for name, mute in found.items() if mute} == {}


def _mute(path: Path) -> list[str]:
    return list(_without_an_assertion(ast.parse(path.read_text())))


def _without_an_assertion(tree: ast.Module) -> Iterator[str]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    for each in functions:
        if MUST_ASSERT.match(each.name) and not any(map(_asserts, ast.walk(each))):
            yield each.name


def _asserts(node: ast.AST) -> bool:
    match node:
        case ast.Assert():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return bool(ASSERTS.fullmatch(name))
    return False


def test_the_rule_sees_a_test_and_a_helper_that_cannot_fail() -> None:
    fine = "def test_a():\n  _assert_b()\ndef _assert_b():\n  with raises(ValueError): int('x')\n"
    mute = "def test_c():\n  check()\ndef assert_d():\n  print('assert')\n"
    assert [*_without_an_assertion(ast.parse(fine + mute))] == ["test_c", "assert_d"]
