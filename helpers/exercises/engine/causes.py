"""The usual cause of an error of Python, NumPy or torch, in one sentence."""

from __future__ import annotations

import re

__all__ = ["usual_cause"]

# (kind of error or "", pattern of its text, what usually lies behind it)
_CAUSES = (
    (
        "IndexError",
        r"only integers, slices|indices must be integers|used as indices must be"
        r"|can only be indexed|unsupported iterator index|invalid index",
        "An index is no whole number: `/` makes a float, `//` a whole number",
    ),
    (
        "IndexError",
        r"too many indices",
        "The index names more axes than the array has: look at its shape",
    ),
    (
        "IndexError",
        r"boolean index did not match|mask .* does not match",
        "A mask must have the shape of the axes that it chooses from",
    ),
    (
        "IndexError",
        r"could not be broadcast together|shape mismatch: indexing",
        "Arrays that index together go in pairs: give them equal shapes",
    ),
    (
        "IndexError",
        r"Dimension out of range|[Aa]xis .* out of bounds",
        "The array has fewer axes than that: look at its shape; the last one is -1",
    ),
    (
        "IndexError",
        r"",
        "With n entries the last index is n - 1, and with none there is no index at "
        "all: which one does this line reach in this case?",
    ),
    (
        "",
        r"Expected target size|Expected input batch_size",
        "cross_entropy wants a class's score on axis 1: flatten to (N, K) and (N,), or "
        "swap the last two axes of the logits",
    ),
    (
        "",
        r"[Ee]xpecting at least two arrays|expected at least 2 tensors",
        "A product of one matrix has nothing to multiply: begin with the identity, "
        "or treat one factor by itself",
    ),
    (
        "",
        r"need at least one array|non-empty (?:TensorList|list of Tensors)"
        r"|(?:max|min)\(\) .*empty|zero-size array to reduction|numel\(\) == 0"
        r"|not enough values to unpack \(expected \d+, got 0\)|from an empty",
        "Something is empty in this case: what should come out then?",
    ),
    (
        "",
        r"cannot assign '[\w.]+' as parameter",
        "A parameter stays the object that it is: write into it, "
        "`with torch.no_grad(): p.copy_(torch.as_tensor(values))`",
    ),
    (
        "",
        r"shapes cannot be multiplied|size-\d+|not aligned|[Mm]ismatch in its core"
        r"|inconsistent tensor size|batch1 and|Expected size for first two dimensions",
        "In A @ B the last axis of A is as long as the last but one of B: compare the "
        "shapes, and look for a missing or superfluous `.T`",
    ),
    (
        "",
        r"could not (?:be )?broadcast|must match the size of tensor|shape mismatch"
        r"|array dimensions .* must match|Sizes of tensors must match|expanded size",
        "From the last axis back, two axes fit if they are equally long or one is 1: "
        "print both shapes",
    ),
    (
        "TypeError",
        r"'list' and '(?:list|int|float)'|'(?:int|float)' and 'list'",
        "Plain lists do no arithmetic: np.array makes an array of one",
    ),
    (
        "TypeError",
        r"converted to a scalar index|(?:list|tuple) indices must be integers or",
        "A list or a tuple takes one whole number as its index: np.asarray makes an "
        "array of a list, and values returned together want a name each",
    ),
    (
        "",
        r"(?:tuple|list)'? ?(?:object )?(?:has no attribute|and '|\(?.*not Tensor)"
        r"|'tuple'|not tuple|a tuple|got tuple",
        "Something is a tuple here: a function that returns several values needs as "
        "many names, `a, b = f(x)`",
    ),
    (
        "",
        r"'?NoneType'?",
        "Something is None: a function without `return`, or a method that changes its "
        "object and returns nothing, such as `list.sort` or `append`",
    ),
    (
        "",
        r"same dtype|expected (?:scalar )?type|Float but got|Double but got"
        r"|dtypes? (?:do not |mis)?match|expected m1 and m2|to be Long"
        r"|Expected dtype int|scalar types: Long|type LongTensor|for 'Long'",
        "Two tensors have different dtypes: bring one to the other's, "
        "`x.to(other.dtype)`; ids and targets are integers",
    ),
    (
        "",
        r"[Cc]an't call numpy\(\) on Tensor that requires grad",
        "A tensor that wants a gradient becomes an array by `x.detach().numpy()`",
    ),
    (
        "",
        r"leaf [Vv]ariable that requires grad",
        "Parameters are changed in place under `with torch.no_grad():` only",
    ),
    (
        "",
        r"does not require grad",
        "Nothing leads back from here: a `detach`, `.item()`, `no_grad` or an array on "
        "the way has cut the graph",
    ),
    (
        "",
        r"backward through the graph a second time",
        "backward has freed this graph: a state from before has to be detached, or the "
        "losses added up and sent back once",
    ),
    (
        "",
        r"[Oo]nly (?:length-1|0-dimensional|size-1|one.element|integer scalar) ?"
        r"|converted to Python|must be real number, not",
        "`math`, `float` and `int` take one number: use NumPy's or torch's function "
        "for an array",
    ),
    (
        "",
        r"truth value of an? .*array|Boolean value of Tensor",
        "`if`, `and` and `or` want one truth value: use `.any()`, `.all()`, `&`, `|` "
        "or np.where",
    ),
    (
        "OverflowError",
        r"math range|too large",
        "math.exp overflows above 709: np.exp gives inf there, or treat it apart",
    ),
    (
        "ZeroDivisionError",
        r"",
        "Something that divides is 0 in this case: what should come out then?",
    ),
    (
        "KeyError",
        r"",
        "A dict has no such key: `key in d` asks, and `d.get(key, 0)` has an answer "
        "for it",
    ),
    (
        "NameError",
        r"",
        "A name is used before it has a value: a slip of the pen, or a cell above that "
        "was not run",
    ),
    (
        "UnboundLocalError",
        r"",
        "In this case no line has given the name a value before it is used",
    ),
    (
        "TypeError",
        r"positional argument|unexpected keyword",
        "Your function is called with the arguments of the stub: keep its first line",
    ),
    (
        "AttributeError",
        r"'(?:(?:numpy\.)?ndarray|numpy\.\w+|Tensor)' object",
        "The name is none that this array or tensor has: torch and NumPy often differ "
        "in a word",
    ),
    (
        "AttributeError",
        r"'(?:int|float)' object .*'(?:backward|detach|grad|requires_grad)'",
        "`.item()` and float(…) make a plain number of a tensor: only the tensor has "
        "a graph",
    ),
    (
        "AttributeError",
        r"'(?:int|float|list)' object",
        "This is a plain number or list, with none of an array's methods: np.asarray "
        "makes an array of it",
    ),
    (
        "TypeError",
        r"'(?:float|numpy\.float\d+)' object cannot be interpreted as an integer",
        "A count must be whole: `//` in place of `/`, or int(…)",
    ),
    (
        "TypeError",
        r"object is not callable",
        "Something that is no function stands before `(`: is a name used twice?",
    ),
    (
        "TypeError",
        r"'(?:method|function|builtin_function_or_method)' object is not",
        "A function is named and not called: `f(…)`, with parentheses",
    ),
    (
        "TypeError",
        r"'(?:int|float|bool|complex|numpy\.\w+)' object is not (?:subscr|iter)"
        r"|over a 0-d|unsized object",
        "A single number is taken for an array or a list",
    ),
    (
        "",
        r"array split does not result in an equal division",
        "np.split cuts rows unless `axis=1` is given",
    ),
    (
        "",
        r"inhomogeneous",
        "Rows of different lengths make no array: pad them, or keep a list",
    ),
    (
        "",
        r"cannot reshape array|is invalid for input of size",
        "reshape keeps the number of entries: multiply the sizes that you ask for",
    ),
    (
        "",
        r"(?:not enough|too many) values to unpack",
        "There are more or fewer values than names before the `=`",
    ),
)


def usual_cause(error: Exception) -> str:
    """Return what usually lies behind an error, as a sentence; "" if unknown."""
    kind = type(error).__name__
    for of, pattern, words in _CAUSES:
        if of in ("", kind) and re.search(pattern, str(error)):
            end = "" if words.endswith("?") else "."
            return f"The usual cause: {words[0].lower()}{words[1:]}{end}"
    return ""
