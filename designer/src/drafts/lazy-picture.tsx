/** The picture of a model, with the drawing library loaded when the first one is shown. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Marks } from "./picture";

type Props = { xml: string; marks?: Marks; chosen?: string | null; onChoose?: (id: string) => void };
let loaded: ComponentType<Props> | null = null;

export function Picture(props: Props) {
  const [, ready] = useState(0);
  useEffect(() => {
    if (!loaded) void import("./picture").then((module) => ((loaded = module.default), ready(1)));
  }, []);
  const Drawn = loaded;
  return Drawn ? <Drawn {...props} /> : <div class="picture" />;
}
