"""Tries junitparser, with which GitHub actions read JUnit, on the files that reports/junit.ts writes."""

import unittest
from pathlib import Path

from junitparser.xunit2 import JUnitXml

FILES = Path(__file__).parent / "testdata"


def cases(dialect):
    """The test cases of a file by class and name."""
    suites = JUnitXml.fromfile(str(FILES / f"{dialect}.xml"))
    return {f"{case.classname}.{case.name}": case for suite in suites for case in suite}


def end(case):
    return [(type(result).__name__, result.message) for result in case.result]


ENDS = {
    "vmesh.stages.cluster (teardown)": [("Error", "a mount is left")],
    "vmesh.inbound.strict": [("Failure", "expected reset, got 200")],
    "vmesh.egress.blackhole": [("Failure", "expected 502, got 200")],
    "vmesh.egress.tls": [("Error", "the cluster does not answer")],
    "vmesh.egress.repeated": [("Failure", "expected 200, got 404")],
    "vmesh.migration.identity": [("Skipped", "two-nodes: the cluster has one node")],
}

INTERIM = {
    "vmesh.inbound.h2": [
        ("FlakyFailure", "AssertionError", "expected 200, got 503"),
        ("FlakyError", "HarnessError", "no answer"),
    ],
    "vmesh.egress.blackhole": [("RerunError", "HarnessError", "the API server hung up")],
    "vmesh.egress.tls": [("RerunFailure", "AssertionError", "expected 200, got 000")],
}


class Junitparser(unittest.TestCase):
    def test_sees_how_each_case_ended_and_why(self):
        for dialect in ("default", "strict"):
            with self.subTest(dialect):
                found = cases(dialect)
                self.assertEqual(len(found), 12)
                self.assertEqual({name: end(case) for name, case in found.items() if case.result}, ENDS)

    def test_sees_the_tries_before_the_last_and_which_case_is_flaky(self):
        for dialect in ("default", "strict"):
            with self.subTest(dialect):
                found = cases(dialect)
                self.assertEqual([name for name, case in found.items() if case.is_flaky], ["vmesh.inbound.h2"])
                tries = {
                    name: [(type(one).__name__, one.type, one.stack_trace) for one in case.interim_result]
                    for name, case in found.items()
                    if case.interim_result
                }
                self.assertEqual(tries, INTERIM)

    def test_sees_properties_of_suites_and_cases(self):
        found = cases("default")
        case = {one.name: one.value for one in found["vmesh.inbound.declared-port"].properties()}
        self.assertEqual(case["title"], "A declared port is served over mTLS")
        self.assertEqual(float(case["istio-vmi_ready_ms"]), 9120)
        repeated = {one.name: one.value for one in found["vmesh.egress.repeated"].properties()}
        self.assertEqual((repeated["repetitions"], repeated["red_repetitions"]), ("3", "2"))
        for suite in JUnitXml.fromfile(str(FILES / "default.xml")):
            values = {one.name: one.value for one in suite.properties()}
            self.assertEqual(values["version.istio"], "1.31.1")
            self.assertEqual(values["missing.two-nodes"], "the cluster has one node")

    def test_counts_what_the_file_counts(self):
        root = JUnitXml.fromfile(str(FILES / "default.xml"))
        stated = (root.tests, root.failures, root.errors, root.time)
        root.update_statistics()
        self.assertEqual(stated, (root.tests, root.failures, root.errors, root.time))
        self.assertEqual(stated[:3], (12, 3, 2))


if __name__ == "__main__":
    unittest.main()
