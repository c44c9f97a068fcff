// The answers of cel-go 0.26 and Kubernetes 1.34, recorded by tools/record/cel.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/cel/program.h"
#include "common/value/json.h"

namespace sluice::cel {
namespace {

constexpr uint64_t kPerCallLimit = 1'000'000;

struct Answer {
  std::string text;  // of the result, or of the error
  bool compiles = true;
  bool succeeds = true;
  uint64_t cost = 0;
};

using Compiled = absl::StatusOr<std::shared_ptr<const Program>>;

Compiled CompileCase(const value::Value& recorded, SchemaPtr& schema) {
  const absl::string_view env = recorded["env"].str();
  const absl::string_view expr = recorded["expr"].str();
  if (env == "flux") return Program::Parse(expr, Features::Flux());
  if (env == "crd") {
    schema = SchemaFromOpenApi(recorded["schema"], false);
    const bool optional = recorded["optionalOldSelf"].bool_or(false);
    return Program::Compile(expr, {{"self", schema}, {"oldSelf", schema, optional}},
                            Features::KubernetesStored());
  }
  std::vector<Variable> variables;
  for (const value::Member& member : recorded["vars"].members()) {
    variables.push_back({member.key, nullptr});
  }
  return Program::Compile(expr, variables,
                          env == "flux-checked" ? Features::Flux()
                          : env == "kube-new"   ? Features::KubernetesNew()
                                                : Features::KubernetesStored());
}

Answer Run(const value::Value& recorded) {
  SchemaPtr schema;
  Answer answer;
  const Compiled program = CompileCase(recorded, schema);
  if (!program.ok()) {
    answer.compiles = false;
    answer.text = std::string(program.status().message());
    return answer;
  }
  if (recorded["env"].str() == "crd" && (*program)->type()->kind != Type::Kind::kBool) {
    answer.compiles = false;
    answer.text = "cel expression must evaluate to a bool";
    return answer;
  }
  if (recorded["env"].str() == "crd" && !recorded.Has("self")) return answer;
  Bindings bindings;
  bindings.BindMembers(recorded["vars"]);
  if (recorded.Has("self")) bindings.Bind("self", recorded["self"], schema.get());
  if (recorded["optionalOldSelf"].bool_or(false)) {
    bindings.BindOptional("oldSelf", recorded.Find("oldSelf"), schema.get());
  } else if (recorded.Has("oldSelf")) {
    bindings.Bind("oldSelf", recorded["oldSelf"], schema.get());
  }
  Limits limits;
  if (recorded["env"].str() != "flux" && recorded["env"].str() != "flux-checked") {
    limits.cost = kPerCallLimit;
  }
  const auto result = (*program)->EvaluateToText(bindings, limits, &answer.cost);
  answer.succeeds = result.ok();
  answer.text = result.ok() ? *result : std::string(result.status().message());
  return answer;
}

// The recorded message without what differs from run to run and what the caller adds.
std::string Normalized(absl::string_view message) {
  for (const absl::string_view prefix :
       {"compilation failed: ", "program: ", "program instantiation failed: "}) {
    message = absl::StripPrefix(message, prefix);
  }
  constexpr absl::string_view kType = "selfType";
  std::string out;
  while (true) {
    const size_t at = message.find(kType);
    if (at == absl::string_view::npos) return out + std::string(message);
    absl::StrAppend(&out, message.substr(0, at + kType.size()));
    message.remove_prefix(at + kType.size());
    while (!message.empty() && message[0] >= '0' && message[0] <= '9') message.remove_prefix(1);
  }
}

TEST_CASE("expressions are answered as the reference answers them", "[cel]") {
  const char* const folder = std::getenv("CEL_ANSWERS");
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder == nullptr ? "tests/conformance/cel" : folder)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  REQUIRE_FALSE(files.empty());
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      const value::Value recorded = value::ParseJson(line).value();
      const Answer answer = Run(recorded);
      INFO(path.filename().string()
           << " " << recorded["env"].str() << ": " << recorded["expr"].str());
      if (recorded.Has("compile")) {
        CHECK(absl::StrCat(answer.compiles ? "compiles: " : "", answer.text) ==
              Normalized(recorded["compile"].str()));
        continue;
      }
      if (recorded.Has("error")) {
        CHECK(absl::StrCat(answer.compiles && !answer.succeeds ? "error: " : "", answer.text) ==
              absl::StrCat("error: ", recorded["error"].str()));
      } else if (recorded.Has("result")) {
        CHECK(absl::StrCat(answer.succeeds ? "" : "error: ", answer.text) ==
              recorded["result"].str());
      }
      if (recorded.Has("cost") && answer.compiles) {
        CHECK(answer.cost == recorded["cost"].uint_or(0));
      }
    }
  }
}

}  // namespace
}  // namespace sluice::cel
