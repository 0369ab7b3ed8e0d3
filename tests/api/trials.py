"""A claim with a team, a program, a garage outside and a deadline: what the tests of trials try."""

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:handoff="urn:passerelle:handoff:1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">
  <collaboration id="together"><participant id="insurer" name="Insurer" processRef="claim"/></collaboration>
  <process id="claim" name="Claim" isExecutable="true">
    <extensionElements><handoff:case title="=plate"/></extensionElements>
    <laneSet id="lanes">
      <lane id="desk" name="Front desk"><flowNodeRef>begin</flowNodeRef><flowNodeRef>check</flowNodeRef><flowNodeRef>book</flowNodeRef>
        <flowNodeRef>late</flowNodeRef><flowNodeRef>given-up</flowNodeRef><flowNodeRef>done</flowNodeRef></lane>
      <lane id="garage" name="Garage">
        <extensionElements><handoff:party kind="partner" role="garage" partyId="garage-martin"/></extensionElements>
        <flowNodeRef>estimate</flowNodeRef>
      </lane>
    </laneSet>
    <startEvent id="begin"/>
    <sequenceFlow id="f1" sourceRef="begin" targetRef="check"/>
    <userTask id="check" name="Check the report"/>
    <sequenceFlow id="out" sourceRef="check" targetRef="estimate">
      <extensionElements>
        <handoff:contract acceptWithin="P2D" completeWithin="P7D">
          <handoff:field name="plate" type="string" required="true"/>
        </handoff:contract>
      </extensionElements>
    </sequenceFlow>
    <userTask id="estimate" name="Estimate the damage"/>
    <boundaryEvent id="late" attachedToRef="estimate" name="Nobody answers">
      <timerEventDefinition><timeDuration xsi:type="tFormalExpression">P30D</timeDuration></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="f2" sourceRef="late" targetRef="given-up"/>
    <endEvent id="given-up"/>
    <sequenceFlow id="back" sourceRef="estimate" targetRef="book">
      <extensionElements><handoff:contract><handoff:field name="hours" type="number" required="true"/></handoff:contract></extensionElements>
    </sequenceFlow>
    <serviceTask id="book" name="Book the repair">
      <extensionElements><zeebe:taskDefinition type="book-repair"/></extensionElements>
    </serviceTask>
    <sequenceFlow id="f4" sourceRef="book" targetRef="done"/>
    <endEvent id="done"/>
  </process>
</definitions>"""

FILES = [{"name": "claim.bpmn", "content": MODEL}]


_SHAPES = {
    "insurer": (120, 80, 900, 340),
    "desk": (150, 80, 870, 180),
    "garage": (150, 260, 870, 160),
    "begin": (200, 152, 36, 36),
    "check": (290, 130, 100, 80),
    "estimate": (440, 300, 100, 80),
    "late": (522, 282, 36, 36),
    "given-up": (600, 172, 36, 36),
    "book": (700, 130, 100, 80),
    "done": (880, 152, 36, 36),
}
_EDGES = {
    "f1": [(236, 170), (290, 170)],
    "out": [(390, 170), (415, 170), (415, 340), (440, 340)],
    "f2": [(540, 282), (540, 190), (600, 190)],
    "back": [(540, 340), (670, 340), (670, 170), (700, 170)],
    "f4": [(800, 170), (880, 170)],
}


def drawn(model: str = MODEL) -> str:
    """The same with a diagram: a viewer shows nothing else."""
    places = [_shape(name, *place) for name, place in _SHAPES.items()] + [_edge(name, points) for name, points in _EDGES.items()]
    spaces = 'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    spaces += ' xmlns:dd="http://www.omg.org/spec/DD/20100524/DI"'
    plane = f'<di:BPMNPlane id="plane" bpmnElement="together">{"".join(places)}</di:BPMNPlane>'
    return model.replace("</definitions>", f'<di:BPMNDiagram {spaces} id="diagram">{plane}</di:BPMNDiagram></definitions>')


def _shape(name: str, x: int, y: int, width: int, height: int) -> str:
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return f'<di:BPMNShape id="di-{name}" bpmnElement="{name}" isHorizontal="true">{bounds}</di:BPMNShape>'


def _edge(name: str, points: list[tuple[int, int]]) -> str:
    way = "".join(f'<dd:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<di:BPMNEdge id="di-{name}" bpmnElement="{name}">{way}</di:BPMNEdge>'
