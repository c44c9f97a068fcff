// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/generators/key_values.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "common/fs/memory_tree.h"
#include "common/kustomize/build.h"
#include "common/testing/status_matchers.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;
using Files = std::map<std::string, std::string>;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

absl::StatusOr<std::string> Built(const std::string& kustomization, Files files = {}) {
  files["kustomization.yaml"] = kustomization;
  const fs::MemoryTree tree = fs::MemoryTree::FromFiles(files).value();
  const absl::StatusOr<BuildResult> built = Build(tree, "");
  if (!built.ok()) return built.status();
  return built->ToYaml();
}

TEST_CASE("names of generated objects end in the hash of what they hold", "[kustomize]") {
  const std::string digits =
      "0123456789012345678901234567890123456789012345678901234567890123456789";
  struct Row {
    std::string fields;
    const char* name;
  };
  const Row rows[] = {
      {"configMapGenerator: [{name: m}]", "m-6ct58987ht"},
      {"configMapGenerator: [{name: m, literals: [a=b]}]", "m-4h2mbtbbt6"},
      {"namePrefix: p-\nconfigMapGenerator: [{name: m, literals: [a=b]}]", "p-m-4h2mbtbbt6"},
      {"configMapGenerator: [{name: m, literals: [a=b, b=c]}]", "m-d6g9c22788"},
      {"configMapGenerator: [{name: m, literals: ['a=<&>']}]", "m-m9gb99d79d"},
      {"configMapGenerator: [{name: m, files: [bin]}]", "m-2k5k4c2bm6"},
      {"secretGenerator: [{name: m, literals: [a=b]}]", "m-k695gkmbtk"},
      {"secretGenerator: [{name: m, type: kubernetes.io/tls, literals: [a=b]}]", "m-92982c4m8f"},
      {"secretGenerator: [{name: m, literals: ['password=" + digits + "']}]", "m-cm5f8t22cc"},
      {"configMapGenerator: [{name: m, literals: [a=b], options: {disableNameSuffixHash: true}}]",
       "m"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fields);
    const absl::StatusOr<std::string> built = Built(row.fields, {{"bin", "\xff\xfe"}});
    REQUIRE_THAT(built.status(), IsOk());
    CHECK(built->find(absl::StrCat("\n  name: ", row.name, "\n")) != std::string::npos);
  }
}

TEST_CASE("sources are literals, files and env files", "[kustomize]") {
  struct Row {
    const char* source;
    const char* data;
  };
  const Row rows[] = {
      {"literals: ['a=b=c']", "  a: b=c\n"},   {"literals: ['a=\"b\"']", "  a: b\n"},
      {"files: [f.txt]", "  f.txt: text\n"},   {"files: [k=f.txt]", "  k: text\n"},
      {"envs: [e]", "  A: \"1\"\n  B: x y\n"}, {"env: e", "  A: \"1\"\n  B: x y\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    const absl::StatusOr<std::string> built =
        Built(absl::StrCat("generatorOptions: {disableNameSuffixHash: true}\n"
                           "configMapGenerator: [{name: m, ",
                           row.source, "}]"),
              {{"f.txt", "text"},
               {"e",
                "\xEF\xBB\xBF"
                "A=1\n# no\n\n  B=x y\n"}});
    REQUIRE_THAT(built.status(), IsOk());
    CHECK(*built == absl::StrCat("apiVersion: v1\ndata:\n", row.data,
                                 "kind: ConfigMap\nmetadata:\n  name: m\n"));
  }
}

TEST_CASE("malformed sources are refused", "[kustomize]") {
  struct Row {
    const char* args;
    const char* message;
  };
  const Row rows[] = {
      {"literals: [a=b]", "name"},
      {"name: m, literals: [ab]", "invalid literal source ab, expected key=value"},
      {"name: m, literals: [=b]", "invalid literal source =b, expected key=value"},
      {"name: m, literals: [a=b, a=c]", "illegally repeats the key `a`"},
      {"name: m, files: [a=b=c]", "key name or file path contains '='"},
      {"name: m, files: [none]", "none"},
      {"name: m, behavior: merge", "does not exist"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.args);
    const absl::Status status =
        Built(absl::StrCat("configMapGenerator: [{", row.args, "}]")).status();
    CHECK_FALSE(status.ok());
    CHECK(absl::StrContains(status.message(), row.message));
  }
  CHECK_THAT(Built("configMapGenerator: [{name: m, literals: [ab]}]").status(), StatusIs(kInvalid));
}

TEST_CASE("Base64 is broken after seventy characters", "[kustomize]") {
  CHECK(WrappedBase64("") == "");
  CHECK(WrappedBase64("a") == "YQ==");
  const std::string text(52, 'a');  // 72 characters
  const std::string wrapped = WrappedBase64(text);
  CHECK(wrapped.size() == 74);
  CHECK(wrapped[70] == '\n');
  CHECK(wrapped.back() == '\n');
  CHECK(WrappedBase64(std::string(51, 'a')).size() == 68);
}

}  // namespace
}  // namespace sluice::kustomize
