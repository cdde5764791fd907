"""The soak: several devices write, revise, erase, share, revoke and read at once while their server is killed.

`make soak`, or `python -m tests.soak`. A seed fixes every device's plan and every kill; how they interleave is the
machine's. Guarantees: bounded in steps and in time; nothing leaves loopback.
"""
