"""Every service without a window: text for people or ``--json`` for programs.

Reading order: ``main`` (the arguments), ``printing`` (how answers and refusals are told), then the commands by what
they concern: ``archive`` (node, nodes), ``images`` (import, worklist, fetch, render, hang), ``reports`` (report, sync),
``proof`` (verify), ``demo``. Exit status: 0 the work was done, 1 a refusal told in one line on stderr, 2 wrong usage.
"""
