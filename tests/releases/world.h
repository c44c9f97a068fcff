// For tests: HelmReleases reconciled against an API server in the test's process, with charts that
// the test writes, and a client that can die at any write.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/artifact/fetcher.h"
#include "common/base/clock.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/crypto/digest.h"
#include "common/devapi/server.h"
#include "common/helm/package.h"
#include "common/helm_release/storage.h"
#include "common/http/client.h"
#include "common/http/transport.h"
#include "common/kube/discovery.h"
#include "common/kube/http_client.h"
#include "common/kube/kubeconfig.h"
#include "common/kube/object.h"
#include "common/remote_cluster/clusters.h"
#include "common/value/yaml.h"
#include "services/helm-controller/helm_release/reconciler.h"

namespace sluice::releases {

using helm_controller::CapabilitiesCache;
using helm_controller::HelmReleaseReconciler;
using helm_controller::Options;
using helm_controller::Services;

// Serves what was put into it, by URL.
class ArtifactTransport : public http::Transport {
 public:
  void Put(const std::string& url, std::string bytes) { files_[url] = std::move(bytes); }

  absl::StatusOr<http::Response> Send(const Context&, const http::Request&) override {
    return absl::UnimplementedError("artifacts are streamed");
  }
  absl::Status Stream(const Context&, const http::Request& request, http::OnHead on_head,
                      http::OnData on_data) override {
    const auto found = files_.find(request.url);
    http::Response head;
    head.status = found == files_.end() ? 404 : 200;
    if (absl::Status told = on_head(head); !told.ok()) return told;
    return found == files_.end() ? absl::OkStatus() : on_data(found->second);
  }

 private:
  std::map<std::string, std::string> files_;
};

// A client whose process dies at a chosen write: from then on nothing gets through.
class MortalClient : public kube::Client {
 public:
  explicit MortalClient(kube::Client& inner) : inner_(inner) {}

  // Dies at the `nth` write from now (1 is the next). If `written`, the write itself still gets
  // through, but its answer does not.
  void DieAt(int nth, bool written) {
    left_ = nth;
    written_ = written;
  }
  // Has `stop` stopped by the `nth` write from now.
  void StopAt(int nth, std::stop_source stop) {
    until_stop_ = nth;
    stop_ = std::move(stop);
  }
  void Revive() {
    left_ = 0;
    dead_ = false;
  }
  bool dead() const { return dead_; }

  absl::StatusOr<Value> Do(const Context& ctx, const kube::ApiRequest& request) override {
    const bool writes = request.method != "GET";
    if (writes && until_stop_ > 0 && --until_stop_ == 0) stop_.request_stop();
    if (!dead_ && writes && left_ > 0 && --left_ == 0) {
      dead_ = true;
      if (written_) inner_.Do(ctx, request).IgnoreError();
    }
    if (dead_) return absl::UnavailableError("the process has died");
    return inner_.Do(ctx, request);
  }
  absl::Status WatchStream(const Context& ctx, const kube::ApiRequest& request,
                           const std::function<absl::Status(kube::WatchEvent)>& on_event) override {
    return inner_.WatchStream(ctx, request, on_event);
  }

 private:
  kube::Client& inner_;
  int left_ = 0;
  bool written_ = false;
  bool dead_ = false;
  int until_stop_ = 0;
  std::stop_source stop_;
};

// Objects are in the namespace "default", the HelmRelease is "r", its chart the HelmChart "chart".
class World {
 public:
  // On the API server that SLUICE_TEST_KUBECONFIG names, or one in this process.
  World()
      : server_(RealKubeconfig().empty() ? devapi::DevApiServer::Start({}).value() : nullptr),
        client_(kube::CreateHttpClient(Cluster()).value()),
        mortal_(*client_),
        discovery_(mortal_),
        http_(http::CreateClient({}).value()),
        cloud_{mortal_, *http_, cloud_identity::ProcessEnvironment(), RealClock()},
        clusters_({mortal_, discovery_}, cloud_, tokens_, options_.clusters),
        fetcher_(transport_, {}, RealClock()) {
    options_.process.interval_jitter_percentage = 0;
    for (const char* file :
         {"helm.toolkit.fluxcd.io_helmreleases", "source.toolkit.fluxcd.io_helmcharts",
          "source.toolkit.fluxcd.io_ocirepositories"}) {
      std::ifstream stream(absl::StrCat("charts/sluice/crds/", file, ".yaml"));
      std::stringstream text;
      text << stream.rdbuf();
      Apply(text.str());
    }
    revisions_.Start(Context::Background());
    StartController();
  }

  ~World() {
    if (server_ != nullptr) return;
    // The next test is to find nothing.
    client_->Delete(ctx(), api::KindOrDie("HelmRelease"), {"default", "r"}).IgnoreError();
    for (int i = 0; i < 5 && !Release().is_null(); ++i) Reconcile().status().IgnoreError();
  }

  kube::Client& client() { return *client_; }
  MortalClient& mortal() { return mortal_; }
  Options& options() { return options_; }
  helm_controller::WatchedOwners& owners() { return owners_; }
  // Of the cluster, for a spec.kubeConfig.
  std::string kubeconfig() const { return server_ != nullptr ? server_->Kubeconfig() : ""; }
  const Context ctx() const { return Context::Background().WithTimeout(absl::Minutes(2)); }

  void Apply(const std::string& manifest) {
    const Value object = value::ParseYaml(manifest).value();
    const kube::Resource at = discovery_.Resolve(ctx(), kube::GvkOf(object)).value();
    const auto applied =
        client_->Apply(ctx(), at, object, {.field_manager = "kubectl", .force = true});
    INFO(applied.status());
    REQUIRE(applied.ok());
  }
  // Null if there is none.
  Value Get(const std::string& api_version, const std::string& kind, const std::string& name) {
    const kube::Resource at = discovery_.Resolve(ctx(), kube::ParseGvk(api_version, kind)).value();
    return client_->Get(ctx(), at, {at.namespaced ? "default" : "", name}).value_or(Value());
  }

  // Publishes a chart as source-controller would; `files` are by their paths in the chart.
  void PublishChart(const std::string& name, const std::string& version,
                    const std::vector<helm::ChartFile>& files) {
    helm::Metadata metadata;
    metadata.name = name;
    metadata.version = version;
    metadata.api_version = "v2";
    PublishArchive(helm::Package(metadata, files, absl::UnixEpoch()).value(), version);
  }
  // As the artifact of the source "chart" of `kind`.
  void PublishArchive(const std::string& archive, const std::string& revision,
                      const std::string& kind = "HelmChart") {
    const std::string digest = absl::StrCat("sha256:", crypto::Sha256Hex(archive));
    const std::string url = absl::StrCat("http://source/", digest);
    transport_.Put(url, archive);
    const bool oci = kind == "OCIRepository";
    Apply(absl::StrCat("{apiVersion: source.toolkit.fluxcd.io/v1, kind: ", kind,
                       ", metadata: {name: chart, namespace: default}, spec: {interval: 1m, ",
                       oci ? "url: 'oci://registry/chart'"
                           : "chart: x, sourceRef: {kind: HelmRepository, name: x}",
                       "}}"));
    const Value status = {{"observedGeneration", 1},
                          {"artifact",
                           {{"digest", digest},
                            {"revision", revision},
                            {"url", url},
                            {"path", "x"},
                            {"lastUpdateTime", "2026-01-01T00:00:00Z"}}}};
    const auto patched =
        client_->Patch(ctx(), api::KindOrDie(kind), {"default", "chart"}, kube::PatchType::kMerge,
                       {{"status", status}}, {.field_manager = "source", .subresource = "status"});
    INFO(patched.status());
    REQUIRE(patched.ok());
  }

  // The HelmRelease, with these fields of its spec besides those that it needs.
  void ApplyRelease(const std::string& fields = "") {
    Apply(absl::StrCat(
        "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: r, namespace: "
        "default}, spec: {interval: 10m, timeout: 2s, chartRef: {kind: HelmChart, name: chart}",
        fields.empty() ? "" : ", ", fields, "}}"));
  }
  Value Release() { return Get("helm.toolkit.fluxcd.io/v2", "HelmRelease", "r"); }
  void Annotate(const std::string& key, const std::string& value) {
    client_
        ->Patch(ctx(), api::KindOrDie("HelmRelease"), {"default", "r"}, kube::PatchType::kMerge,
                {{"metadata", {{"annotations", {{key, value}}}}}})
        .IgnoreError();
  }

  // A controller that knows nothing of what another did before.
  void StartController() {
    mortal_.Revive();
    reconciler_.reset();
    memory_.Forget({"default", "r"});
    // Whoever was at work has been dead for a while.
    lease_.emplace(*client_, "default", absl::StrCat("instance-", ++instances_), RealClock());
    events_.emplace(runtime::EventRecorderOptions{"helm-controller", "test", ""}, *client_, nullptr,
                    RealClock());
    reconciler_ = std::make_unique<HelmReleaseReconciler>(
        store_, Services{mortal_, discovery_, clusters_, capabilities_, fetcher_, charts_, *events_,
                         options_, RealClock(), *lease_, sources_, memory_, &revisions_, owners_});
  }
  // One call.
  absl::StatusOr<runtime::Action> ReconcileOnce() { return ReconcileOnce(ctx()); }
  absl::StatusOr<runtime::Action> ReconcileOnce(const Context& ctx) {
    const kube::ObjectKey key = {"default", "r"};
    Value live = Release();
    if (live.is_null()) return runtime::Action::AwaitChange();
    store_.Put(key, std::make_shared<const Value>(std::move(live)));
    if (settles_) AwaitIndex();
    return reconciler_->Reconcile(ctx, key);
  }
  // From now on the watch on revisions may be behind when a reconciliation begins.
  void DoNotSettle() { settles_ = false; }
  // Calls until it no longer wants to be called at once.
  absl::StatusOr<runtime::Action> Reconcile() {
    absl::StatusOr<runtime::Action> action = ReconcileOnce();
    for (int i = 0; i < 10 && action.ok() && action->rate_limited(); ++i) action = ReconcileOnce();
    return action;
  }

  // status.history: "v2 deployed (upgrade)", newest first.
  std::vector<std::string> History() {
    std::vector<std::string> lines;
    const Value release = Release();
    for (const Value& entry : release["status"]["history"].items()) {
      lines.push_back(absl::StrCat("v", entry["version"].int_or(0), " ", entry["status"].str(),
                                   " (", entry["action"].str(), ")"));
    }
    return lines;
  }
  // The revisions in Helm's storage: "v2 deployed", newest first.
  std::vector<std::string> Stored() {
    std::vector<std::string> lines;
    helm_release::Storage storage(*client_, "default", RealClock());
    const auto revisions = storage.List(ctx(), "r").value();
    for (const helm_release::Revision& revision : revisions) {
      lines.push_back(
          absl::StrCat("v", revision.version(), " ", helm_release::ToText(revision.status())));
    }
    return lines;
  }
  // "True InstallSucceeded: text", or "".
  std::string Condition(const std::string& type) {
    const Value release = Release();
    for (const Value& condition : release["status"]["conditions"].items()) {
      if (condition["type"].str() != type) continue;
      return absl::StrCat(condition["status"].str(), " ", condition["reason"].str(), ": ",
                          condition["message"].str());
    }
    return "";
  }
  // Type and reason of the events so far. Waits until they are written.
  std::set<std::string> Events() {
    StartController();  // the end of a recorder sends what is queued
    static const kube::Resource kEvents = {"", "v1", "events", "Event", true};
    std::set<std::string> result;
    const auto events = client_->List(ctx(), kEvents, "default").value();
    for (const Value& event : events.items) {
      result.insert(absl::StrCat(event["type"].str(), " ", event["reason"].str()));
    }
    return result;
  }

 private:
  // Until the index shows what others have just written.
  void AwaitIndex() {
    helm_release::Storage storage(*client_, "default", RealClock());
    const auto there = helm_release::VersionsOf(storage.List(ctx(), "r").value());
    const Context limit = Context::Background().WithTimeout(absl::Seconds(5));
    while (limit.Check().ok()) {
      const auto shown = revisions_.RevisionsOf({"default", "r"});
      if (shown.has_value() && helm_release::VersionsOf(*shown) == there) return;
      RealClock().Sleep(limit, absl::Milliseconds(1)).IgnoreError();
    }
  }
  static std::string RealKubeconfig() {
    const char* const path = std::getenv("SLUICE_TEST_KUBECONFIG");
    return path == nullptr ? "" : path;
  }
  kube::ClusterConfig Cluster() const {
    return server_ == nullptr ? kube::LoadClusterConfig(RealKubeconfig()).value()
                              : kube::ParseKubeconfig(server_->Kubeconfig(), "").value();
  }

  std::unique_ptr<devapi::DevApiServer> server_;
  std::unique_ptr<kube::Client> client_;
  MortalClient mortal_;
  kube::Discovery discovery_;
  Options options_;
  std::unique_ptr<http::Transport> http_;
  cloud_identity::TokenCache tokens_{{}, RealClock()};
  cloud_identity::Services cloud_;
  remote_cluster::Clusters clusters_;
  CapabilitiesCache capabilities_{RealClock()};
  helm_controller::SourceStores sources_{mortal_, /*direct=*/true};
  helm_controller::ReleaseMemory memory_;
  helm_release::RevisionIndex revisions_{*client_, "", RealClock()};
  helm_controller::WatchedOwners owners_;
  ArtifactTransport transport_;
  artifact::Fetcher fetcher_;
  helm::ChartCache charts_;
  runtime::Store store_;
  std::optional<runtime::EventRecorder> events_;
  bool settles_ = true;
  int instances_ = 0;
  std::optional<helm_controller::ActionLease> lease_;
  std::unique_ptr<HelmReleaseReconciler> reconciler_;
};

// A chart whose values decide what goes wrong: `bad` makes an object that the API server refuses,
// `badTest` a test of that kind, `badTemplate` a rendering that fails.
inline std::vector<helm::ChartFile> TroublesomeChart() {
  constexpr char kRefused[] =
      "apiVersion: v1\nkind: Service\nmetadata: {name: refused%s}\nspec: {ports: [{port: "
      "99999999}]}\n";
  const auto refused = [&](const std::string& annotations) {
    std::string text(kRefused);
    text.replace(text.find("%s"), 2, annotations);
    return text;
  };
  return {
      {"values.yaml", "value: one\nbad: false\nbadTest: false\nbadTemplate: false\n"},
      {"templates/config.yaml",
       "{{ if .Values.badTemplate }}{{ fail \"badTemplate is set\" }}{{ end }}\napiVersion: v1\n"
       "kind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-config}\ndata:\n  value: {{ "
       ".Values.value | quote }}\n  revision: {{ .Release.Revision | quote }}\n"},
      {"templates/bad.yaml", absl::StrCat("{{ if .Values.bad }}\n", refused(""), "{{ end }}\n")},
      {"templates/tests/good.yaml",
       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good-test, annotations: {helm.sh/hook: "
       "test}}\n"},
      {"templates/tests/bad.yaml",
       absl::StrCat("{{ if .Values.badTest }}\n", refused(", annotations: {helm.sh/hook: test}"),
                    "{{ end }}\n")},
  };
}

// A world with the troublesome chart, installed with `fields` in its spec.
class Installed : public World {
 public:
  explicit Installed(const std::string& fields = "") {
    PublishChart("web", "1.0.0", TroublesomeChart());
    ApplyRelease(fields);
    REQUIRE(Reconcile().ok());
  }
  std::string Value(const std::string& key = "value") {
    return std::string(Get("v1", "ConfigMap", "r-config")["data"][key].str());
  }
};

}  // namespace sluice::releases
