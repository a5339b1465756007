"""A condition over the published facts: let in by a short list of marks, checked for its types, and then only compared."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rule_engine import Context, DataType, Rule, ast, type_resolver_from_dict
from rule_engine.errors import EngineError, SymbolResolutionError

from o2c_core.errors import Refused
from o2c_core.escalations.facts import Fact, Value, facts

LENGTH_MAX = 500
TOKENS_MAX = 120
DEPTH_MAX = 8
NUMBER_DIGITS_MAX = 12

# What may stand in a condition at all. The library's language can do more (attributes, calls, patterns, powers, loops,
# built-in functions, and it works out constants while it reads): none of that gets as far as the library.
_TOKEN = re.compile(
    rf"""(?P<number>[0-9]{{1,{NUMBER_DIGITS_MAX}}}(?:\.[0-9]{{1,4}})?(?![\w.]))
    | (?P<text>"[^"'\\\n]{{0,60}}"|'[^"'\\\n]{{0,60}}')
    | (?P<name>[a-z][a-z0-9_]{{0,39}}(?![\w"']))
    | (?P<mark>==|!=|<=|>=|[<>+\-(),]|\*(?!\*)|\[|\])""",
    re.VERBOSE | re.ASCII,
)
_GAP = re.compile(r"[ \t\r\n]*")
_WORDS = frozenset({"and", "or", "not", "in"})
_TYPES = {"amount": DataType.FLOAT, "number": DataType.FLOAT, "yes_no": DataType.BOOLEAN, "text": DataType.STRING}

_PLAIN_TEXT = (ast.SymbolExpression, ast.StringExpression)


class ConditionUnclear(Refused):
    """That condition cannot be used."""


@dataclass(frozen=True)
class Condition:
    """A checked condition. `uses` are the facts it asks about, in the order of the published list."""

    text: str
    uses: tuple[Fact, ...]
    rule: Rule
    judge: Callable[[Mapping[str, Value]], bool] = field(repr=False)
    _seen: dict[tuple[Value, ...], bool] = field(default_factory=dict, repr=False, compare=False)

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether it holds for these facts. The same facts are judged once."""
        key = tuple(values[fact.name] for fact in self.uses)
        known = self._seen.get(key)
        if known is None:
            known = self._seen[key] = self.judge(values)
        return known

    def seen(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Only what it asks about: what somebody reads who wants to know why."""
        return {fact.name: values[fact.name] for fact in self.uses}

    def seen_again(self, kept: Mapping[str, Any]) -> dict[str, Value]:
        """The same, read back from where it was kept: figures are kept as their digits."""
        return {
            fact.name: Decimal(kept[fact.name]) if fact.kind in ("amount", "number") else kept[fact.name]
            for fact in self.uses
            if fact.name in kept
        }


def read_condition(text: str) -> Condition:
    """The condition, compiled and checked against the list of facts.

    Raises: ConditionUnclear, saying what is wrong with it.
    """
    tokens = _let_in(text)
    known, names = facts(), set(tokens)
    # Put together again with a gap between any two, so that the library reads exactly these words and marks: "<<" is two
    # of ours, and one of its own that would be worked out at once.
    plain = " ".join(tokens)
    uses = tuple(fact for fact in known.values() if fact.name in names)
    types = {fact.name: _TYPES[fact.kind] for fact in uses}
    try:
        rule = Rule(
            plain,
            Context(
                type_resolver=type_resolver_from_dict(types), default_timezone="utc", mapping_attribute_lookup=False
            ),
        )
    except SymbolResolutionError as unknown:
        raise ConditionUnclear(f"There is no fact '{unknown.symbol_name}'.", text=text) from unknown
    except EngineError as odd:
        why = f"It cannot be read: {odd.message or type(odd).__name__}."
        raise ConditionUnclear(why, text=text, at=_at(text, tokens, odd)) from odd
    except RecursionError as deep:
        raise ConditionUnclear("It is nested too deeply.", text=text) from deep
    _check(rule.statement.expression, known)
    return Condition(" ".join(text.split()), uses, rule, _judge(rule.statement.expression))


def _at(text: str, tokens: list[str], odd: EngineError) -> int:
    """Where in the text the library lost its way; at its end where it missed something."""
    token = getattr(odd, "token", None)
    if token is None:
        return len(text.rstrip())
    # It read our tokens with a gap between any two; each of them is found again in the text as it was written.
    read, at = 0, 0
    for one in tokens:
        at = text.index(one, at)
        if read >= token.lexpos:
            return at
        read, at = read + len(one) + 1, at + len(one)
    return len(text.rstrip())


def _let_in(text: str) -> list[str]:
    """Its words and marks. Raises: ConditionUnclear for whatever is not on the short list, before anything is worked out."""
    if len(text) > LENGTH_MAX:
        raise ConditionUnclear(f"A condition has at most {LENGTH_MAX} characters; this one has {len(text)}.")
    known = facts()
    let_in: list[str] = []
    before, depth, asks = "", 0, False
    for at, (kind, mark) in enumerate(_tokens(text)):
        if at >= TOKENS_MAX:
            raise ConditionUnclear(f"A condition has at most {TOKENS_MAX} words and marks.")
        if mark == "(" and before and before not in _WORDS and before not in _OPEN:
            raise ConditionUnclear(f"'{before}(' would call something, and a condition calls nothing.")
        if mark == "[" and before != "in":
            raise ConditionUnclear("A list in square brackets only stands after 'in'.")
        depth += (mark in ("(", "[")) - (mark in (")", "]"))
        if depth > DEPTH_MAX:
            raise ConditionUnclear(f"Brackets may stand in each other {DEPTH_MAX} deep.")
        if kind == "name" and mark not in _WORDS:
            if mark not in known:
                raise ConditionUnclear(f"There is no fact '{mark}'. {_nearest(mark)}", name=mark)
            asks = True
        before = mark
        let_in.append(mark)
    if not asks:
        raise ConditionUnclear("A condition asks about at least one of the facts; parley rules facts lists them.")
    return let_in


_OPEN = frozenset({"(", "[", ",", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*"})


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while True:
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        if at == len(text):
            return
        found = _TOKEN.match(text, at)
        if found is None:
            raise ConditionUnclear(f"'{text[at : at + 12]}' cannot stand in a condition.", at=at)
        at = found.end()
        yield str(found.lastgroup), found.group()


def _nearest(name: str) -> str:
    near = [known for known in facts() if known.startswith(name[:4]) or name in known]
    return f"Perhaps {', '.join(near[:3])}?" if near else "parley rules facts lists them."


def _check(node: ast.ExpressionBase, known: Mapping[str, Fact]) -> None:
    """Raises: ConditionUnclear where the library would take anything for yes or no, or compare what is never equal."""
    if node.result_type != DataType.BOOLEAN:
        raise ConditionUnclear("It has to say yes or no: compare what it speaks of with something.")
    _check_yes_no(node, known)


def _check_yes_no(node: Any, known: Mapping[str, Fact]) -> None:
    match node:
        case ast.SymbolExpression():
            if known[node.name].kind != "yes_no":
                raise ConditionUnclear(f"'{node.name}' is not a yes or no: compare it with something.")
        case ast.LogicExpression():
            _check_yes_no(node.left, known)
            _check_yes_no(node.right, known)
        case ast.UnaryExpression() if node.type != "not":
            raise ConditionUnclear("A minus stands before figures, not before a yes or no.")
        case ast.UnaryExpression():
            _check_yes_no(node.right, known)
        case ast.ArithmeticComparisonExpression() if node.left.result_type != DataType.FLOAT:
            raise ConditionUnclear("More and less are for figures, not for texts.")
        case ast.ComparisonExpression() | ast.ArithmeticComparisonExpression():
            _check_alike(node.left, node.right, known)
        case ast.ContainsExpression():
            if not isinstance(node.container, ast.ArrayExpression) or not node.container.value:
                raise ConditionUnclear("After 'in' stands a list in square brackets, with something in it.")
            for member in node.container.value:
                _check_alike(node.member, member, known)
        case _:
            raise ConditionUnclear("A part of it is always the same, whatever the facts are.")


def _check_alike(left: Any, right: Any, known: Mapping[str, Fact]) -> None:
    if left.result_type != right.result_type or left.result_type not in (DataType.FLOAT, DataType.STRING):
        raise ConditionUnclear("It compares things that are never the same, such as a number with a text.")
    if left.result_type == DataType.STRING and not all(isinstance(side, _PLAIN_TEXT) for side in (left, right)):
        raise ConditionUnclear("Texts are compared and nothing else is done with them.")
    for side, other in ((left, right), (right, left)):
        if isinstance(side, ast.SymbolExpression) and isinstance(other, ast.StringExpression):
            values = known[side.name].values
            if values and other.value not in values:
                raise ConditionUnclear(f"'{side.name}' is never \"{other.value}\"; it is {_one_of(values)}.")


_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "ge": operator.ge, "gt": operator.gt, "le": operator.le, "lt": operator.lt,
    "add": operator.add, "sub": operator.sub, "mul": operator.mul,
}  # fmt: skip


def _judge(node: Any) -> Callable[[Mapping[str, Value]], Any]:
    """The checked condition as plain functions: a trial asks it some hundred thousand times, and the library's own walk
    takes ten times as long. A test holds the two against each other."""
    match node:
        case ast.SymbolExpression():
            return operator.itemgetter(node.name)
        case ast.FloatExpression() | ast.StringExpression():
            value: Value = node.value
            return lambda _: value
        case ast.LogicExpression():
            left, right = _judge(node.left), _judge(node.right)
            if node.type == "and":
                return lambda values: left(values) and right(values)
            return lambda values: left(values) or right(values)
        case ast.UnaryExpression():
            inner, turn = _judge(node.right), operator.not_ if node.type == "not" else operator.neg
            return lambda values: turn(inner(values))
        case ast.ContainsExpression():
            asked, listed = _judge(node.member), [_judge(member) for member in node.container.value]
            return lambda values: any(asked(values) == one(values) for one in listed)
        case _:
            one, other, compare = _judge(node.left), _judge(node.right), _COMPARED[node.type]
            return lambda values: compare(one(values), other(values))


def _one_of(values: tuple[str, ...]) -> str:
    return ", ".join(f'"{value}"' for value in values[:-1]) + f' or "{values[-1]}"'


# How a comparison reads in a sentence.
_SAID = {
    "eq": "is", "ne": "is not", "ge": "is at least", "gt": "is more than", "le": "is at most", "lt": "is less than",
    "add": "plus", "sub": "less", "mul": "times",
}  # fmt: skip


def in_words(condition: Condition) -> str:
    """The condition as somebody would say it, without a full stop."""
    known = facts()

    def name(node: Any) -> str:
        match node:
            case ast.SymbolExpression():
                return known[node.name].said
            case ast.FloatExpression():
                return _number(node.value)
            case ast.StringExpression():
                return f'"{node.value}"' if node.value else "empty"
            case ast.UnaryExpression():
                return f"minus {name(node.right)}"
            case _:
                sides = [
                    f"({name(side)})" if node.type == "mul" and hasattr(side, "left") else name(side)
                    for side in (node.left, node.right)
                ]
                return f"{sides[0]} {_SAID[node.type]} {sides[1]}"

    return _sentence(condition.rule.statement.expression, name, known)


def _sentence(node: Any, name: Callable[[Any], str], known: Mapping[str, Fact], within: str = "") -> str:
    match node:
        case ast.LogicExpression():
            said = f" {node.type} ".join(_sentence(side, name, known, node.type) for side in (node.left, node.right))
            return f"({said})" if within and within != node.type else said
        case ast.SymbolExpression():
            return known[node.name].said
        case ast.UnaryExpression():
            if isinstance(node.right, ast.SymbolExpression):
                return known[node.right.name].said_not
            return f"it is not so that ({_sentence(node.right, name, known)})"
        case ast.ContainsExpression():
            values = [name(member) for member in node.container.value]
            listed = " or ".join([", ".join(values[:-1]), values[-1]] if len(values) > 1 else values)
            return f"{name(node.member)} is {listed}"
        case _:
            return f"{name(node.left)} {_SAID[node.type]} {name(node.right)}"


def _number(value: Decimal) -> str:
    return f"{value:,f}" if value != value.to_integral_value() else f"{int(value):,}"
