#!/usr/bin/env bash
# Pygments 2.21.0, its C lexer.
# A condition that begins with a hexadecimal or octal number (`#if 0x0600 <= LAMP_VERSION`) is read
# as `#if 0`: all lines up to `#endif` are coloured as a comment. One guesses that only the number
# zero does that, as it does where a space follows it.
# Seen: the function's name has the token type Comment, not Name.Function.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install pygments==2.21.0
venv/bin/python - <<'PYTHON'
from pygments import lex
from pygments.lexers import CLexer

def type_of_name(condition):
    code = f"#if {condition}\nint lamp_on(void)\n{{\n\treturn 1;\n}}\n#endif\n"
    return next(str(kind) for kind, text in lex(code, CLexer()) if "lamp_on" in text)

conditions = ("LAMP_VERSION >= 0x0600", "0x0600 <= LAMP_VERSION", "010 < N")
seen = {each: type_of_name(each) for each in conditions}
print(seen)
assert seen == {
    "LAMP_VERSION >= 0x0600": "Token.Name.Function",
    "0x0600 <= LAMP_VERSION": "Token.Comment",
    "010 < N": "Token.Comment",
}
PYTHON
