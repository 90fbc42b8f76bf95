"""Which classes and transfer syntaxes are proposed and accepted.

For retrieval every syntax gets a context of its own, so that the archive can send each object as it is stored. An
association has at most 128 contexts (PS3.8 9.3.2.2): the classes come from the archive's own answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3"
VERIFICATION = "1.2.840.10008.1.1"

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
UNCOMPRESSED = (EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG)

# In the order in which they are asked for: lossless and plain first, so that a crowded proposal loses the rare ones.
SYNTAXES = (
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    "1.2.840.10008.1.2.4.80",  # JPEG-LS lossless
    "1.2.840.10008.1.2.4.90",  # JPEG 2000 lossless
    "1.2.840.10008.1.2.4.70",  # JPEG lossless, first-order prediction
    "1.2.840.10008.1.2.5",  # RLE
    "1.2.840.10008.1.2.4.50",  # JPEG baseline
    "1.2.840.10008.1.2.4.91",  # JPEG 2000
    "1.2.840.10008.1.2.4.81",  # JPEG-LS near-lossless
    "1.2.840.10008.1.2.4.51",  # JPEG extended
    "1.2.840.10008.1.2.4.57",  # JPEG lossless
    "1.2.840.10008.1.2.1.99",  # deflated
    EXPLICIT_BIG,
    "1.2.840.10008.1.2.4.201",  # HTJ2K lossless
    "1.2.840.10008.1.2.4.202",  # HTJ2K lossless RPCL
    "1.2.840.10008.1.2.4.203",  # HTJ2K
    "1.2.840.10008.1.2.4.102",  # MPEG-4 AVC
    "1.2.840.10008.1.2.4.100",  # MPEG-2
)
# Asked for where an archive does not tell the classes of a study.
COMMON_CLASSES = (
    "1.2.840.10008.5.1.4.1.1.2",  # CT
    "1.2.840.10008.5.1.4.1.1.4",  # MR
    "1.2.840.10008.5.1.4.1.1.1",  # CR
    "1.2.840.10008.5.1.4.1.1.1.1",  # DX
    "1.2.840.10008.5.1.4.1.1.1.2",  # MG
    "1.2.840.10008.5.1.4.1.1.2.1",  # enhanced CT
    "1.2.840.10008.5.1.4.1.1.4.1",  # enhanced MR
    "1.2.840.10008.5.1.4.1.1.6.1",  # US
    "1.2.840.10008.5.1.4.1.1.3.1",  # US multi-frame
    "1.2.840.10008.5.1.4.1.1.12.1",  # XA
    "1.2.840.10008.5.1.4.1.1.12.2",  # RF
    "1.2.840.10008.5.1.4.1.1.20",  # NM
    "1.2.840.10008.5.1.4.1.1.128",  # PET
    "1.2.840.10008.5.1.4.1.1.7",  # SC
    "1.2.840.10008.5.1.4.1.1.11.1",  # GSPS
    "1.2.840.10008.5.1.4.1.1.88.11",  # basic text SR
    "1.2.840.10008.5.1.4.1.1.88.22",  # enhanced SR
    "1.2.840.10008.5.1.4.1.1.88.33",  # comprehensive SR
    "1.2.840.10008.5.1.4.1.1.88.59",  # KOS
    "1.2.840.10008.5.1.4.1.1.88.67",  # dose SR
    "1.2.840.10008.5.1.4.1.1.66.4",  # SEG
    "1.2.840.10008.5.1.4.1.1.104.1",  # PDF
)
_MOST_CONTEXTS = 128


def retrieval(classes: Sequence[str]) -> list[Any]:
    """Contexts to retrieve those classes: one per class and syntax as far as 128 reach.

    Classes beyond what 126 contexts hold are left out; the caller asks for them on another association.
    """
    from pynetdicom import build_context

    wanted = list(dict.fromkeys(classes)) or list(COMMON_CLASSES)
    wanted = wanted[: _MOST_CONTEXTS - 2]
    each = (_MOST_CONTEXTS - 1) // len(wanted)
    contexts = [build_context(STUDY_ROOT_GET, [EXPLICIT_LITTLE, IMPLICIT_LITTLE])]
    for sop_class in wanted:
        alone, together = SYNTAXES[: each - 1], SYNTAXES[each - 1 :]
        contexts += [build_context(sop_class, [syntax]) for syntax in alone]
        if together:
            contexts.append(build_context(sop_class, list(together)))
    return contexts


def storage(pairs: Sequence[tuple[str, str]]) -> list[Any]:
    """Contexts to send (class, syntax) pairs, each in its own syntax."""
    from pynetdicom import build_context

    distinct = list(dict.fromkeys(pairs))[:_MOST_CONTEXTS]
    return [build_context(sop_class, [syntax]) for sop_class, syntax in distinct]


def let_in(entity: Any) -> None:
    """Let a listening entity accept verification, query, retrieval, and every storage class in every syntax.

    Storage is accepted in both roles: whoever retrieves receives on the same association (PS3.7 D.3.3.4).
    """
    from pynetdicom import AllStoragePresentationContexts

    for uid in (VERIFICATION, STUDY_ROOT_FIND, STUDY_ROOT_GET):
        entity.add_supported_context(uid, [EXPLICIT_LITTLE, IMPLICIT_LITTLE])
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(
            context.abstract_syntax, list(SYNTAXES), scu_role=True, scp_role=True
        )


def preferred(association: Any, stored: Callable[[], Mapping[str, Collection[str]]]) -> list[Any]:
    """What to accept of a peer's proposal, in the peer's own order of syntaxes.

    Where the peer retrieves, a syntax in which objects of the class are stored comes first, so that they can go as
    they are. The library itself would take its own order whatever the peer prefers.

    Args:
        association: the association that has been requested.
        stored: the syntaxes in which objects lie here, by class.
    """
    proposed: dict[str, list[str]] = {}
    for context in association.requestor.primitive.presentation_context_definition_list:
        syntaxes = proposed.setdefault(str(context.abstract_syntax), [])
        syntaxes += [str(s) for s in context.transfer_syntax if str(s) not in syntaxes]
    here = stored() if STUDY_ROOT_GET in proposed else {}
    supported = []
    for context in association.acceptor.supported_contexts:
        uid = str(context.abstract_syntax)
        if uid not in proposed:
            continue
        known = {str(s) for s in context.transfer_syntax}
        wanted = [s for s in proposed[uid] if s in known]
        held = [s for s in wanted if s in here.get(uid, ())]
        context.transfer_syntax = [*held, *(s for s in wanted if s not in held)] or list(known)
        supported.append(context)
    return supported
