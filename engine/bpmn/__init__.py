"""How BPMN behaves. Pure: no database, no web."""
