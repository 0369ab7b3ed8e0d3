"""One file per BPMN element family, where we differ from SpiffWorkflow."""
