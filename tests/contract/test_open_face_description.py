"""The open face describes itself: each example works as it stands, each operation tells its errors."""

import requests


def test_each_example_of_the_pages_works_as_it_stands(call):
    described = requests.get(call.base.removesuffix("/open/v1") + "/openapi.json", timeout=20).json()
    tried = []
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if not path.startswith("/open/v1") or content is None:
                continue
            model = described["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[1]]
            for parameter in operation.get("parameters", []):
                path = path.replace("{" + parameter["name"] + "}", parameter["schema"]["examples"][0])
            answer = call.session.request(
                method, call.base + path.removeprefix("/open/v1"), json=model["examples"][0], timeout=20
            )
            tried.append((path, answer.status_code))
    assert sorted(status for _, status in tried) == [200, 201, 201, 201, 201, 201], tried


def test_every_operation_is_described_with_its_errors(call):
    described = requests.get(call.base.removesuffix("/open/v1") + "/openapi.json", timeout=20).json()
    operations = [
        (path, operation)
        for path, methods in described["paths"].items()
        for operation in methods.values()
        if path.startswith("/open/v1")
    ]
    assert len(operations) == 24
    for path, operation in operations:
        assert operation["summary"], path
        assert {"401", "422"} <= operation["responses"].keys(), path
        assert ("404" in operation["responses"]) == ("{" in path), path
        assert operation["security"] == [{"key": []}], path
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (path, status)
    problem = described["components"]["schemas"]["ProblemWire"]
    assert {"status", "code", "detail", "request_id", "errors"} <= problem["properties"].keys()
