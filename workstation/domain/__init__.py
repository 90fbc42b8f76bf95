"""The day of a radiologist as pure values and rules; standard library only.

Reading order: ``study`` (what is read), ``roster`` (who may), ``act`` (what was done), ``version`` and ``legality``
(what a step makes, what is allowed), ``report`` (the state that follows from acts), ``journal`` (how acts are chained),
``review`` (what the reviewer changed), ``worklist`` (what to do next), ``errors`` (how a refusal is told).
"""
