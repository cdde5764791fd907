/** A text as a square to scan, drawn as one path: no style and no HTML is set from a string. */

import { encode } from "uqr";

import { words } from "../words.ts";

const MARGIN = 2;

export function Qr({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: "M", border: MARGIN });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${String(x)} ${String(y)}h1v1h-1z` : ""))).join("");
  return (
    <svg class="qr" viewBox={`0 0 ${String(size)} ${String(size)}`} role="img" aria-label={words.square}>
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}
