/** Asks for the name of something new; told once, though leaving the field and its going away both tell. */
import { useRef } from "preact/hooks";
import { Text } from "./controls";

export function NewName({ label, onName }: { label: string; onName: (name: string) => void }) {
  const isTold = useRef(false);
  return (
    <Text whole label={label} value="" onChange={(name) => {
      if (!name || isTold.current) return;
      isTold.current = true;
      onName(name);
    }} />
  );
}
