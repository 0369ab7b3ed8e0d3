// libraries that bring no types of their own
declare module "dmn-js/lib/Modeler" {
  export default class DmnModeler {
    constructor(options: Record<string, unknown>);
    importXML(xml: string): Promise<{ warnings: string[] }>;
    saveXML(options: { format: boolean }): Promise<{ xml: string }>;
    getViews(): { type: string; element: unknown }[];
    open(view: unknown): Promise<unknown>;
    on(name: string, then: (event: any) => void): void;
    destroy(): void;
  }
}
