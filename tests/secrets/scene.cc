// SPDX-License-Identifier: Apache-2.0
#include "tests/secrets/scene.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/value/json.h"

namespace sluice::secrets {
namespace {

constexpr char kHelmApi[] = "helm.toolkit.fluxcd.io/v2";
constexpr absl::Duration kLimit = absl::Seconds(60);

// Tells a client all that it sent, as no server should.
void Echo(const hostile::Seen& seen, hostile::Answer& answer) {
  const Value body = {
      {"errors", Value(Value::Array{{{"code", "DENIED"}, {"message", seen.head}}})}};
  hostile::Reply(403, {{"Content-Type", "application/json"}},
                 absl::StrCat(value::FormatJson(body), "\n", seen.head))(seen, answer);
}

}  // namespace

Scene::Scene() : watched_(temporary_.path()) {
  echo_.On("/", Echo);
  auto repository = e2e::GitRepository::Create(cluster().git_root() + "/repo");
  REQUIRE(repository.ok());
  git_ = *std::move(repository);
}

std::string Scene::echo_host() const { return absl::StrReplaceAll(echo(), {{"http://", ""}}); }

void Scene::Apply(Value object) {
  const absl::Status applied = cluster().Apply(std::move(object));
  INFO(applied);
  REQUIRE(applied.ok());
}

void Scene::AddSecret(const std::string& name, const Entries& entries, const char* type) {
  Value text = Value::EmptyObject();
  for (const auto& [key, value] : entries) text.Set(key, value);
  Apply({{"apiVersion", "v1"},
         {"kind", "Secret"},
         {"metadata", {{"name", name}}},
         {"type", type},
         {"stringData", std::move(text)}});
}

void Scene::Add(const char* api, const char* kind, const std::string& name, const char* status,
                Value spec) {
  if (!spec.Has("interval") && kind != std::string("ImagePolicy")) spec.Set("interval", "10m");
  Apply({{"apiVersion", api},
         {"kind", kind},
         {"metadata", {{"name", name}}},
         {"spec", std::move(spec)}});
  expected_.push_back({api, kind, name, status});
}

void Scene::AddSource(const char* kind, const std::string& name, const char* status, Value spec) {
  spec.Set("secretRef", {{"name", name}});
  if (kind == std::string("GitRepository")) spec.Set("ref", {{"branch", "main"}});
  Add(e2e::kSourceApi, kind, name, status, std::move(spec));
}

void Scene::AddKustomization(const std::string& name, const char* status, const Value& more) {
  Value object = e2e::KustomizationManifest(name, "repo", "./" + name, "10m");
  Value spec = object["spec"];
  spec.Set("targetNamespace", cluster().ns());
  spec.Set("retryInterval", "2s");
  for (const value::Member& member : more.members()) spec.Set(member.key, member.value);
  Add(e2e::kKustomizeApi, "Kustomization", name, status, std::move(spec));
}

void Scene::AddRelease(const std::string& name, const char* status, const Value& values_from) {
  Add(kHelmApi, "HelmRelease", name, status,
      {{"chart",
        {{"spec",
          {{"chart", "charts/" + name},
           {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}}},
       {"driftDetection", {{"mode", "warn"}}},
       {"install", {{"disableWait", true}}},
       {"timeout", "10s"},
       {"interval", "3s"},
       {"valuesFrom", values_from}});
}

void Scene::WriteChart(const std::string& name, const std::string& manifest,
                       const std::string& schema) {
  const std::string folder = "charts/" + name;
  git().Write(folder + "/Chart.yaml",
              absl::StrCat("apiVersion: v2\nname: ", name, "\nversion: 0.1.0\n"));
  git().Write(folder + "/templates/all.yaml", manifest);
  if (!schema.empty()) git().Write(folder + "/values.schema.json", schema);
}

void Scene::AwaitAll() {
  for (const Expected& object : expected_) {
    INFO(object.kind << "/" << object.name << " should become Ready=" << object.status);
    const bool there = e2e::Eventually(kLimit, [&] {
      return e2e::ReadyMessage(cluster().Get(object.api, object.kind, object.name), object.status)
          .has_value();
    });
    if (!there) UNSCOPED_INFO(cluster().Describe());
    CHECK(there);
  }
}

void Scene::Search() {
  const auto told = watched_.Told();
  size_t bytes = 0;
  for (const auto& [place, text] : told) {
    bytes += text.size();
    CHECK_FALSE(text.empty());
    for (const std::string& path : canaries_.In(text)) {
      FAIL_CHECK("the canary of " << path << " is told in: " << place << Where(path, text));
    }
  }
  CHECK(cluster().Casualties() == "");
  std::cout << canaries_.size() << " canaries, " << expected_.size() << " objects, " << told.size()
            << " places, " << bytes << " bytes searched\n";
}

std::string Scene::Where(const std::string& path, const std::string& text) const {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> found = canaries_.In(line);
    if (std::find(found.begin(), found.end(), path) != found.end()) {
      return absl::StrCat("\n", line.substr(0, 2000));
    }
  }
  return "";
}

}  // namespace sluice::secrets
