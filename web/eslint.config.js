import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

const PRIMITIVES = ["@hpke/*", "@noble/*", "hash-wasm", "cborg", "mlkem"];

// eslint-disable-next-line no-restricted-exports -- the tool reads its settings from the default export
export default tseslint.config(
  { ignores: ["**/node_modules/**", "**/dist/**"] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] }, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-lines": ["error", { max: 400 }],
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-restricted-imports": ["error", { patterns: [{ group: PRIMITIVES, message: "Only packages/crypto may import a primitive library." }] }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  { files: ["packages/crypto/**"], rules: { "@typescript-eslint/no-restricted-imports": "off" } },
  // Plain JavaScript is settings only: it has no types to check.
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
  { files: ["**/*.tsx"], rules: { "max-lines": ["error", { max: 200 }] } },
);
