"""A purchase across a customer, a company and two partners: pools, lanes, sub-processes, several suppliers at once, files."""

from engine import json_text

_HEAD = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:handoff="urn:passerelle:handoff:1.0" targetNamespace="t">"""

PURCHASE = (
    _HEAD
    + """
<collaboration id="c">
  <participant id="buyers" name="Buyer" processRef="buy">
    <extensionElements><handoff:party kind="customer" role="buyer" publicStart="true"/></extensionElements></participant>
  <participant id="house" name="House" processRef="handle"/>
  <participant id="shops" name="Shop" processRef="repair">
    <extensionElements><handoff:party kind="partner" role="shop" binding="=shop"/></extensionElements></participant>
  <messageFlow id="m1" sourceRef="order" targetRef="ordered"><extensionElements><handoff:contract>
    <handoff:field name="plate" type="string" required="true"/><handoff:field name="story" type="string"/>
    <handoff:field name="phone" type="string" sensitive="true"/><handoff:field name="photo" type="file"/>
  </handoff:contract></extensionElements></messageFlow>
  <messageFlow id="m2" sourceRef="ask" targetRef="asked"><extensionElements><handoff:contract acceptWithin="P2D" completeWithin="P7D">
    <handoff:field name="damage" type="string" required="true"/></handoff:contract></extensionElements></messageFlow>
  <messageFlow id="m3" sourceRef="answer" targetRef="answered"><extensionElements><handoff:contract>
    <handoff:field name="verdict" type="string"/></handoff:contract></extensionElements></messageFlow>
  <messageFlow id="m4" sourceRef="tell" targetRef="told"><extensionElements><handoff:contract>
    <handoff:field name="result" type="string"/></handoff:contract></extensionElements></messageFlow>
</collaboration>
<message id="o" name="Order"/><message id="q" name="Question"/><message id="a" name="Answer"/><message id="r" name="Result"/>

<process id="buy" name="Buy" isExecutable="true"><extensionElements><handoff:case title="=story"/></extensionElements>
  <startEvent id="begin"/>
  <intermediateThrowEvent id="order"><messageEventDefinition messageRef="o"/></intermediateThrowEvent>
  <userTask id="wish" name="Say what else">{form}</userTask>
  <receiveTask id="told" messageRef="r"/>
  <endEvent id="over"/>
  <sequenceFlow id="b1" sourceRef="begin" targetRef="order"/><sequenceFlow id="b2" sourceRef="order" targetRef="wish"/>
  <sequenceFlow id="b3" sourceRef="wish" targetRef="told"/><sequenceFlow id="b4" sourceRef="told" targetRef="over"/>
</process>

<process id="handle" name="Handle" isExecutable="true"><extensionElements><handoff:case title="=plate"/></extensionElements>
  <laneSet id="lanes">
    <lane id="desk" name="Desk"><flowNodeRef>ordered</flowNodeRef><flowNodeRef>check</flowNodeRef><flowNodeRef>rate</flowNodeRef>
      <flowNodeRef>ask</flowNodeRef><flowNodeRef>answered</flowNodeRef><flowNodeRef>parts</flowNodeRef><flowNodeRef>begun</flowNodeRef>
      <flowNodeRef>given</flowNodeRef><flowNodeRef>tell</flowNodeRef></lane>
    <lane id="back" name="Back office"><flowNodeRef>decide</flowNodeRef></lane>
    <lane id="garage" name="Garage">
      <extensionElements><handoff:party kind="partner" role="garage" binding="=garage"/></extensionElements>
      <flowNodeRef>estimate</flowNodeRef></lane>
    <lane id="supply" name="Supplier">
      <extensionElements><handoff:party kind="partner" role="supplier" binding="=part.supplier"/></extensionElements>
      <flowNodeRef>deliver</flowNodeRef></lane>
  </laneSet>
  <startEvent id="ordered"><messageEventDefinition messageRef="o"/></startEvent>
  <userTask id="check" name="Check the order"><extensionElements><zeebe:formDefinition formId="everything"/>
    <handoff:milestone label="We look at it"/></extensionElements></userTask>
  <businessRuleTask id="rate" name="Rate it"><extensionElements>
    <zeebe:calledDecision decisionId="rating" resultVariable="rating"/></extensionElements></businessRuleTask>
  <userTask id="estimate" name="Estimate it">{form}</userTask>
  <userTask id="decide" name="Decide">{form}</userTask>
  <intermediateThrowEvent id="ask"><messageEventDefinition messageRef="q"/></intermediateThrowEvent>
  <receiveTask id="answered" messageRef="a"/>
  <subProcess id="parts" name="Parts">
    <multiInstanceLoopCharacteristics><extensionElements>
      <zeebe:loopCharacteristics inputCollection="=parts" inputElement="part"/></extensionElements></multiInstanceLoopCharacteristics>
    <startEvent id="begun"/><userTask id="deliver" name="Deliver it">{form}</userTask><endEvent id="given"/>
    <sequenceFlow id="p1" sourceRef="begun" targetRef="deliver"><extensionElements><handoff:contract>
      <handoff:field name="part" type="any"/></handoff:contract></extensionElements></sequenceFlow>
    <sequenceFlow id="p2" sourceRef="deliver" targetRef="given"/>
  </subProcess>
  <endEvent id="tell"><messageEventDefinition messageRef="r"/></endEvent>
  <sequenceFlow id="f1" sourceRef="ordered" targetRef="check"/>
  <sequenceFlow id="f2" sourceRef="check" targetRef="rate"/>
  <sequenceFlow id="f3" sourceRef="rate" targetRef="estimate"><extensionElements><handoff:contract completeWithin="P7D">
    <handoff:field name="plate" type="string"/><handoff:field name="photo" type="file"/></handoff:contract></extensionElements></sequenceFlow>
  <sequenceFlow id="f4" sourceRef="estimate" targetRef="decide"><extensionElements><handoff:contract>
    <handoff:field name="price" type="string"/><handoff:field name="offer" type="file"/></handoff:contract></extensionElements></sequenceFlow>
  <sequenceFlow id="f5" sourceRef="decide" targetRef="ask"/><sequenceFlow id="f6" sourceRef="ask" targetRef="answered"/>
  <sequenceFlow id="f7" sourceRef="answered" targetRef="parts"/><sequenceFlow id="f8" sourceRef="parts" targetRef="tell"/>
</process>

<process id="repair" name="Repair" isExecutable="true">
  <startEvent id="asked"><messageEventDefinition messageRef="q"/></startEvent>
  <subProcess id="inside"><startEvent id="in"/><userTask id="look" name="Look at it">{form}</userTask><endEvent id="out"/>
    <sequenceFlow id="i1" sourceRef="in" targetRef="look"/><sequenceFlow id="i2" sourceRef="look" targetRef="out"/></subProcess>
  <endEvent id="answer"><messageEventDefinition messageRef="a"/></endEvent>
  <sequenceFlow id="r1" sourceRef="asked" targetRef="inside"/><sequenceFlow id="r2" sourceRef="inside" targetRef="answer"/>
</process>
</definitions>"""
).replace("{form}", '<extensionElements><zeebe:formDefinition formId="everything"/></extensionElements>')

STAFF = (
    _HEAD
    + """
<process id="hire" name="Hire" isExecutable="true"><extensionElements><handoff:case title="=candidate"/></extensionElements>
  <laneSet id="lanes"><lane id="staff" name="Staff"><flowNodeRef>s</flowNodeRef><flowNodeRef>talk</flowNodeRef></lane></laneSet>
  <startEvent id="s"/><userTask id="talk" name="Talk to them"/><sequenceFlow id="f" sourceRef="s" targetRef="talk"/>
</process></definitions>"""
)

RATING = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="ratings" name="Ratings" namespace="t">
<decision id="rating" name="Rating"><variable name="rating"/><decisionTable id="table" hitPolicy="FIRST">
<input id="i"><inputExpression id="ie" typeRef="string"><text>note</text></inputExpression></input><output id="o" name="rating" typeRef="string"/>
<rule id="r"><inputEntry id="re"><text>-</text></inputEntry><outputEntry id="ro"><text>note + "!"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""

VALUES = ("plate", "story", "phone", "diary", "note", "price", "margin", "damage", "extra", "verdict", "result", "rating", "part")
# shows whatever its reader may see of a case, and asks for nothing
EVERYTHING = {
    "id": "everything",
    "type": "default",
    "components": [
        {"type": "text", "text": " ".join(f"{{{{{name}}}}}" for name in VALUES)},
        *({"type": "textfield", "key": name, "label": name, "readonly": True} for name in VALUES[:-1]),
        {"type": "documentPreview", "title": "Photo", "dataSource": "=photo", "conditional": {"hide": "=photo = null"}},
        {"type": "documentPreview", "title": "Offer", "dataSource": "=offer", "conditional": {"hide": "=offer = null"}},
    ],
}

FILES: list[tuple[str, bytes]] = [
    ("purchase.bpmn", PURCHASE.encode()),
    ("staff.bpmn", STAFF.encode()),
    ("rating.dmn", RATING.encode()),
    ("everything.form", json_text.dump_bytes(EVERYTHING)),
]
