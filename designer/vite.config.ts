/// <reference types="vitest/config" />
import { defineConfig, type Plugin } from "vite";
import { borrowedWords } from "./scripts/borrowed-words";
import { hardCoded } from "./src/french/decisions";
import { editor, viewer } from "./src/french/forms";
import { properties } from "./src/french/properties";

// form-js 1.23 loses fields with a newer Preact and goes blank where two copies meet: it alone gets the one it was made for.
const preactOfFormJs: Plugin = {
  name: "preact-of-form-js",
  enforce: "pre",
  resolveId(id, importer) {
    if (importer && /[\\/](@bpmn-io[\\/]form-js|preact-formjs)/.test(importer) && /^preact(\/|$)/.test(id))
      return this.resolve(id.replace(/^preact/, "preact-formjs"), undefined, { skipSelf: true });
    return null;
  },
};

export default defineConfig({
  base: "/workbench/",
  plugins: [
    preactOfFormJs,
    borrowedWords([
      { module: /@bpmn-io[\\/]form-js-editor[\\/]dist[\\/]index\.es\.js$/, words: Object.keys(editor) },
      { module: /@bpmn-io[\\/]form-js-viewer[\\/]dist[\\/]index\.es\.js$/, words: Object.keys(viewer) },
      { module: /@bpmn-io[\\/]properties-panel[\\/]dist[\\/]index\.esm\.js$/, words: Object.keys(properties) },
      { module: /dmn-js-(shared[\\/]lib[\\/]components[\\/]List|decision-table[\\/]lib[\\/]features[\\/]context-menu[\\/]ContextMenu)\.js$/, words: Object.keys(hardCoded) },
    ]),
  ],
  // the engine keeps the one description of our BPMN extension, the portal the one of colours
  server: { fs: { allow: [".."] } },
  build: {
    outDir: "static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 3000,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { environment: "happy-dom", include: ["tests/unit/**/*.test.{ts,tsx}"], testTimeout: 30_000 }, // a loaded machine is no mistake
});
