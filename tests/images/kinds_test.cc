// ImageRepository, ImagePolicy and ImageUpdateAutomation object by object: what each may refer to,
// and what it says if that fails.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/images/image_loop.h"

namespace sluice::images {

using e2e::ReadFile;
namespace {

using Access = oci_testing::RegistryOptions::Access;

struct Expectation {
  const char* kind;
  const char* name;
  const char* status;  // of Ready
  const char* reason;
  std::string message;  // a part of it
};

void Expect(ImageLoop& loop, const Expectation& expected) {
  CAPTURE(expected.kind, expected.name);
  std::string last;
  loop.Await(absl::StrCat(expected.name, " is ", expected.status, " ", expected.reason), [&] {
    const auto object = loop.cluster().Get(kImageApi, expected.kind, expected.name);
    if (!object.has_value()) return false;
    for (const Value& condition : (*object)["status"]["conditions"].items()) {
      if (condition["type"].str() != "Ready") continue;
      last = absl::StrCat(condition["status"].str(), " ", condition["reason"].str(), " ",
                          condition["message"].str());
    }
    return absl::StartsWith(last, absl::StrCat(expected.status, " ", expected.reason, " ")) &&
           absl::StrContains(last, expected.message);
  });
}

Value Object(absl::string_view kind, absl::string_view name, Value spec) {
  return {{"apiVersion", kImageApi},
          {"kind", kind},
          {"metadata", {{"name", name}}},
          {"spec", std::move(spec)}};
}

Value WithSpec(Value spec, const std::vector<std::pair<std::string, Value>>& more) {
  for (const auto& [key, value] : more) spec.Set(key, value);
  return spec;
}

TEST_CASE("an ImageRepository and its credentials", "[e2e]") {
  ImageLoop loop({}, {.access = Access::kBasic, .username = "ada", .password = "hunter2"});
  const auto secret = [&](const char* name, const char* type, const char* key,
                          const std::string& value) {
    Value object = {{"apiVersion", "v1"},
                    {"kind", "Secret"},
                    {"type", type},
                    {"metadata", {{"name", name}}},
                    {"stringData", Value::EmptyObject()}};
    object.Ensure("stringData").Set(key, value);
    loop.Apply(std::move(object));
  };
  const std::string entry = absl::StrCat("{\"", loop.registry().host(), R"(":{"auth":")",
                                         absl::Base64Escape("ada:hunter2"), "\"}}");
  secret("pull", "kubernetes.io/dockerconfigjson", ".dockerconfigjson",
         absl::StrCat("{\"auths\":", entry, "}"));
  secret("older", "kubernetes.io/dockercfg", ".dockercfg", entry);
  secret("other", "Opaque", "token", "x");
  loop.Apply({{"apiVersion", "v1"},
              {"kind", "ServiceAccount"},
              {"metadata", {{"name", "puller"}}},
              {"imagePullSecrets", Value(Value::Array{Value({{"name", "older"}})})}});
  const Value base = {{"image", loop.image()}, {"interval", "1h"}};
  const auto reference = [](const char* name) { return Value({{"name", name}}); };
  const std::pair<const char*, std::vector<std::pair<std::string, Value>>> rows[] = {
      {"secret", {{"secretRef", reference("pull")}}},
      {"account", {{"serviceAccountName", "puller"}}},
      {"both", {{"secretRef", reference("other")}, {"serviceAccountName", "puller"}}},
      {"anonymous", {}},
      {"another-type", {{"secretRef", reference("other")}}},
      {"no-secret", {{"secretRef", reference("nope")}}},
      {"no-account", {{"serviceAccountName", "nope"}}},
      {"no-certificate", {{"certSecretRef", reference("other")}}},
      {"no-proxy", {{"proxySecretRef", reference("other")}}},
      {"cloud", {{"provider", "aws"}}},
      {"gate", {{"provider", "azure"}, {"serviceAccountName", "puller"}}},
      {"bad-pattern",
       {{"secretRef", reference("pull")}, {"exclusionList", Value(Value::Array{Value("(")})}}},
      {"suspended", {{"suspend", true}}},
  };
  for (const auto& [name, more] : rows) {
    loop.Apply(Object("ImageRepository", name, WithSpec(base, more)));
  }
  const char* const kKind = "ImageRepository";
  for (const char* name : {"secret", "account", "both"}) {
    Expect(loop, {kKind, name, "True", "Succeeded", "successful scan: found 1 tags with checksum"});
  }
  for (const char* name : {"anonymous", "another-type"}) {
    Expect(loop, {kKind, name, "False", "ReadOperationFailed", "scan failed: GET "});
  }
  constexpr char kConfigure[] = "failed to configure authentication options: ";
  for (const char* name : {"no-secret", "no-account", "no-certificate", "no-proxy"}) {
    Expect(loop, {kKind, name, "False", "AuthenticationFailed", kConfigure});
  }
  Expect(loop, {kKind, "cloud", "False", "ReadOperationFailed", "scan failed: "});
  Expect(loop, {kKind, "gate", "False", "FeatureGateDisabled", "ObjectLevelWorkloadIdentity"});
  Expect(loop, {kKind, "bad-pattern", "False", "ReadOperationFailed", "failed to compile regex ("});
  const auto suspended = loop.cluster().Get(kImageApi, kKind, "suspended");
  CHECK((*suspended)["status"]["conditions"].empty());
  CHECK_FALSE(absl::StrContains(loop.cluster().Describe(), "hunter2"));

  const auto scanned = loop.cluster().Get(kImageApi, kKind, "secret");
  CHECK((*scanned)["status"]["canonicalImageName"].str() == loop.image());
  CHECK((*scanned)["status"]["lastScanResult"]["tagCount"].int_or(0) == 1);
  REQUIRE(loop.cluster().Delete(kImageApi, kKind, "secret").ok());
  loop.Await("tags go with their object", [&] {
    return ReadFile(absl::StrCat(loop.tags() / "imagerepository/", loop.cluster().ns(),
                                 "/secret/tags.txt"))
        .empty();
  });
}

TEST_CASE("an ImagePolicy, its rules and digests", "[e2e]") {
  ImageLoop loop;
  for (const char* tag : {"1.1.0", "main-7-abc", "main-12-def"}) loop.AddTag(tag);
  const Value semver = {{"semver", {{"range", ">=1.0.0"}}}};
  const Value reference = {{"name", "app"}};
  loop.Apply(Object("ImageRepository", "app", {{"image", loop.image()}, {"interval", "1h"}}));
  const auto policy = [&](const char* name, const Value& rule,
                          const std::vector<std::pair<std::string, Value>>& more) {
    loop.Apply(Object("ImagePolicy", name,
                      WithSpec({{"imageRepositoryRef", reference}, {"policy", rule}}, more)));
  };
  policy("semver", semver, {});
  policy("numbers", {{"numerical", {{"order", "asc"}}}},
         {{"filterTags", {{"pattern", "^main-(?P<n>\\d+)-"}, {"extract", "$n"}}}});
  policy("digest", semver, {{"digestReflectionPolicy", "IfNotPresent"}});
  policy("refreshed", semver, {{"digestReflectionPolicy", "Always"}, {"interval", "1s"}});
  policy("nothing", {{"semver", {{"range", ">=9"}}}}, {});
  policy("no-rule", Value::EmptyObject(), {});
  policy("no-number", {{"numerical", {{"order", "asc"}}}}, {});
  policy("bad-filter", semver, {{"filterTags", {{"pattern", "("}}}});
  policy("elsewhere", semver,
         {{"imageRepositoryRef", {{"name", "app"}, {"namespace", "default"}}}});
  const char* const kKind = "ImagePolicy";
  const auto resolved = [&](const char* name, absl::string_view tag) {
    Expect(loop, {kKind, name, "True", "Succeeded",
                  absl::StrCat("Latest image tag for ", loop.image(), " resolved to ", tag)});
  };
  resolved("semver", "1.1.0");
  resolved("numbers", "main-12-def");
  resolved("digest", "1.1.0 with digest sha256:");
  resolved("refreshed", "1.1.0 with digest sha256:");
  Expect(loop, {kKind, "nothing", "False", "Failure", "unable to determine latest version"});
  Expect(loop, {kKind, "no-rule", "False", "InvalidPolicy", "invalid policy: "});
  Expect(loop, {kKind, "no-number", "False", "Failure", "failed to parse invalid numeric value"});
  Expect(loop, {kKind, "bad-filter", "False", "InvalidPolicy", "failed to filter tags: "});
  Expect(loop, {kKind, "elsewhere", "False", "DependencyNotReady", "does not exist"});

  // A tag that moves: one policy keeps what it saw, the other follows, and both know the past.
  const auto digest = [&](const char* name) {
    const auto object = loop.cluster().Get(kImageApi, kKind, name);
    return object.has_value() ? std::string((*object)["status"]["latestRef"]["digest"].str()) : "";
  };
  const std::string before = digest("digest");
  CHECK(before == digest("refreshed"));
  const std::string after = loop.registry().AddArtifact(
      "team/app", "1.1.0", "application/octet-stream", "another image under the same tag");
  loop.Await("the digest follows", [&] { return digest("refreshed") == after; });
  resolved("refreshed", absl::StrCat("1.1.0 with digest ", after, " (previously ", loop.image(),
                                     ":1.1.0@", before, ")"));
  CHECK(digest("digest") == before);
}

TEST_CASE("an ImageUpdateAutomation that cannot work says why", "[e2e]") {
  ImageLoop loop;
  loop.AddTag("1.1.0");
  loop.AddSource();
  loop.AddPolicy(loop.image());
  const Value base = {{"interval", "1h"},
                      {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}},
                      {"git", ImageLoop::GitSpec("x")},
                      {"update", {{"strategy", "Setters"}}}};
  const auto automation = [&](const char* name,
                              const std::vector<std::pair<std::string, Value>>& more) {
    loop.Apply(Object("ImageUpdateAutomation", name, WithSpec(base, more)));
  };
  const auto git = [](const char* key, Value value) {
    Value spec = ImageLoop::GitSpec("templates");
    spec.Ensure("commit").Set(key, std::move(value));
    return spec;
  };
  automation("no-source", {{"sourceRef", {{"kind", "GitRepository"}, {"name", "nope"}}}});
  Value no_git = base;
  no_git.Erase("git");
  loop.Apply(Object("ImageUpdateAutomation", "no-git", std::move(no_git)));
  automation(
      "no-branch",
      {{"git", WithSpec(ImageLoop::GitSpec(), {{"checkout", {{"ref", {{"branch", "nope"}}}}}})}});
  automation("no-push",
             {{"git", WithSpec(ImageLoop::GitSpec(), {{"checkout", {{"ref", {{"tag", "v1"}}}}}})}});
  automation("no-path", {{"update", {{"strategy", "Setters"}, {"path", "./nope"}}}});
  automation(
      "selector",
      {{"policySelector",
        {{"matchExpressions", Value(Value::Array{Value({{"key", "a"}, {"operator", "Near"}})})}}}});
  automation("template", {{"git", git("messageTemplate", "{{ .Nope }}")}});
  automation("removed", {{"git", git("messageTemplate", "{{ .Updated.Files }}")}});
  automation("nobody", {{"policySelector", {{"matchLabels", {{"team", "x"}}}}}});
  automation("suspended", {{"suspend", true}});
  const char* const kKind = "ImageUpdateAutomation";
  Expect(loop, {kKind, "no-source", "False", "SourceManagerFailed",
                "failed configuring source manager: "});
  Expect(loop, {kKind, "no-git", "False", "InvalidSourceConfiguration", ".spec.git"});
  Expect(loop, {kKind, "no-branch", "False", "GitOperationFailed", "failed to checkout source: "});
  Expect(loop, {kKind, "no-push", "False", "SourceManagerFailed", "cannot be inferred"});
  Expect(loop, {kKind, "no-path", "False", "UpdateFailed", "failed to apply policies: "});
  Expect(loop, {kKind, "selector", "False", "InvalidPolicySelector", "operator"});
  Expect(loop, {kKind, "template", "False", "GitOperationFailed", "failed to update source: "});
  Expect(loop, {kKind, "removed", "False", "RemovedTemplateField", "'.Changed'"});
  Expect(loop, {kKind, "nobody", "True", "Succeeded", "repository up-to-date"});
  CHECK(loop.Git({"branch", "--list", "templates"}).empty());
  const auto suspended = loop.cluster().Get(kImageApi, kKind, "suspended");
  CHECK((*suspended)["status"]["conditions"].empty());
  CHECK(loop.cluster().Casualties() == "");
}

}  // namespace
}  // namespace sluice::images
