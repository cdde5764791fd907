/** How the person app is built: into the Python package, with a list of every file's hash and integrity in the page. */

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { defineConfig, type Plugin } from "vite";

const TARGET = fileURLToPath(new URL("../../../src/mindhaven/server/web", import.meta.url));

function filesUnder(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesUnder(path) : [path];
    });
}

/** Write integrity into the page, then `release.json`: every file of the release with its SHA-256. */
function release(): Plugin {
  return {
    name: "mindhaven-release",
    apply: "build",
    closeBundle() {
      const page = join(TARGET, "index.html");
      const html = readFileSync(page, "utf8").replace(
        /<(script|link)([^>]*?) (src|href)="\/app\/(assets\/[^"]+)"([^>]*)>/g,
        (_whole, tag: string, before: string, name: string, path: string, after: string) => {
          const hash = createHash("sha384").update(readFileSync(join(TARGET, path))).digest("base64");
          return `<${tag}${before} ${name}="/app/${path}" integrity="sha384-${hash}"${after}>`;
        },
      );
      writeFileSync(page, html);
      const files = Object.fromEntries(
        filesUnder(TARGET).map((path) => [
          relative(TARGET, path),
          createHash("sha256").update(readFileSync(path)).digest("hex"),
        ]),
      );
      writeFileSync(join(TARGET, "release.json"), `${JSON.stringify({ format: "mindhaven/web/v1", files }, null, 1)}\n`);
    },
  };
}

// eslint-disable-next-line no-restricted-exports -- Vite asks for it
export default defineConfig({
  base: "/app/",
  plugins: [release()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: TARGET,
    emptyOutDir: true,
    target: "es2024",
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        index: fileURLToPath(new URL("index.html", import.meta.url)),
        sw: fileURLToPath(new URL("src/sw.ts", import.meta.url)),
      },
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  worker: { format: "es" },
});
