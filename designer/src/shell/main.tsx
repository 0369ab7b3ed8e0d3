/** Starts the workbench: who is logged in, in which language, then the page of the address. */
import { render } from "preact";
import { App } from "./app";
import { open } from "./session";
import "./tokens.css";
import "./shell.css";

const place = document.getElementById("app")!;

open().then(
  () => render(<App />, place),
  (error: unknown) => {
    place.textContent = error instanceof Error ? error.message : String(error);
  },
);
