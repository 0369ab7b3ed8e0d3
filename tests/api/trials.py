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
