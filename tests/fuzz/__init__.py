"""The fuzz: changed bytes into every decoder that faces the network or a file, into the client, and into the HTTP.

`make fuzz`, or `python -m tests.fuzz`. A seed fixes every input of a target, but for what is sealed or
signed anew for it; how many fit its seconds is the machine's. A fault is shown with its input.
What must hold: only a `MindhavenError` with a code, never another exception, no hang, no balloon; what is accepted
encodes to itself where the format has one encoding.
"""
