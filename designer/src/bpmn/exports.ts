/** The diagram as a file: BPMN, SVG, PNG. */
import type { Modeler } from "./modeler";

export function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export async function svgOf(modeler: Modeler): Promise<string> {
  return (await modeler.saveSVG()).svg;
}

/** Twice as large as on the screen, on white. */
export async function pngOf(svg: string): Promise<Blob> {
  const picture = new Image();
  const loaded = new Promise((go, refuse) => {
    picture.onload = go;
    picture.onerror = () => refuse(new Error("The picture could not be drawn."));
  });
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await loaded;
  const scale = Math.min(2, 8000 / picture.width, 8000 / picture.height); // browsers refuse larger canvases
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(picture.width * scale);
  canvas.height = Math.ceil(picture.height * scale);
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((go, refuse) => canvas.toBlob((blob) => (blob ? go(blob) : refuse(new Error("The picture could not be drawn."))), "image/png"));
}
