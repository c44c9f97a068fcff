// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/error_position.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "common/fs/memory_tree.h"
#include "common/kustomize/build.h"
#include "common/testing/status_matchers.h"

namespace sluice::kustomize {
namespace {

using Files = std::map<std::string, std::string>;

std::string ErrorOf(Files files) {
  files.emplace("m.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n");
  const fs::MemoryTree tree = fs::MemoryTree::FromFiles(files).value();
  BuildOptions options;
  options.load_restriction = LoadRestriction::kRootOnly;
  return std::string(Build(tree, "", options).status().message());
}

TEST_CASE("an error names the file and line at fault, and what to write", "[kustomize]") {
  struct Row {
    const char* kustomization;
    const char* end;  // of the message
  };
  const Row rows[] = {
      {"resources:\n- m.yaml\nnamePrefx: a\n",
       "unknown field \"namePrefx\"; did you mean \"namePrefix\"? (/kustomization.yaml, line 3)"},
      {"images:\n- name: a\n- name: b\n  newTags: c\n",
       "unknown field \"newTags\"; did you mean \"newTag\"? (/kustomization.yaml, line 4)"},
      {"spec: {}\n", "unknown field \"spec\" (/kustomization.yaml, line 1)"},
      {"images:\n- name: a\n  newTag: \"1\"\n- name: b\n  newTag: 1.10\n",
       "of type string (write it in quotes) (/kustomization.yaml, line 5)"},
      {"images:\n- name: a\n  newName: y\n",
       "of type string (write it in quotes) (/kustomization.yaml, line 3)"},
      {"resources: m.yaml\n", "of type []string (write a list) (/kustomization.yaml, line 1)"},
      {"resources:\n- m.yaml\n- [x]\n", "of type string (/kustomization.yaml, line 3)"},
      {"commonLabels:\n  a: b\n  c: 1\n", "(write it in quotes) (/kustomization.yaml, line 3)"},
      {"configMapGenerator:\n- name: g\n  options:\n    immutable: \"true\"\n",
       "of type bool (write it without quotes) (/kustomization.yaml, line 4)"},
      {"resources:\n- m.yaml\n- gone.yaml\n",
       "no such file or directory (/kustomization.yaml, line 3)"},
      {"components:\n- gone\n", "no such file or directory (/kustomization.yaml, line 2)"},
      {"resources:\n- m.yaml\npatches:\n- patch: '[]'\n  target: {kind: X}\n- path: gone.yaml\n",
       "no such file or directory (/kustomization.yaml, line 6)"},
      {"resources: [m.yaml]\npatches:\n- patch: |\n    apiVersion: v1\n    kind: ConfigMap\n"
       "    metadata: {name: other}\n",
       "; it must be the apiVersion, kind, name and namespace of one object, or the patch needs a "
       "target (/kustomization.yaml, line 3)"},
      {"resources: [m.yaml]\npatches:\n- target: {kind: ConfigMap}\n"
       "  patch: '- {op: remove, path: /data/z}'\n",
       "missing value (patching ConfigMap.v1.[noGrp]/m.[noNs]) (/kustomization.yaml, line 3)"},
      {"resources: [m.yaml]\nreplicas:\n- {name: x, count: 1}\n",
       "ReplicationController.[noVer].[noGrp]] (/kustomization.yaml, line 3)"},
      {"resources: [m.yaml]\nreplacements:\n- source: {kind: ConfigMap}\n  targets:\n"
       "  - {select: {kind: ConfigMap}, fieldPaths: [data.q.x]}\n",
       "in replacement target; options.create: true makes it (/kustomization.yaml, line 2)"},
      {"configMapGenerator:\n- {name: a}\n- {name: b, files: [no.txt]}\n",
       "no such file or directory (/kustomization.yaml, line 3)"},
      {"resources: [m.yaml]\nconfigMapGenerator:\n- name: m\n",
       "behavior must be merge or replace (/kustomization.yaml, line 3)"},
      {"resources: [\n", "(/kustomization.yaml)"},
      {"resources: ['https://example.org/r.git//x?ref=v1']\n",
       "or copy it beside the kustomization (/kustomization.yaml, line 1)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kustomization);
    CHECK_THAT(ErrorOf({{"kustomization.yaml", row.kustomization}}),
               Catch::Matchers::EndsWith(row.end));
  }
}

TEST_CASE("the innermost file is named", "[kustomize]") {
  CHECK_THAT(ErrorOf({{"kustomization.yaml", "resources: [a]\n"},
                      {"a/kustomization.yaml", "resources:\n- b.yaml\n"}}),
             Catch::Matchers::EndsWith("directory (/a/kustomization.yaml, line 2)"));
  CHECK_THAT(ErrorOf({{"kustomization.yaml", "resources: [a]\n"},
                      {"a/kustomization.yaml", "resources: [..]\n"}}),
             Catch::Matchers::EndsWith("; one of the two must not refer to the other "
                                       "(/a/kustomization.yaml, line 1)"));
}

TEST_CASE("the line of an object counts from the start of its file", "[kustomize]") {
  const std::string good = "apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\n";
  CHECK_THAT(ErrorOf({{"kustomization.yaml", "resources: [n.yaml]\n"},
                      {"n.yaml", good + "apiVersion: v1\nkind: B\n"}}),
             Catch::Matchers::Contains("(document at line 5)"));
  CHECK_THAT(ErrorOf({{"kustomization.yaml", "resources: [n.yaml]\n"},
                      {"n.yaml", good + "a: b\n c: d\n"}}),
             Catch::Matchers::Contains("yaml: line 2: mapping values are not allowed in this "
                                       "context, in the document at line 5 in File: n.yaml"));
}

TEST_CASE("what was probably meant is near what was written", "[kustomize]") {
  const std::vector<absl::string_view> known = {"name", "namePrefix", "newTag", "x"};
  CHECK(Nearest("namePrefx", known) == "namePrefix");
  CHECK(Nearest("newtag", known) == "newTag");
  CHECK(Nearest("nme", known) == "name");
  CHECK(Nearest("y", known).empty());
  CHECK(Nearest("somethingElse", known).empty());
  CHECK(Nearest(std::string(100, 'n'), known).empty());
}

}  // namespace
}  // namespace sluice::kustomize
