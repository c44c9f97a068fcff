// SPDX-License-Identifier: Apache-2.0
#include "tests/soak/fleet.h"

#include <catch2/catch.hpp>
#include <csignal>

#include "absl/random/distributions.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/kube/object.h"

namespace sluice::soak {
namespace {

using e2e::kKustomizeApi;
using e2e::kSourceApi;

constexpr char kImageApi[] = "image.toolkit.fluxcd.io/v1";
constexpr char kGitServer[] = "git-server";
constexpr absl::Duration kWriteLimit = absl::Seconds(30);
constexpr absl::Duration kLimit = absl::Seconds(90);

// Orders of failures (devapi/requests/faults.h). Each ends by itself.
Value RandomFault(Random& random) {
  const Value faults[] = {
      {{"match", {{"resource", "configmaps"}, {"verb", "patch"}}}, {"status", 500}, {"count", 8}},
      {{"match", {{"subresource", "status"}}}, {"status", 409}, {"count", 8}},
      {{"match", {{"group", "kustomize.toolkit.fluxcd.io"}}}, {"status", 429}, {"count", 8}},
      {{"match", {{"group", "helm.toolkit.fluxcd.io"}}}, {"status", 500}, {"count", 8}},
      {{"match", {{"verb", "watch"}}}, {"status", 500}, {"count", 8}},
      {{"match", {{"resource", "secrets"}}}, {"status", 503}, {"count", 8}},
      {{"match", Value::EmptyObject()}, {"latency", "100ms"}, {"count", 60}},
  };
  return faults[absl::Uniform<size_t>(random, 0, std::size(faults))];
}

template <typename T>
const T& OneOf(const std::vector<T>& all, Random& random) {
  return all[absl::Uniform<size_t>(random, 0, all.size())];
}

}  // namespace

const std::vector<std::string> kControllers = {"source-controller",      "kustomize-controller",
                                               "kustomize-controller#2", "helm-controller",
                                               "helm-controller#2",      "image-controller"};
const std::vector<std::string> kKustomizations = {"base",   "web",    "team", "orphan",
                                                  "mortal", "bundle", "auto"};
const std::vector<std::string> kReleases = {"shop", "cart"};

Fleet::Fleet() {
  e2e::ClusterOptions options;
  options.controllers = kControllers;
  options.environment = {{"TMPDIR", temporary_.path()}};
  options.flags[kGitServer] = {"--allow-push"};
  for (const std::string& name : kControllers) {
    std::vector<std::string>& flags = options.flags[name];
    flags.push_back("--log-level=debug");
    if (name != "source-controller") flags.push_back("--requeue-dependency=1s");
    if (absl::StartsWith(name, "kustomize") || absl::StartsWith(name, "helm")) {
      flags.push_back("--sharding");
    }
  }
  auto started = e2e::Cluster::Start(options);
  INFO(started.status());
  REQUIRE(started.ok());
  cluster_ = *std::move(started);
  upstream_ = std::make_unique<Upstream>(*cluster_);
  PlanObjects();
  for (const auto& [name, object] : objects_) {
    Write([&, &object = object] { return cluster_->Apply(object); });
  }
}

void Fleet::PlanObjects() {
  for (const char* repository : {"fleet", "images.git"}) {
    const std::string name = repository == std::string("fleet") ? "fleet" : "images";
    Add(e2e::GitRepositoryManifest(name, absl::StrCat(cluster_->git_url(), "/", repository), "5s"));
  }
  Add({{"apiVersion", kSourceApi},
       {"kind", "OCIRepository"},
       {"metadata", {{"name", "bundle"}}},
       {"spec",
        {{"interval", "5s"},
         {"url", absl::StrCat("oci://", upstream_->registry_host(), "/org/bundle")},
         {"ref", {{"semver", "1.x"}}}}}});
  Add({{"apiVersion", kSourceApi},
       {"kind", "HelmRepository"},
       {"metadata", {{"name", "charts"}}},
       {"spec", {{"interval", "5s"}, {"url", upstream_->charts_url()}}}});
  for (const std::string& name : kKustomizations) {
    const char* source = name == "auto" ? "images" : name == "bundle" ? "bundle" : "fleet";
    const char* path = name == "auto" ? "./apps" : name == "bundle" ? "./app" : name.c_str();
    Value object = e2e::KustomizationManifest(name, source, path, "10s");
    Value& spec = object.Ensure("spec");
    if (name == "bundle") spec.Ensure("sourceRef").Set("kind", "OCIRepository");
    if (name == "orphan") spec.Set("deletionPolicy", "Orphan");
    if (name == "web") spec.Set("wait", true);
    if (name == "web") spec.Set("dependsOn", Value(Value::Array{{{"name", "base"}}}));
    if (name == "team") {
      spec.Set("dependsOn", Value(Value::Array{{{"name", "web"}}}));
      spec.Set("postBuild", {{"substitute", {{"greeting", "hello"}}}});
    }
    Add(std::move(object));
  }
  for (const std::string& name : kReleases) {
    Value chart = {{"chart", "shop"},
                   {"version", "*"},
                   {"interval", "5s"},
                   {"sourceRef", {{"kind", "HelmRepository"}, {"name", "charts"}}}};
    if (name == "cart") {
      chart = {{"chart", "chart"},
               {"interval", "5s"},
               {"reconcileStrategy", "Revision"},
               {"sourceRef", {{"kind", "GitRepository"}, {"name", "fleet"}}}};
    }
    const Value retry = {{"strategy", {{"name", "RetryOnFailure"}, {"retryInterval", "1s"}}}};
    Add({{"apiVersion", kHelmApi},
         {"kind", "HelmRelease"},
         {"metadata", {{"name", name}}},
         {"spec",
          {{"interval", "10s"},
           {"chart", {{"spec", chart}}},
           {"install", retry},
           {"upgrade", retry},
           {"driftDetection", {{"mode", "enabled"}}},
           {"values", {{"value", name}}}}}});
  }
  Add({{"apiVersion", kImageApi},
       {"kind", "ImageRepository"},
       {"metadata", {{"name", "app"}}},
       {"spec", {{"interval", "5s"}, {"image", upstream_->registry_host() + "/team/app"}}}});
  Add({{"apiVersion", kImageApi},
       {"kind", "ImagePolicy"},
       {"metadata", {{"name", "app"}}},
       {"spec",
        {{"imageRepositoryRef", {{"name", "app"}}}, {"policy", {{"semver", {{"range", "*"}}}}}}}});
  Add({{"apiVersion", kImageApi},
       {"kind", "ImageUpdateAutomation"},
       {"metadata", {{"name", "auto"}}},
       {"spec",
        {{"interval", "5s"},
         {"sourceRef", {{"kind", "GitRepository"}, {"name", "images"}}},
         {"git",
          {{"checkout", {{"ref", {{"branch", "main"}}}}},
           {"commit", {{"author", {{"name", "Bot"}, {"email", "bot@example.org"}}}}}}},
         {"update", {{"strategy", "Setters"}, {"path", "./apps"}}}}}});
}

void Fleet::Add(Value object) {
  const Named name{std::string(object["apiVersion"].str()), std::string(object["kind"].str()),
                   std::string(kube::Name(object))};
  objects_[name] = std::move(object);
}

void Fleet::Write(const std::function<absl::Status()>& call) {
  absl::Status status;
  const bool written = e2e::Eventually(kWriteLimit, [&] { return (status = call()).ok(); });
  INFO(status);
  REQUIRE(written);
}

std::optional<Value> Fleet::Get(const Named& object) {
  return cluster_->Get(object.api_version, object.kind, object.name);
}

void Fleet::Suspend(Random& random) {
  std::vector<Named> able;
  for (const auto& [name, object] : objects_) {
    // Suspended Kustomizations do not prune when they are deleted.
    if (name.kind == "ImagePolicy" || name.name == "orphan" || name.name == "mortal") continue;
    if (!deleted_.contains(name)) able.push_back(name);
  }
  const Named& name = OneOf(able, random);
  const bool suspend = suspended_.erase(name) == 0;
  if (suspend) suspended_.insert(name);
  Write([&] {
    return cluster_->Edit(name.api_version, name.kind, name.name,
                          {{"spec", {{"suspend", suspend}}}});
  });
}

void Fleet::DeleteOne(Random& random) {
  std::vector<Named> able;
  for (const auto& [name, object] : objects_) {
    const bool applies = name.kind == "HelmRelease" || name.kind == "Kustomization";
    const bool may = !applies || name.name == "orphan" || name.name == "mortal";
    if (may && !deleted_.contains(name)) able.push_back(name);
  }
  if (able.empty()) return;
  const Named& name = OneOf(able, random);
  suspended_.erase(name);
  deleted_.insert(name);
  Write([&] {
    const absl::Status status = cluster_->Delete(name.api_version, name.kind, name.name);
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  });
}

void Fleet::Drift(Random& random) {
  const std::string folder = OneOf<std::string>({"base", "team", "mortal"}, random);
  const std::string sometimes = absl::StrCat(folder, "-", absl::Uniform(random, 0, 6));
  if (absl::Bernoulli(random, 0.5)) {
    cluster_->Delete("v1", "ConfigMap", sometimes).IgnoreError();
    return;
  }
  const std::string name = OneOf<std::string>(
      {sometimes, "keep-base", "keep-team", "keep-bundle", "shop-config"}, random);
  // Not there, or refused: then there is no drift.
  cluster_->Edit("v1", "ConfigMap", name, {{"data", {{"text", "drifted"}, {"mark", "drifted"}}}})
      .IgnoreError();
}

std::optional<std::string> Fleet::Present(std::string process) {
  if (away_.erase(process) == 0) return process;
  const absl::Status started = cluster_->Restart(process);
  INFO(started);
  REQUIRE(started.ok());
  return std::nullopt;
}

void Fleet::Kill(Random& random) {
  const auto process = Present(OneOf(kControllers, random));
  if (!process.has_value()) return;
  cluster_->Kill(*process);
  away_.insert(*process);
}

void Fleet::Terminate(Random& random) {
  const auto process = Present(OneOf(kControllers, random));
  if (!process.has_value()) return;
  const auto code = cluster_->process(*process).End(SIGTERM, absl::Seconds(30));
  INFO(*process << ": " << code.status());
  REQUIRE(code.ok());
  // One that has only just been started may still be loading its libraries, before main().
  CHECK((*code == 0 || *code == 128 + SIGTERM));
  away_.insert(*process);
}

void Fleet::TakeGitServer() {
  if (!Present(kGitServer).has_value()) return;
  cluster_->Kill(kGitServer);
  away_.insert(kGitServer);
}

void Fleet::FailApiServer(Random& random) {
  const Value fault = RandomFault(random);
  if (!cluster_->has_faults()) return;
  Write([&] { return cluster_->AddFault(fault); });
}

void Fleet::Heal() {
  if (cluster_->has_faults()) Write([this] { return cluster_->ClearFaults(); });
  upstream_->HealRegistry();
  upstream_->FailCharts(false);
  while (!away_.empty()) Present(*away_.begin());
  upstream_->Mend();
  for (const Named& name : deleted_) {
    const bool gone = e2e::Eventually(kLimit, [&] {
      const auto object = Get(name);
      return !object.has_value() || !kube::Deleting(*object);
    });
    INFO(name.kind << " " << name.name << " is still being deleted\n" << cluster_->Describe());
    REQUIRE(gone);
  }
  deleted_.clear();
  suspended_.clear();
  for (const auto& [name, object] : objects_) {
    Value resumed = object;
    if (name.kind != "ImagePolicy") resumed.Ensure("spec").Set("suspend", false);
    Write([&] { return cluster_->Apply(resumed); });
  }
}

bool Fleet::IsAtRevision(const Named& object, const Value& live) const {
  const absl::string_view artifact = live["status"]["artifact"]["revision"].str();
  const absl::string_view applied = live["status"]["lastAppliedRevision"].str();
  if (object.kind == "Kustomization") {
    if (object.name == "bundle") return applied == upstream_->bundle_revision();
    return absl::EndsWith(
        applied, object.name == "auto" ? upstream_->images_commit() : upstream_->fleet_commit());
  }
  if (object.kind == "OCIRepository") return artifact == upstream_->bundle_revision();
  if (object.kind == "GitRepository") {
    return absl::EndsWith(
        artifact, object.name == "images" ? upstream_->images_commit() : upstream_->fleet_commit());
  }
  if (object.name == "shop") {
    return live["status"]["history"].at(0)["chartVersion"].str() == upstream_->chart_version();
  }
  if (object.name == "cart") {
    return absl::StrContains(live["status"]["history"].at(0)["chartVersion"].str(),
                             upstream_->fleet_commit().substr(0, 12));
  }
  if (object.kind == "ImagePolicy") {
    return live["status"]["latestRef"]["tag"].str() == upstream_->image_tag();
  }
  if (object.kind == "ImageUpdateAutomation") {
    return absl::StrContains(upstream_->images_file(), ":" + upstream_->image_tag() + " ");
  }
  return true;
}

void Fleet::Reconcile(const std::vector<Named>& objects) {
  for (const Named& name : objects) {
    Write([&] { return cluster_->Trigger(name.api_version, name.kind, name.name); });
  }
  std::string waiting_for;
  const bool done = e2e::Eventually(kLimit, [&] {
    for (const Named& name : objects) {
      waiting_for = absl::StrCat(name.kind, "/", name.name);
      const auto live = Get(name);
      if (!e2e::ReadyMessage(live, "True").has_value() || !IsAtRevision(name, *live)) return false;
      if (name.kind != "ImagePolicy" &&
          (*live)["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"].str() !=
              (*live)["status"]["lastHandledReconcileAt"].str()) {
        return false;
      }
    }
    return true;
  });
  CAPTURE(waiting_for);
  if (!done) UNSCOPED_INFO(cluster_->Describe());
  REQUIRE(done);
}

void Fleet::Converge() {
  const auto all = [this](std::initializer_list<const char*> kinds) {
    std::vector<Named> objects;
    for (const auto& [name, object] : objects_) {
      for (const char* kind : kinds) {
        if (name.kind == kind) objects.push_back(name);
      }
    }
    return objects;
  };
  Reconcile(all({"ImageRepository"}));
  Reconcile(all({"ImagePolicy"}));
  Reconcile(all({"ImageUpdateAutomation"}));
  Reconcile(all({"GitRepository", "OCIRepository", "HelmRepository"}));
  Reconcile(all({"Kustomization", "HelmRelease"}));
}

}  // namespace sluice::soak
