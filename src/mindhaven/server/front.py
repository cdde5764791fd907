"""What a browser shows at a server that has no web app, where invitation links lead all the same. No I/O.

Guarantees: plain HTML, with no script, style, image or form, so that nothing else is asked for and nothing is sent;
what stands after `#` in a link stays in the browser. Does not: tell one visitor from another.
"""

import html
from typing import Any, Final

from mindhaven.kernel import Answer, Host

MEDIA: Final = "text/html; charset=utf-8"
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Mindhaven</title>
</head>
<body>
<h1>This is a Mindhaven server</h1>
<p>Mindhaven keeps mental-health records. They are sealed on each person's own device: whoever runs this server can't
read them.</p>
<h2>If somebody sent you a link to this page</h2>
<p>It is an invitation: they want to know that you are you, so that they can share something with you. It works once,
for 7 days. This server was installed without its web app; it is accepted with the Mindhaven program:</p>
<ol>
<li>Copy this page's whole address from the address bar of your browser. It ends in a long line of letters after
<code>#invite=</code>; without it there is nothing to accept.</li>
<li>If you have no account yet, make one: <code>mindhaven signup --server {origin}</code></li>
<li>Run <code>mindhaven contacts accept "LINK" --name NAME</code>, with the address in place of LINK and what you call
that person in place of NAME.</li>
</ol>
<p>The part after <code>#</code> is a secret between you and the person who sent it. Your browser does not send it to
this server, and this page does not read it. Don't pass the link on.</p>
<p>If you did not expect it, you need not do anything: nothing happens unless you accept.</p>
<hr>
<p>If you are in danger or thinking of suicide, call your local emergency number.</p>
</body>
</html>
"""


async def front(host: Host, _request: Any) -> Answer:
    """Answer with the page; it names the set origin, or leaves the address to be filled in."""
    origin = host.settings["server.origin"].rstrip("/") or "ADDRESS"
    return Answer(body=_PAGE.replace("{origin}", html.escape(origin)).encode(), media=MEDIA)
