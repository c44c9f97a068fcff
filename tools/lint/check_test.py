# SPDX-License-Identifier: Apache-2.0
"""Tests of check.py: each writes a small checkout and looks at what is found in it."""

import pathlib
import tempfile
import unittest

import check

HERE = pathlib.Path(__file__).resolve().parent
HEAD = "// SPDX-License-Identifier: Apache-2.0\n"


class CheckoutTest(unittest.TestCase):
    def found(self, files):
        """["path:line: rule"] of a checkout that holds `files`."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            checkout = check.Checkout(pathlib.Path(folder), HERE)
            lines = checkout.check().lines()
        return [":".join(line.split(":")[:3]) for line in lines]

    def test_a_clean_target_has_no_findings(self):
        self.assertEqual([], self.found({
            "common/base/CMakeLists.txt": "sluice_library(base TEST_DEPS testing)\n",
            "common/base/a.h": HEAD + "#pragma once\n",
            "common/fs/CMakeLists.txt": "sluice_library(fs DEPS base)\n",
            "common/fs/b.cc": HEAD + '#include "common/base/a.h"\n',
        }))

    def test_tests_that_are_named_exist(self):
        test = HEAD + 'TEST_CASE("one " "test", "[x]") {}\nTEST_CASE("other", "[x]") {}\n'
        table = ("| advisory | what | tests |\n|---|---|---|\n| A | x | \"one test\", \"other\" |\n"
                 "| B | x | \"gone\" |\n| C | x | none |\n")
        self.assertEqual(["docs/advisories.md:4: named-test", "docs/advisories.md:5: named-test",
                          "docs/faults.md:4: named-test"],
                         self.found({
                             "common/fs/CMakeLists.txt": "sluice_library(fs)\n",
                             "common/fs/a_test.cc": test,
                             "docs/advisories.md": table,
                             "docs/faults.md": table,
                         }))

    def test_a_lower_layer_may_not_include_a_higher_one(self):
        self.assertEqual(["common/fs/b.cc:2: layer"], self.found({
            "common/http/CMakeLists.txt": "sluice_library(http)\n",
            "common/http/a.h": HEAD + "#pragma once\n",
            "common/fs/CMakeLists.txt": "sluice_library(fs DEPS http)\n",
            "common/fs/b.cc": HEAD + '#include "common/http/a.h"\n',
        }))

    def test_a_documented_proto_has_no_findings(self):
        self.assertEqual([], self.found({"proto/sluice/x/v1/a.proto": HEAD + """
package sluice.x.v1;
// A service.
service XService {
  // A call.
  rpc Get(GetRequest) returns (GetResponse);
  // A stream.
  rpc Watch(WatchRequest) returns (stream Event);
}
// A message.
message GetRequest {
  // A field.
  map<string, string> some_labels = 1;
  // A choice.
  oneof event {
    // A member.
    string a = 2;
  }
}
// An enum.
enum SomeKind {
  // None.
  SOME_KIND_UNSPECIFIED = 0;
}
"""}))

    def test_names_and_comments_of_a_proto(self):
        for line, text in (("package sluice.y.v1;", "package"),
                           ("service XService {", "comment"),
                           ("// x\nservice X {", "Service"),
                           ("// x\nrpc Get(Request) returns (GetResponse);", "GetRequest"),
                           ("// x\nmessage get_request {", "UpperCamelCase"),
                           ("string name = 1;", "comment"),
                           ("// x\nstring userName = 1;", "snake"),
                           ("// x\nrepeated string Names = 1;", "snake"),
                           ("// x\nenum Kind {\n  // x\n  OTHER = 1;", "KIND_"),
                           ("// x\nenum Kind {\n  // x\n  KIND_NONE = 0;", "KIND_UNSPECIFIED")):
            package = "" if line.startswith("package") else "package sluice.x.v1;\n"
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "proto/sluice/x/v1/a.proto")
                path.parent.mkdir(parents=True)
                path.write_text(HEAD + package + line + "\n")
                found = check.Checkout(pathlib.Path(folder), HERE).check().lines()
            self.assertEqual(1, len(found), (line, found))
            self.assertIn(text, found[0])

    def test_programs_may_not_include_one_another_nor_test_support(self):
        self.assertEqual(["cli/b.cc:2: layer", "cli/b.cc:3: layer"], self.found({
            "cli/CMakeLists.txt": "sluice_library(sluice_cli DEPS helm-controller_lib devapi)\n",
            "cli/b.cc": HEAD + '#include "services/helm-controller/a.h"\n'
                               '#include "common/devapi/server.h"\n',
        }))

    def test_deps_equal_the_include_lines(self):
        self.assertEqual(
            ["common/kube/CMakeLists.txt:2: deps",  # log is used by nothing
             "common/kube/a.cc:2: deps",            # value is not declared
             "common/kube/a_test.cc:2: deps"],      # crypto is not declared for the test
            self.found({
                "common/kube/CMakeLists.txt":
                    "# a comment\nsluice_library(kube DEPS base log\n  TEST_DEPS testing)\n",
                "common/kube/a.cc": HEAD + '#include "common/value/value.h"\n'
                                           '#include "common/base/clock.h"\n',
                "common/kube/a_test.cc": HEAD + '#include "common/crypto/random.h"\n',
            }))

    def test_what_the_tests_of_a_folder_share_is_no_code(self):
        self.assertEqual([], self.found({
            "common/kube/CMakeLists.txt": "sluice_library(kube DEPS base TEST_DEPS crypto)\n",
            "common/kube/a.cc": HEAD + '#include "common/base/clock.h"\n',
            "common/kube/testing.h": HEAD + '#pragma once\n#include "common/crypto/random.h"\n',
        }))

    def test_what_only_a_test_needs_is_no_dependency(self):
        self.assertEqual(["common/kube/CMakeLists.txt:1: deps"], self.found({
            "common/kube/CMakeLists.txt": "sluice_library(kube DEPS crypto)\n",
            "common/kube/a_test.cc": HEAD + '#include "common/crypto/random.h"\n',
        }))

    def test_a_plain_cmake_target_declares_what_it_links(self):
        self.assertEqual([], self.found({
            "tests/bench/CMakeLists.txt":
                "add_executable(b b.cc)\n"
                "target_link_libraries(b PRIVATE\n  sluice_flags value benchmark::main)\n",
            "tests/bench/b.cc": HEAD + '#include "common/value/value.h"\n',
        }))

    def test_a_folder_without_a_layer_is_named(self):
        self.assertEqual(["common/novelty/CMakeLists.txt:1: layer"], self.found({
            "common/novelty/CMakeLists.txt": "sluice_library(novelty)\n",
        }))

    def test_third_party_headers_stay_with_their_owner(self):
        self.assertEqual(["common/kube/a.cc:2: owner"], self.found({
            "common/kube/a.cc": HEAD + "#include <openssl/x509.h>\n",
            "common/crypto/a.cc": HEAD + "#include <openssl/x509.h>\n",
        }))

    def test_an_owner_keeps_the_types_out_of_its_public_headers(self):
        files = {
            "common/git/CMakeLists.txt": "sluice_library(git)\n",
            "common/git/inner.h": HEAD + "#pragma once\n#include <git2.h>\n",
            "common/git/a.cc": HEAD + '#include "common/git/inner.h"\n',
        }
        self.assertEqual([], self.found(files))
        files["tests/e2e/CMakeLists.txt"] = "sluice_test(e2e SOURCES a_test.cc DEPS git)\n"
        files["tests/e2e/a_test.cc"] = HEAD + '#include "common/git/inner.h"\n'
        self.assertEqual(["common/git/inner.h:3: owner"], self.found(files))

    def test_banned_words_count_in_code_only(self):
        self.assertEqual(["common/fs/a.cc:2: using-namespace", "common/fs/a.cc:3: std-regex"],
                         self.found({
                             "common/fs/a.cc": HEAD + "using namespace std;\n"
                                                      "std::regex r;\n"
                                                      "// using namespace std\n"
                                                      'const char* s = "std::regex";\n'
                                                      "int million = 1'000'000;\n"
                                                      'const char* t = R"(using namespace x)";\n',
                         }))

    def test_printing_is_for_programs(self):
        files = {path: HEAD + "std::cout << 1;\n" for path in
                 ("common/fs/a.cc", "cli/a.cc", "services/helm-controller/main.cc")}
        self.assertEqual(["common/fs/a.cc:2: stdout"], self.found(files))

    def test_unfinished_work_names_its_issue(self):
        self.assertEqual(["common/fs/a.cc:2: todo"], self.found({
            "common/fs/a.cc": HEAD + "// TO" "DO: bounds\n// TO" "DO(#12): bounds\n",
        }))

    def test_form(self):
        self.assertEqual(
            ["common/fs/a.h:1: pragma-once", "common/fs/a.h:1: spdx", "common/fs/a.h:2: line-length"],
            self.found({"common/fs/a.h": "int a;\n" + "x" * 101 + "\n" + "…" * 100 + "\n"}))

    def test_a_long_file_is_a_warning(self):
        self.assertEqual(["common/fs/a.cc:401: warning"],
                         self.found({"common/fs/a.cc": HEAD + "\n" * 400}))

    def test_file_names_say_what_is_in_them(self):
        self.assertEqual(["common/fs/path_util.cc:1: file-name", "common/fs/utils.cc:1: file-name"],
                         self.found({f"common/fs/{name}.cc": HEAD for name in
                                     ("utils", "path_util", "utility_meter", "utf8")}))

    def test_blocks_of_pages_say_what_they_are(self):
        fence = "`" * 3
        for block, right in ((f"{fence}sh\nls\n{fence}", True),
                             (f"<!-- not run: no cluster -->\n{fence}sh\nls\n{fence}", True),
                             (f"{fence}yaml\na: 1\n{fence}", True),
                             (f"{fence}\nls\n{fence}", False),
                             (f"{fence}bash\nls\n{fence}", False),
                             (f"{fence}text\n$ ls\n{fence}", False),
                             (f"{fence}console\nls\n{fence}", False),
                             (f"<!-- needs -->\n{fence}sh\nls\n{fence}", False)):
            found = self.found({"docs/a.md": f"# A\n\n{block}\n"})
            self.assertEqual([] if right else [f"docs/a.md:{3 + block.startswith('<!')}: docs"], found, block)

    def test_links_of_pages_lead_somewhere(self):
        self.assertEqual(
            ["docs/a.md:3: link", "docs/a.md:4: link"],
            self.found({"README.md": "# R\n\n[a](docs/a.md#of-b--c)\n",
                        "docs/a.md": "# A\n[r](../README.md) [x](https://x) [b](#of-b--c)\n"
                                     "[gone](b.md)\n[no](../README.md#a)\n## Of `b` & c\n"}))


if __name__ == "__main__":
    unittest.main()
