from tests.browser.test_panel import *
import os
def test_look(drawn):
    for who, size in [("mona", (1440, 900)), ("theo", (1024, 768))]:
        page = drawn(username=who, size={"width": size[0], "height": size[1]})
        page.screenshot(path=f"/tmp/look/{who}.png")
        page.add_style_tag(content=".draft, .diagram-tab, .editor {height: auto !important} .editor-side {height: auto !important; overflow: visible !important} .panel-body {overflow: visible !important}") if False else None
        for key in os.environ.get("KEYS", "garage stranger sales service call ask answer outside orders script decide tell").split():
            choose(page, key)
            page.wait_for_timeout(500)
            page.locator(".editor-side").screenshot(path=f"/tmp/look/{who}-{key}.png")
