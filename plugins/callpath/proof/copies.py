"""The proof of a call through a copied pointer: back from the call to where the callee is put.

A pointer is followed from place to place: out of the local, the parameter, the variable or the
member that is called into what was put there, until it comes from a place that holds the callee.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from callpath.c.facts import Body, Call, CallForm, Copy, Place, PlaceForm
from callpath.facts.proof import (
    EdgeStatus,
    Proof,
    ProofSite,
    SiteRole,
    Verdict,
    Via,
    without_indexes,
)
from callpath.model import SymbolKind
from callpath.proof.arguments import is_dropped
from callpath.proof.code import Code, Target, proved
from callpath.proof.direct import hidden_by
from callpath.proof.pointer import (
    Bound,
    bindings_of,
    is_local_call,
    is_other_element,
    is_pointer_variable,
    is_same_variable,
    place_fit,
    receiver_struct,
)
from callpath.proof.types import Fit, compare_structs

_MOST_COPIES = 4  # how many copies one pointer is followed through
_MOST_PLACES = 400  # how many places are looked at for one edge
_MOST_FILES = 24  # files of the tree that are parsed for one place
_FORMS = {
    PlaceForm.NAME: CallForm.DIRECT,
    PlaceForm.MEMBER: CallForm.MEMBER,
    PlaceForm.ELEMENT: CallForm.ARRAY,
}
_PLACES = {form: place for place, form in _FORMS.items()}


class _Pointer(Struct, frozen=True):
    """A place that holds a pointer, as a file names it, and the way to it from the call."""

    path: str
    function: str  # the function whose body names it
    place: Place
    call: ProofSite
    called: Place  # what is called at that site
    way: tuple[tuple[str, Copy], ...] = ()  # the copies, each with its file, the last one first
    is_sure: bool = True  # whether all types on the way are known to fit

    @property
    def key(self) -> tuple[str, str, Place]:
        """What tells it from other places."""
        own = self.place.form is PlaceForm.LOCAL or self.place.scope
        return (self.path, self.function if own else "", self.place)

    def back(self, path: str, copy: Copy, *, is_sure: bool = True) -> "_Pointer":
        """Where a copy took the pointer from."""
        way = (*self.way, (path, copy))
        sure = self.is_sure and is_sure
        return replace(
            self, path=path, function=copy.function, place=copy.source, way=way, is_sure=sure
        )


class _End(Struct, frozen=True):
    """A pointer that holds the callee."""

    pointer: _Pointer
    bound: Bound | None  # what puts it there; None where the function itself is copied
    is_sure: bool

    @property
    def names(self) -> list[tuple[str, Place]]:
        """The places on the way, the one that is called first, without the callee's own name."""
        way = self.pointer.way
        first = (self.pointer.call.path, self.pointer.called)
        names = [first, *((path, copy.source) for path, copy in way)]
        return names if self.bound is not None or len(names) == 1 else names[:-1]

    @property
    def member(self) -> str:
        """The last member on the way; else the place that is called."""
        if self.bound is not None and self.bound.member:
            return self.bound.member
        members = [place.name for _, place in self.names if place.receiver]
        return members[-1] if members else self.names[0][1].name


def prove_copied(
    code: Code, caller: Target, callee: Target, via: Via | None, *, near: bool = False
) -> Verdict | None:
    """A call through a pointer that was copied from a place that holds the callee.

    Half a proof if nothing but `via` could say that the types fit; None if there is no such way.

    Parameters:
        near: Whether only the files of the two are looked at.
    """
    if callee.kind is not SymbolKind.FUNCTION or caller.kind is not SymbolKind.FUNCTION:
        return None
    doubtful: _End | None = None
    for end in _Search(code, callee, caller, near or code.brief).ends():
        if via is not None and not _is_via(code, via, end):
            continue
        if end.is_sure or via is not None:
            return proved(Proof.POINTER, _sites(end), member=end.member)
        doubtful = doubtful or end
    return _doubtful(code, doubtful) if doubtful else None


def _doubtful(code: Code, end: _End) -> Verdict:
    call, *_, last = _sites(end)
    reason = (
        f"the call at {call.path}:{call.line} may go through `{end.member}`, which is filled at"
        f" {last.path}:{last.line}: name the pointer with `via` if it is that one"
    )
    status = EdgeStatus.HALF if code.files.searchable else EdgeStatus.NOT_SEARCHED
    return Verdict(status, Proof.POINTER, (call,), member=end.member, reason=reason)


def _sites(end: _End) -> tuple[ProofSite, ...]:
    """The call, the copies on the way back from there, and where the callee is put."""
    sites = [end.pointer.call]
    for number, (path, copy) in enumerate(end.pointer.way, start=1):
        role = SiteRole.COPY
        if end.bound is None and number == len(end.pointer.way):
            is_argument = copy.target.form is PlaceForm.ARGUMENT
            role = SiteRole.HAND_OVER if is_argument else SiteRole.BINDING
        sites.append(ProofSite(path, copy.line, role, copy.condition, copy.target.name))
    if end.bound is not None:
        sites.append(end.bound.site())
    return tuple(dict.fromkeys(sites))


def _is_via(code: Code, via: Via, end: _End) -> bool:
    """Whether one of the pointers on the way is the one that is named."""
    bound = end.bound
    if bound is not None and is_other_element(code, via, bound):
        return False
    for path, place in end.names:
        owners = (without_indexes(place.receiver), place.receiver_root)
        if place.name == via.member and (
            not via.owner
            or via.owner in owners
            or (place.receiver and receiver_struct(code, path, as_call(place)).tag == via.owner)
        ):
            return True
    if bound is None or via.member not in (bound.member, bound.array):
        return False
    return not via.owner or via.owner in (bound.owner, bound.tag)


def as_call(place: Place) -> Call:
    """The call of what is in a place."""
    return Call(
        _FORMS.get(place.form, CallForm.DIRECT),
        place.name,
        0,
        receiver=place.receiver,
        receiver_tag=place.receiver_tag,
        receiver_root=place.receiver_root,
        receiver_path=place.receiver_path,
        root_tag=place.root_tag,
    )


def _as_whole(element: Place) -> Place:
    """The local that an element is of."""
    return replace(element, form=PlaceForm.LOCAL)


def _element(array: _Pointer) -> _Pointer:
    """An element of what a pointer to an array was copied from."""
    return replace(array, place=replace(array.place, form=PlaceForm.ELEMENT))


class _Search(Struct, dict=True):
    """The search for the ways from the calls in a caller to a callee."""

    code: Code
    callee: Target
    caller: Target
    is_near: bool

    def ends(self) -> Iterator[_End]:
        """The pointers that hold the callee, those with the fewest copies first."""
        pending = deque(self._starts())
        seen = {each.key for each in pending}
        for _ in range(_MOST_PLACES):
            if not pending:
                return
            pointer = pending.popleft()
            yield from self._ends(pointer)
            for source in self._sources(pointer) if len(pointer.way) < _MOST_COPIES else ():
                if source.key not in seen:
                    seen.add(source.key)
                    pending.append(source)

    def _starts(self) -> Iterator[_Pointer]:
        code, path = self.code, self.caller.path
        file = code.file(path)
        for definition in self.caller.definitions if file else ():
            for copy in file.copies(definition) if file else ():
                if copy.target.form is PlaceForm.CALLED:
                    site = ProofSite(path, copy.line, SiteRole.CALL, copy.condition)
                    yield _Pointer(path, self.caller.name, copy.source, site, copy.source)
            body = file.body(definition) if file else Body()
            for call in body.calls:
                form = _PLACES.get(call.form)
                if form is None or not self._is_pointer(call):
                    continue
                if is_dropped(code, path, body, call):
                    continue
                place = Place(
                    form,
                    call.name,
                    receiver=call.receiver,
                    receiver_tag=call.receiver_tag,
                    receiver_root=call.receiver_root,
                    receiver_path=call.receiver_path,
                    root_tag=call.root_tag,
                )
                site = ProofSite(path, call.line, SiteRole.CALL, call.condition)
                yield _Pointer(path, self.caller.name, place, site, place)

    def _is_pointer(self, call: Call) -> bool:
        """Whether a call goes through something else than a local, which is among the copies."""
        if is_local_call(self.code, self.caller, call):
            return False
        is_direct = call.form is CallForm.DIRECT
        return (
            not is_direct
            or is_pointer_variable(self.code, self.caller, call.name)
            or (self._is_elsewhere(call.name))
        )

    def _is_elsewhere(self, name: str) -> bool:
        """Whether a file at hand that fills pointers has a variable of a name for all to see."""
        code, path = self.code, self.caller.path
        if code.symbol(path, name).definitions:
            return False
        paths = (self.callee.path, *(bound.path for bound in self._bindings), *code.nearby)
        for where in dict.fromkeys(paths):
            file = code.file(where) if code.files.has(where, name) else None
            if file is not None and name in file.types.variables:
                return not code.symbol(where, name, SymbolKind.VARIABLE).is_static
        return False

    @cached_property
    def _bindings(self) -> Sequence[Bound]:
        return tuple(bindings_of(self.code, self.callee, self.caller.path))

    def _ends(self, pointer: _Pointer) -> Iterator[_End]:
        place = pointer.place
        if place.scope or place.form not in _FORMS:
            return
        code = self.code
        if place.form is PlaceForm.NAME and place.name == self.callee.name:
            if hidden_by(code, self.callee, pointer.path) is None:
                yield _End(pointer, None, pointer.is_sure)
            return
        here = code.symbol(pointer.path, pointer.function, SymbolKind.FUNCTION)
        for bound in self._bindings:
            fit = place_fit(code, here, as_call(place), bound)
            if fit is not None and fit is not Fit.DIFFERENT:
                yield _End(pointer, bound, pointer.is_sure and fit is Fit.SAME)

    def _sources(self, pointer: _Pointer) -> Iterator[_Pointer]:
        """Where what a place holds is copied from."""
        place, path = pointer.place, pointer.path
        if place.form is PlaceForm.LOCAL or place.scope:
            yield from self._put_here(pointer)
        elif place.form is PlaceForm.RESULT:
            for target in self._functions(place.name, path):
                for copy in self._copies(target):
                    if (copy.target.form, copy.target.name) == (PlaceForm.RESULT, place.name):
                        yield pointer.back(target.path, copy)
        elif place.form in _FORMS:
            yield from self._put(pointer)

    def _put_here(self, pointer: _Pointer) -> Iterator[_Pointer]:
        """What is put into a local, or given to a parameter."""
        place, path = pointer.place, pointer.path
        here = self.code.symbol(path, pointer.function, SymbolKind.FUNCTION)
        for copy in self._copies(here):
            if copy.target == place:
                yield pointer.back(path, copy)
            elif place.form is PlaceForm.ELEMENT and copy.target == _as_whole(place):
                yield _element(pointer.back(path, copy))
        if place.position >= 0:
            yield from self._given(pointer, here)

    def _given(self, pointer: _Pointer, function: Target) -> Iterator[_Pointer]:
        """What the callers of a function give it as a parameter."""
        wanted = Place(PlaceForm.ARGUMENT, function.name, position=pointer.place.position)
        for where in self._files(function.name, function.path, is_own=function.is_static):
            if where != function.path and hidden_by(self.code, function, where) is not None:
                continue
            for copy in self._beside(where, function.name):
                if copy.target == wanted:
                    yield pointer.back(where, copy)

    def _put(self, pointer: _Pointer) -> Iterator[_Pointer]:
        """What is put into a member, a variable or an array, wherever that is."""
        place, code = pointer.place, self.code
        call = as_call(place)
        struct = receiver_struct(code, pointer.path, call) if place.receiver else None
        is_own = struct is None and self._is_own(pointer)
        for where in self._files(place.name, pointer.path, is_own=is_own):
            for copy in self._beside(where, place.name):
                target = copy.target
                is_same = (target.form, target.name) == (place.form, place.name)
                if not is_same or target.scope or bool(target.receiver) != bool(place.receiver):
                    continue
                if struct is None:
                    if is_same_variable(code, pointer.path, where, place.name):
                        yield pointer.back(where, copy)
                    continue
                fit = compare_structs(code, struct, receiver_struct(code, where, as_call(target)))
                if fit is not Fit.DIFFERENT:
                    yield pointer.back(where, copy, is_sure=fit is Fit.SAME)

    def _is_own(self, pointer: _Pointer) -> bool:
        name = pointer.place.name
        return self.code.symbol(pointer.path, name, SymbolKind.VARIABLE).is_static

    def _copies(self, function: Target) -> Iterator[Copy]:
        file = self.code.file(function.path)
        for definition in function.definitions if file else ():
            yield from file.copies(definition) if file else ()

    def _beside(self, path: str, word: str) -> Sequence[Copy]:
        file = self.code.file(path)
        return file.copies_beside(word) if file else ()

    def _functions(self, name: str, path: str) -> Iterator[Target]:
        """The functions that a name means in a file."""
        own = self.code.symbol(path, name, SymbolKind.FUNCTION)
        if own.definitions:
            yield own
            return
        for where in self._files(name, path):
            found = self.code.symbol(where, name, SymbolKind.FUNCTION)
            if found.definitions and hidden_by(self.code, found, path) is None:
                yield found

    def _files(self, word: str, path: str, *, is_own: bool = False) -> Iterator[str]:
        """The files to look for a word in: those at hand, then of the tree what may lead on."""
        code = self.code
        if is_own:
            yield path
            return
        first = (path, self.callee.path, *(bound.path for bound in self._bindings))
        hand: Sequence[str] = tuple(dict.fromkeys((*first, *code.nearby)))
        if not code.brief and not self.is_near:
            hand = code.at_hand(*first)
        yield from (each for each in hand if code.files.has(each, word))
        if self.is_near or not code.files.searchable:
            return
        rest = (each for each in code.files.holding(word) if each not in hand)
        asked = 0
        for each in rest:
            if asked < _MOST_FILES and any(code.files.has(each, aim) for aim in self._aims):
                asked += 1
                yield each

    @cached_property
    def _aims(self) -> frozenset[str]:
        """What stands where the callee, or a place that holds it, is copied from."""
        held = {bound.member or bound.array or bound.owner for bound in self._bindings}
        return frozenset({self.callee.name, *filter(None, held)})
