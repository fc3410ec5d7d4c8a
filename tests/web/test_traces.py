"""What a trace shows depends on who asks; that something was retired anyone may see."""

import requests

from tests.web.story import Story


def test_a_retirement_leads_to_its_trip_for_the_entitled_alone(story: Story) -> None:
    told = story.stranger.get("/traces/1")
    serial = told["serial"]
    assert told["batch"]["batch_id"] == story.batch
    assert (told["trips"], told["trips_behind"], told["files_behind"]) == ([], 1, 1)
    assert [one["amount_g"] for one in told["trades"]] == [300]
    for client in (story.anna, story.operator, story.verifier, story.bank):
        (trip,) = client.get(f"/traces/{serial}")["trips"]
        assert (trip["filename"], trip["row"]) == ("june.csv", 2)
        back = client.get(f"/traces/{trip['trip_id']}")
        assert [one["serial"] for one in back["retirements"]] == [serial]
    hidden = story.stranger.get(f"/traces/{trip['trip_id']}", 404)
    assert hidden["title"] == "NotFound"


def test_the_page_of_a_trace_names_its_serials(story: Story) -> None:
    page = requests.get(f"{story.served.url}/trace/{story.batch}", timeout=30)
    assert page.status_code == 200
    assert "Where these grams come from" in page.text
    assert "Certificate 1" in page.text
    batch = requests.get(f"{story.served.url}/batches/{story.batch}", timeout=30).text
    for subject in ("1", story.batch):
        assert f'href="/trace/{subject}"' in batch
