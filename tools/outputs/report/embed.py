#!/usr/bin/env python3
# Copyright (c) 2026 The binarly-images authors
# Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.
"""Usage: embed.py PAGE STYLE SCRIPT CPP

Puts the style and the script into the page, tells the page's content security policy their hashes,
so that the browser takes no other, and writes the whole as a C++ constant.
"""
import base64
import hashlib
import re
import sys


def read(path):
    """A file without the comment that it begins with."""
    with open(path, encoding='utf-8') as file:
        return re.sub(r'\A\s*(/\*.*?\*/|<!--.*?-->)\s*', '', file.read(), flags=re.DOTALL)


def token(text):
    digest = hashlib.sha256(text.encode('utf-8')).digest()
    return "'sha256-" + base64.b64encode(digest).decode('ascii') + "'"


def main():
    page, style, script = (read(path) for path in sys.argv[1:4])
    for name, text in (('style', style), ('script', script)):
        if '</' + name in text or '{{' in text:
            sys.exit(f'the {name} holds what would end it, or what the page fills in')
    parts = {'style': style, 'script': script,
             'style-hash': token(style), 'script-hash': token(script)}
    whole = re.sub(r'@(style|script)(-hash)?@', lambda found: parts[found[0].strip('@')], page)
    # Compilers need not accept longer literals.
    pieces = [whole[at:at + 8000] for at in range(0, len(whole), 8000)]
    literal = '\n'.join('    R"~page~(' + piece + ')~page~"' for piece in pieces)
    with open(sys.argv[4], 'w', encoding='utf-8') as file:
        file.write('#include "tools/outputs/report_template.hpp"\n\n'
                   'namespace binarly::tools {\n\n'
                   f'const std::string_view report_template =\n{literal};\n\n'
                   '}  // namespace binarly::tools\n')


main()
