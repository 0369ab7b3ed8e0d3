/** The diagram as a tree: the way through it for keyboards and screen readers. */
import { room } from "../shell/words";
import type { Services } from "./modeler";

const t = room({
  en: { empty: "Nothing is drawn yet. Drag an element from the left onto the canvas.", unnamed: "without a name" },
  fr: { empty: "Rien n'est encore dessiné. Faites glisser un élément de la gauche vers le dessin.", unnamed: "sans nom" },
});

interface Item {
  id: string;
  name: string;
  type: string;
  children: Item[];
}

export function Outline({ modeler, chosen, onChoose }: { modeler: Services; chosen?: string; onChoose: (id: string) => void }) {
  const items = itemsOf(modeler.get("canvas").getRootElement(), modeler);
  if (!items.length) return <p class="drawer-empty">{t("empty")}</p>;
  return <Items items={items} chosen={chosen} onChoose={onChoose} />;
}

function Items({ items, chosen, onChoose }: { items: Item[]; chosen?: string; onChoose: (id: string) => void }) {
  return (
    <ul class="outline">
      {items.map((item) => (
        <li key={item.id}>
          <button type="button" class="link" aria-current={item.id === chosen ? "true" : undefined} onClick={() => onChoose(item.id)}>
            {item.name || <em>{t("unnamed")}</em>} <span class="small">{item.type}</span>
          </button>
          {item.children.length > 0 && <Items items={item.children} chosen={chosen} onChoose={onChoose} />}
        </li>
      ))}
    </ul>
  );
}

/** Pools, their lanes, and what stands in each; without edges and labels. Lanes are drawn beside the elements, so these are put under them. */
function itemsOf(root: Services, modeler: Services): Item[] {
  const translate = modeler.get("translate");
  const made = new Map<string, Item>();
  const top: Item[] = [];
  const shapes: Services[] = [];
  const walk = (parent: Services) => {
    for (const child of parent.children ?? []) {
      if (child.waypoints || child.type === "label") continue;
      shapes.push(child);
      walk(child);
    }
  };
  walk(root);
  for (const shape of shapes) made.set(shape.id, { id: shape.id, name: shape.businessObject.name ?? "", type: kind(shape, translate), children: [] });
  const lanes = new Map<Services, string>();
  for (const shape of shapes)
    if (shape.type === "bpmn:Lane") for (const node of shape.businessObject.flowNodeRef ?? []) lanes.set(node.id, shape.id);
  for (const shape of shapes) {
    const around = shape.type === "bpmn:Lane" ? shape.parent.id : (lanes.get(shape.id) ?? shape.parent?.id);
    (made.get(around)?.children ?? top).push(made.get(shape.id)!);
  }
  return top;
}

function kind(shape: Services, translate: (text: string) => string): string {
  const words = shape.type.replace("bpmn:", "").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return translate(words.charAt(0).toUpperCase() + words.slice(1));
}
