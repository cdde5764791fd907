"""What is looked at on a page as it stands: sizes, edges, colours of the system's own, the other direction of writing.

Each returns what it finds as text: an empty list is what is wanted. What is changed for a look is changed back.
"""

from pathlib import Path

from tests.browser.conftest import Person

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
TARGET = 48
"""The least width and height of what is pressed."""
CONTROLS = (
    "button, a[href], summary, select, textarea, input:not([type=radio], [type=checkbox], .hidden), "
    "label.face, label.button, label.check"
)
_SEEN = f"""
const seen = one => one.checkVisibility({{ visibilityProperty: true }}) && one.getBoundingClientRect().width > 0
  && one.closest('details:not([open]) > :not(summary)') === null;
const controls = [...document.querySelectorAll({CONTROLS!r})].filter(seen);
const named = one => one.outerHTML.slice(0, 110);
"""


def faults(person: Person, *, colours: bool = False) -> list[str]:
    """Return what axe finds on the page; `colours`: contrasts only, for a second scheme of the same page."""
    if not person.page.evaluate("'axe' in window"):
        person.page.evaluate(AXE.read_text("utf-8") + "; void 0")
    what = {"runOnly": ["color-contrast"] if colours else RULES}
    found = person.page.evaluate("what => axe.run(what)", what)
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]


def too_small(person: Person) -> list[str]:
    """Return the buttons and links that are smaller than a thumb; seven days stand side by side at 320 px."""
    found: list[str] = person.page.evaluate(
        f"""least => {{ {_SEEN}
          return controls.filter(one => {{ const box = one.getBoundingClientRect();
            return box.width < (one.matches('.day') ? 38 : least) || box.height < least - 0.5 }}).map(named) }}""",
        TARGET,
    )
    return found


def cut(person: Person) -> list[str]:
    """Return what scrolls sideways, stands beside the page, is wider than its place, or lies over another control."""
    found: list[str] = person.page.evaluate(
        f"""() => {{ {_SEEN}
          const page = document.documentElement, found = [];
          if (page.scrollWidth > page.clientWidth) found.push('the page scrolls sideways');
          for (const one of controls) {{
            const box = one.getBoundingClientRect();
            if (box.left < -0.5 || box.right > page.clientWidth + 0.5) found.push('beside the page: ' + named(one));
            if (!one.matches('textarea, input, select') && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
              found.push('cut: ' + named(one));
          }}
          const inner = controls.filter(one => one.closest('main'));
          inner.forEach((one, at) => inner.slice(at + 1).forEach(other => {{
            if (one.contains(other) || other.contains(one)) return;
            const boxes = other => [...other.getClientRects()];
            if (boxes(one).some(a => boxes(other).some(b => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
                && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)))
              found.push('over one another: ' + named(one) + ' | ' + named(other));
          }}));
          return found }}"""
    )
    return found


def mirrored(person: Person) -> list[str]:
    """Return what `cut` finds where writing goes from right to left."""
    person.page.evaluate("document.documentElement.dir = 'rtl'")
    found = [f"from right to left: {one}" for one in cut(person)]
    person.page.evaluate("document.documentElement.removeAttribute('dir')")
    return found


def covered(person: Person) -> list[str]:
    """Return what lies under a fixed bar while it has the focus, going down the page and up again."""
    found: list[str] = person.page.evaluate(
        f"""() => {{ {_SEEN}
          const before = document.activeElement, found = new Set();
          const all = [...document.querySelectorAll('button, a[href], summary, select, textarea, input')].filter(seen)
            .filter(one => !one.disabled);
          for (const one of [...all, ...all.toReversed()]) {{
            one.focus();
            const shown = one.matches('.hidden, .face input') ? one.closest('label') : one;
            const box = shown.getBoundingClientRect();
            const at = [[box.left + box.width / 2, box.top + Math.min(box.height / 2, 24)],
                        [box.left + box.width / 2, box.bottom - Math.min(box.height / 2, 24)]];
            const free = at.some(([x, y]) => {{ const over = document.elementFromPoint(x, y);
              return over !== null && !over.matches('.bar, .header')
                && (shown.contains(over) || over.contains(shown)) }});
            if (!free) found.add(named(one));
          }}
          before?.focus({{ preventScroll: true }});
          scrollTo(0, 0);
          return [...found] }}"""
    )
    return found


def lost(person: Person) -> list[str]:
    """Return what can't be told where the system gives the colours: edges, focus, what is chosen, marks."""
    person.page.emulate_media(forced_colors="active")
    found: list[str] = person.page.evaluate(
        f"""() => {{ {_SEEN}
          const found = [], style = getComputedStyle;
          if (!matchMedia('(forced-colors: active)').matches) found.push('no forced colours: this shows nothing');
          const canvas = style(document.body).backgroundColor;
          const ground = one => {{ const own = one === null ? canvas : style(one).backgroundColor;
            return own === 'rgba(0, 0, 0, 0)' ? ground(one.parentElement) : own }};
          const edge = one => ['Top', 'Bottom', 'Left', 'Right'].map(side =>
            [parseFloat(style(one)['border' + side + 'Width']), style(one)['border' + side + 'Color'],
             style(one)['border' + side + 'Style']].join(' ')).join();
          const edged = one => ['Top', 'Bottom'].every(side => parseFloat(style(one)['border' + side + 'Width']) > 0
            && style(one)['border' + side + 'Style'] !== 'none' && style(one)['border' + side + 'Color'] !== canvas);
          for (const one of controls) {{
            if (one.matches('.button, .choice, select, textarea, input:not([type=range], [type=file])') && !edged(one))
              found.push('no edge: ' + named(one));
            if (style(one).color === ground(one)) found.push('no word: ' + named(one));
          }}
          const told = one => [edge(one), style(one).outlineStyle, style(one).outlineWidth, style(one).backgroundColor,
            style(one).textDecorationLine].join();
          const groups = 'fieldset, nav, table, .chips, .buttons, .languages, main';
          for (const chosen of document.querySelectorAll('[aria-pressed=true], [aria-current=page]')) {{
            const others = chosen.closest(groups)
              .querySelectorAll('[aria-pressed=false], .bar button:not([aria-current])');
            const other = [...others].find(one => seen(one) && one.className === chosen.className);
            if (other && seen(chosen) && told(other) === told(chosen)) found.push('chosen or not: ' + named(chosen));
          }}
          for (const shape of document.querySelectorAll('.chart .mark, .calendar svg *, .rows svg *')) {{
            const of = style(shape);
            if (seen(shape) && [canvas, 'none'].includes(of.stroke) && [canvas, 'none'].includes(of.fill))
              found.push('no mark: ' + named(shape));
          }}
          for (const dot of document.querySelectorAll('.dot'))
            if (style(dot).backgroundColor === canvas) found.push('no dot: ' + named(dot));
          for (const line of document.querySelectorAll('.chart polyline'))
            if ([canvas, 'none'].includes(style(line).stroke)) found.push('no line: ' + named(line));
          const first = controls.find(one => one.matches('main :is(button, input, textarea, summary)')) ?? controls[0];
          document.activeElement?.blur();
          first.focus({{ focusVisible: true, preventScroll: true }});
          const ringed = first.matches('.face input') ? first.closest('label') : first;
          if (style(ringed).outlineStyle === 'none' || parseFloat(style(ringed).outlineWidth) < 2
              || style(ringed).outlineColor === canvas) found.push('no focus: ' + named(first));
          return found }}"""
    )
    person.page.emulate_media(forced_colors="none")
    return found
