"""The shape of the code: small files, short functions, few methods, values that cannot change.

An exception is a line in EXCEPTIONS: the place, the rule, and the reason it is better so.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import Source, product, suite

MOST_FILE_LINES = 500
MOST_FUNCTION_LINES = 50
MOST_CLASS_LINES = 250
MOST_METHODS = 20
MOST_WIDGET_METHODS = 25  # Qt's event handlers are methods too
MOST_POSITIONAL = 5
MOST_POSITIONAL_FIELDS = 2
WIDGET_PLACES = ("workstation/ui/", "viewer/qt/")
EMPTY_WORDS = re.compile(r"(^|_)(managers?|helpers?|utils?|utilities|misc|common)(_|$)")
MUTATORS = {
    "append", "add", "update", "pop", "popitem", "clear", "setdefault", "extend", "remove",
    "insert", "discard", "sort", "reverse",
}  # fmt: skip

# "place:name rule" -> reason
EXCEPTIONS = {
    "workstation/network/answers.py:Taking dataclass": "one transfer under way: counts what came",
    "workstation/services/sending.py:Drained dataclass": "one drain under way: gathers its result",
    "workstation/services/receiving.py:Received dataclass": "one round under way: gathers its result",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def classes(tree: ast.AST) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def judged(found: Iterator[str]) -> set[str]:
    return {fault for fault in found if fault.split(" (")[0] not in EXCEPTIONS}


def long_files() -> Iterator[str]:
    for source in (*product(), *suite()):
        count = source.text.count("\n")
        if count > MOST_FILE_LINES:
            yield f"{source.place} file-lines ({count})"


def long_functions() -> Iterator[str]:
    for source in product():
        for function in functions(source.tree):
            if lines(function) > MOST_FUNCTION_LINES:
                yield f"{source.place}:{function.name} function-lines ({lines(function)})"


def large_classes() -> Iterator[str]:
    for source in product():
        widgets = source.place.startswith(WIDGET_PLACES)
        most_methods = MOST_WIDGET_METHODS if widgets else MOST_METHODS
        for klass in classes(source.tree):
            methods = sum(isinstance(node, Function) for node in klass.body)
            if lines(klass) > MOST_CLASS_LINES:
                yield f"{source.place}:{klass.name} class-lines ({lines(klass)})"
            if methods > most_methods:
                yield f"{source.place}:{klass.name} methods ({methods})"


def wide_signatures() -> Iterator[str]:
    for source in product():
        for function in functions(source.tree):
            given = [*function.args.posonlyargs, *function.args.args]
            own = given[1:] if given and given[0].arg in {"self", "cls"} else given
            if len(own) > MOST_POSITIONAL:
                yield f"{source.place}:{function.name} positional ({len(own)})"


def changeable_values() -> Iterator[str]:
    for source in product():
        for klass in classes(source.tree):
            for mark in klass.decorator_list:
                text = ast.unparse(mark)
                if text.split("(")[0] not in {"dataclass", "dataclasses.dataclass"}:
                    continue
                fields = sum(isinstance(node, ast.AnnAssign) for node in klass.body)
                wanted = ["frozen", "slots"]
                if fields > MOST_POSITIONAL_FIELDS:
                    wanted.append("kw_only")
                if any(f"{word}=True" not in text for word in wanted):
                    yield f"{source.place}:{klass.name} dataclass ({text})"


def module_state(source: Source) -> Iterator[str]:
    """Module-level containers that the module's own functions change, and `global` statements."""
    containers = {
        target.id
        for node in source.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for function in functions(source.tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                yield f"{source.place}:{function.name} global"
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
                changed: ast.expr = node.value
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in MUTATORS
            ):
                changed = node.func.value
            else:
                continue
            if isinstance(changed, ast.Name) and changed.id in containers - locals_of(function):
                yield f"{source.place}:{function.name} module-state ({changed.id})"


def locals_of(function: Function) -> set[str]:
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    bound = {argument.arg for argument in given}
    return bound | {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def test_files_are_short() -> None:
    assert not judged(long_files())


def test_functions_are_short() -> None:
    assert not judged(long_functions())


def test_classes_are_small() -> None:
    assert not judged(large_classes())


def test_signatures_are_narrow() -> None:
    assert not judged(wide_signatures())


def test_values_are_frozen_slotted_and_keyword_only() -> None:
    assert not judged(changeable_values())


def test_modules_hold_no_state() -> None:
    assert not judged(fault for source in product() for fault in module_state(source))


def test_modules_are_named_by_what_they_are() -> None:
    assert not {
        source.place
        for source in (*product(), *suite())
        if any(EMPTY_WORDS.search(part) for part in source.module.split("."))
    }


def test_every_exception_is_still_needed() -> None:
    faults = (
        *long_files(), *long_functions(), *large_classes(), *wide_signatures(),
        *changeable_values(), *(fault for source in product() for fault in module_state(source)),
    )  # fmt: skip
    assert set(EXCEPTIONS) <= {fault.split(" (")[0] for fault in faults}


def test_the_state_rule_sees_a_changed_module_container() -> None:
    text = "SEEN = []\ndef note(x):\n    SEEN.append(x)\ndef own():\n    SEEN = []\n    SEEN.append(1)\n"
    here = suite()[0]
    source = Source(path=here.path, text=text, tree=ast.parse(text))
    assert [fault.split(":")[1] for fault in module_state(source)] == ["note module-state (SEEN)"]
