import re
import pytest
from pathlib import Path
from playwright.sync_api import expect
from tests.browser.test_french import *  # noqa
OUT=Path("/tmp/shots"); OUT.mkdir(exist_ok=True)

def test_shots(reader, platform):
    files = {one.name: one.read_text() for one in sorted(CLAIM.iterdir()) if one.suffix in (".bpmn", ".form",".dmn")}
    at = reader("/workbench/"); page = at.page
    def shot(name):
        for w,h in ((1440,900),(1024,768)):
            page.set_viewport_size({"width":w,"height":h}); page.wait_for_timeout(350)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            cut = page.evaluate("""()=>[...document.querySelectorAll('button,a,h1,h2,label,th,.tag,[role=tab]')].filter(e=>e.checkVisibility()&&e.scrollWidth>e.clientWidth+2&&getComputedStyle(e).overflowX!=='visible'&&e.clientWidth>0).map(e=>e.innerText.slice(0,60)).slice(0,8)""")
            print(name,w,"overflow",wide,"cut",cut)
            page.screenshot(path=str(OUT/f"{name}-{w}.png"))
        page.set_viewport_size({"width":1440,"height":900})
    shot("01-empty")
    key = begin(platform, files)
    page.goto(f"/workbench/drafts/{key}"); page.wait_for_selector(".canvas[aria-busy=false]"); page.wait_for_timeout(1500)
    page.click("#tab-problems"); page.wait_for_timeout(500); shot("02-draft-problems")
    page.click("#tab-handoffs"); 
    page.locator(".handoff-badge").first.click(); shot("03-draft-panel")
    page.click("#tab-outline"); page.wait_for_timeout(300)
    page.locator(".outline button").nth(3).click(); shot("04-outline")
    page.click("#tab-forms"); page.wait_for_selector(".fjs-palette-entries"); page.wait_for_timeout(800); shot("05-forms")
    page.click("#tab-decisions"); page.wait_for_timeout(1500); shot("06-decisions")
    page.click("text=Déployer…"); page.wait_for_selector("dialog .actions"); page.wait_for_timeout(800); shot("07-deploy")
    page.click("dialog .actions .primary"); expect(page.locator("dialog")).to_contain_text("Déployé."); shot("08-deployed")
    told = ("plate", "holderName", "phone", "policyNumber", "place", "description")
    started = platform.start("claim", **dict.fromkeys(told, "x"), accidentDate="2026-01-31")
    trial = platform.expect("POST", f"{V1}/trials", {"files": [{"name": n, "content": c} for n, c in files.items()], "name": "Essai"}, user="theo")
    definition = platform.expect("POST", "/v2/process-definitions/search")["items"][0]["processDefinitionKey"]
    for name, path in (("10-list","/"), ("11-instances","/instances"), ("12-instance",f"/instances/{started['processInstanceKey']}"), ("13-trials","/trials"), ("14-trial",f"/trials/{trial['trialKey']}"), ("15-versions",f"/versions/{definition}")):
        page.goto(f"/workbench{path}"); page.wait_for_selector("h1, .live-diagram"); page.wait_for_timeout(1500); shot(name)
    page.goto("/workbench/"); page.wait_for_timeout(800)
    page.evaluate(DROP, ["tout.bpmn", everything()]); page.wait_for_selector(".verdict"); shot("16-report")
    for name, path in (("20-inbox","/"),("21-start","/start"),("22-cases","/cases"),("23-account","/account")):
        page.goto(path); page.wait_for_timeout(300); shot(name)
